/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/linkmap.c - libraries by the names that the dynamic linker gave them, which are those that people know.
 *
 * The kernel tells a file's real path, /usr/lib/x86_64-linux-gnu/libc.so.6; the linker was asked for /lib/....  Its list
 * is at _r_debug (System V ABI, <link.h>: struct r_debug, struct link_map).
 */
#include <string.h>

#include "expr.h"
#include "source.h"

enum { MAPS_MAX = 4096 };

static bool read_word(struct gdb *gdb, uint64_t address, uint64_t *word)
{
	unsigned char bytes[8];
	size_t size = pointer_size(gdb);

	if (utrace_image_read(gdb->image, address, bytes, size, NULL) != (ssize_t)size)
		return false;
	*word = load_unsigned(bytes, size);
	return true;
}

static int take_address(const struct utrace_symbol *symbol, void *data)
{
	*(uint64_t *)data = symbol->address;
	return 1;
}

static const char *string_at(struct gdb *gdb, uint64_t address)
{
	char text[1024] = "";
	ssize_t got = utrace_image_read(gdb->image, address, text, sizeof(text) - 1, NULL);

	return got > 0 && *text ? arena_string(&gdb->kept, text) : NULL;
}

/* struct link_map: l_addr, l_name, l_ld, l_next. */
static const char *name_in_list(struct gdb *gdb, uint64_t map, uint64_t bias)
{
	size_t size = pointer_size(gdb);
	uint64_t base, name;

	for (int i = 0; map && i < MAPS_MAX; i++) {
		if (!read_word(gdb, map, &base) || !read_word(gdb, map + size, &name))
			return NULL;
		if (base == bias && name)
			return string_at(gdb, name);
		if (!read_word(gdb, map + 3 * size, &map))
			return NULL;
	}
	return NULL;
}

struct interpreter {
	struct gdb *gdb;
	const char *name;
};

static int take_interpreter(const struct utrace_section *section, void *data)
{
	struct interpreter *interpreter = data;

	if (strcmp(section->name, ".interp") != 0)
		return 0;
	interpreter->name = string_at(interpreter->gdb, section->start);
	return 1;
}

/* Before the linker has begun: the program names it. */
static const char *name_of_interpreter(struct gdb *gdb, const char *path)
{
	struct interpreter interpreter = {.gdb = gdb};
	utrace_module *modules[64];
	size_t count = utrace_image_modules(gdb->image, modules, 64);
	const char *base;

	for (size_t i = 0; i < count && i < 64; i++)
		if (is_main_module(gdb, modules[i]))
			(void)utrace_section_each(modules[i], take_interpreter, &interpreter);
	base = interpreter.name ? strrchr(interpreter.name, '/') : NULL;
	if (!base || strcmp(base, strrchr(path, '/')) != 0)
		return NULL;
	return interpreter.name;
}

static const char *keep_name(struct gdb *gdb, const utrace_module *module, const char *name)
{
	struct module_alias *alias = arena_alloc(&gdb->kept, sizeof(*alias));

	*alias = (struct module_alias){.next = gdb->module_aliases, .module = module, .name = name};
	gdb->module_aliases = alias;
	return name;
}

const char *module_name(struct gdb *gdb, utrace_module *module)
{
	const char *path = utrace_module_name(module);
	uint64_t debug = 0;
	uint64_t list;
	const char *name = NULL;

	if (*path != '/' || is_main_module(gdb, module))
		return path;
	for (const struct module_alias *alias = gdb->module_aliases; alias; alias = alias->next)
		if (alias->module == module)
			return alias->name;
	(void)utrace_symbol_each(gdb->image, NULL, "_r_debug", take_address, &debug);
	if (debug && read_word(gdb, debug + pointer_size(gdb), &list))
		name = name_in_list(gdb, list, utrace_module_bias(module));
	if (name && *name == '/')
		return keep_name(gdb, module, name);
	name = name_of_interpreter(gdb, path);
	return name ? name : path;
}
