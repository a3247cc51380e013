/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_symbols.c - modules, symbols, lines, functions and the places where breakpoints go; and every way in which
 * debug information comes or fails to come.
 */
#include "support_image.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct places {
	struct utrace_location all[32];
	int count;
};

static int collect(const struct utrace_location *location, void *data)
{
	struct places *places = data;

	assert_true(places->count < 32);
	places->all[places->count++] = *location;
	return 0;
}

static struct places by_function(struct image_world *world, const char *name)
{
	struct places places = {.count = 0};
	int status = utrace_function_each(world->image, name, collect, &places, &world->talk->error);

	assert_true(status == 0 || (status == UTRACE_NOT_FOUND && !places.count));
	return places;
}

static struct places by_line(struct image_world *world, const char *file, uint32_t line)
{
	struct places places = {.count = 0};
	int status = utrace_line_each(world->image, file, line, collect, &places, &world->talk->error);

	assert_true(status == 0 || (status == UTRACE_NOT_FOUND && !places.count));
	return places;
}

static utrace_module *module_of(struct image_world *world, const char *name)
{
	utrace_module *modules[64];
	size_t count = utrace_image_modules(world->image, modules, 64);

	for (size_t i = 0; i < count; i++) {
		const char *base = strrchr(utrace_module_name(modules[i]), '/');

		if (strcmp(base ? base + 1 : utrace_module_name(modules[i]), name) == 0)
			return modules[i];
	}
	return NULL;
}

/* ---- modules ---- */

static void test_modules(void **state)
{
	const unsigned char *id;
	struct image_world world;
	utrace_module *modules[64];
	size_t count;

	image_start(&world, *state, "stack_walk-O0", NULL);
	count = utrace_image_modules(world.image, modules, 64);
	assert_true(count >= 4);
	for (size_t i = 0; i < count; i++) {
		uint64_t start = utrace_module_start(modules[i]);

		assert_true(start < utrace_module_end(modules[i]));
		assert_true(!i || utrace_module_end(modules[i - 1]) <= start);
		assert_ptr_equal(utrace_module_at(world.image, start), modules[i]);
		assert_ptr_equal(utrace_module_at(world.image, utrace_module_end(modules[i]) - 1), modules[i]);
	}
	assert_null(utrace_module_at(world.image, 0));
	assert_non_null(module_of(&world, "[vdso]"));
	assert_non_null(module_of(&world, "libc.so.6"));
	assert_int_equal(utrace_module_build_id(module_of(&world, "stack_walk-O0"), &id), 20);
	assert_int_equal(utrace_image_refresh(world.image, &world.talk->error), 0);
	assert_ptr_equal(utrace_module_at(world.image, utrace_module_start(modules[0])), modules[0]);
	image_finish(&world);
}

static int count_symbol(const struct utrace_symbol *symbol, void *data)
{
	struct utrace_symbol *last = data;

	*last = *symbol;
	return 0;
}

static void test_elf_symbols(void **state)
{
	struct utrace_symbol found = {.size = sizeof(found)};
	struct utrace_symbol again = {.size = sizeof(again)};
	struct image_world world;
	utrace_module *module;

	image_start(&world, *state, "stack_walk-O0", NULL);
	assert_int_equal(utrace_symbol_each(world.image, NULL, "walk_handler", count_symbol, &found), 0);
	module = module_of(&world, "stack_walk-O0");
	assert_ptr_equal(found.module, module);
	assert_int_equal(found.kind, UTRACE_SYMBOL_FUNCTION);
	assert_int_equal(found.is_global, 0);
	assert_true(found.length > 0);
	for (uint64_t into = 0; into < found.length; into += found.length - 1) {
		talk_ok(world.talk, utrace_symbol_at(world.image, found.address + into, &again, &world.talk->error));
		assert_string_equal(again.name, "walk_handler");
		assert_int_equal(again.address, found.address);
	}
	/* A stub of the linkage table has a name too, and the vdso's symbols come out of memory. */
	found.name = NULL;
	(void)utrace_symbol_each(world.image, module, "raise@plt", count_symbol, &found);
	assert_non_null(found.name);
	assert_int_equal(found.kind, UTRACE_SYMBOL_PLT);
	found.name = NULL;
	(void)utrace_symbol_each(world.image, NULL, "__vdso_gettimeofday", count_symbol, &found);
	assert_non_null(found.name);
	assert_string_equal(utrace_module_name(found.module), "[vdso]");
	talk_fails(world.talk, UTRACE_NOT_FOUND, utrace_symbol_at(world.image, 16, &again, &world.talk->error));
	again.size = 0;
	talk_fails(world.talk, UTRACE_INVALID,
		   utrace_symbol_at(world.image, found.address, &again, &world.talk->error));
	image_finish(&world);
}

/* ---- functions and lines ---- */

#define C_SOURCE "symbols/stack_walk.c"

static void check_lines(struct image_world *world)
{
	struct places places = by_line(world, "stack_walk.c", image_mark(C_SOURCE, "recursion"));
	struct utrace_line line = {.size = sizeof(line)};
	struct utrace_function functions[4] = {{.size = sizeof(functions[0])}};

	assert_int_equal(places.count, 1);
	assert_string_equal(places.all[0].function, "walk_recursive");
	talk_ok(world->talk, utrace_line_at(world->image, places.all[0].address, &line, &world->talk->error));
	assert_int_equal(line.line, image_mark(C_SOURCE, "recursion"));
	assert_int_equal(line.start, places.all[0].address);
	assert_true(line.end > line.start && line.is_statement);
	/* By more of its path, by too much, by a part of a name. */
	assert_int_equal(by_line(world, "symbols/stack_walk.c", image_mark(C_SOURCE, "recursion")).count, 1);
	assert_int_equal(by_line(world, line.file, image_mark(C_SOURCE, "recursion")).count, 1);
	assert_int_equal(by_line(world, "elsewhere/stack_walk.c", image_mark(C_SOURCE, "recursion")).count, 0);
	assert_int_equal(by_line(world, "walk.c", image_mark(C_SOURCE, "recursion")).count, 0);
	assert_int_equal(by_line(world, "stack_walk.c", 100000).count, 0);
	/* A line without code gives the next that has. */
	places = by_line(world, "stack_walk.c", 1);
	assert_true(places.count >= 1 && places.all[0].line > 1);
	/* The inlined body's line is in the function that it is inlined in. */
	places = by_line(world, "stack_walk.c", image_mark(C_SOURCE, "inlined"));
	assert_int_equal(places.count, 1);
	assert_true(places.all[0].is_inlined);
	assert_int_equal(utrace_function_at(world->image, places.all[0].address, functions, 4, &world->talk->error), 2);
	assert_string_equal(functions[0].name, "walk_inlined");
	assert_true(functions[0].is_inlined && !functions[1].is_inlined);
	assert_int_equal(functions[0].call_line, image_mark(C_SOURCE, "call of inlined"));
	assert_string_equal(functions[1].name, "walk_handler");
	assert_true(functions[1].entry <= places.all[0].address && places.all[0].address < functions[1].end);
}

static void check_functions(struct image_world *world, bool is_optimised)
{
	struct places places = by_function(world, "walk_recursive");

	assert_int_equal(places.count, 1);
	assert_false(places.all[0].is_inlined);
	/* After the prologue, where arguments can be read; in optimised code they can from the start. */
	assert_int_equal(places.all[0].address == places.all[0].entry, is_optimised);
	assert_string_equal(strrchr(places.all[0].file, '/'), "/stack_walk.c");
	places = by_function(world, "walk_inlined");
	assert_int_equal(places.count, 1);
	assert_true(places.all[0].is_inlined);
	assert_int_equal(by_function(world, "walk_nothing").count, 0);
	assert_int_equal(by_function(world, "walk_").count, 0);
}

static void check_way(void **state, const char *way)
{
	struct image_world world;
	char name[64];

	(void)snprintf(name, sizeof(name), "stack_walk-%s", way);
	image_start(&world, *state, name, NULL);
	check_functions(&world, strcmp(way, "O2") == 0);
	check_lines(&world);
	image_finish(&world);
}

#define WAY(way)                                                                                                       \
	static void test_lines_##way(void **state)                                                                     \
	{                                                                                                              \
		check_way(state, #way);                                                                                \
	}

WAY(O0)
WAY(O2)
WAY(dwarf2)
WAY(dwarf3)
WAY(dwarf4)
WAY(dwarf5)
WAY(split4)
WAY(split5)
WAY(nopie)
WAY(static)
WAY(compressed)
WAY(32)
WAY(linked)

static void expect_count(struct image_world *world, const char *name, int count)
{
	int found = by_function(world, name).count;

	if (found != count)
		fail_msg("%s: %d places, not %d", name, found, count);
}

static void test_cxx(void **state)
{
	struct image_world world;
	utrace_variable *variable;
	char *text;

	image_start(&world, *state, "names", NULL);
	expect_count(&world, "outer::get", 2);
	expect_count(&world, "outer::get(double)", 1);
	expect_count(&world, "outer::get(char const*)", 1);
	expect_count(&world, "outer::inner::get", 1);
	expect_count(&world, "inner::get", 1);
	expect_count(&world, "thing::get", 1);
	expect_count(&world, "outer::thing::get(int) const", 1);
	expect_count(&world, "everywhere", 2);
	expect_count(&world, "twice", 2);
	expect_count(&world, "twice<int>", 1);
	expect_count(&world, "_ZN5outer5inner3getEi", 1);
	expect_count(&world, "wrong::get", 0);
	assert_true(by_function(&world, "get").count >= 4);
	assert_int_equal(by_function(&world, "outer::inner::get").all[0].line,
			 image_mark("symbols/names.cc", "inner::get"));
	talk_ok(world.talk,
		utrace_variable_find(world.image, NULL, "outer::thing::made", &variable, &world.talk->error));
	text = utrace_symbol_demangle("_ZN5outer5inner3getEi");
	assert_non_null(text);
	assert_string_equal(text, "outer::inner::get(int)");
	free(text);
	assert_null(utrace_symbol_demangle("main"));
	image_finish(&world);
}

/* ---- where debug information comes from ---- */

static void open_image(struct image_world *world, const char *directories)
{
	struct utrace_symbols_options options = {.size = sizeof(options), .debug_directories = directories};

	utrace_image_close(world->image);
	utrace_symbols_unref(world->symbols);
	talk_ok(world->talk, utrace_symbols_create(&options, &world->symbols, &world->talk->error));
	talk_ok(world->talk,
		utrace_image_open(world->symbols, world->talk->victim.process, &world->image, &world->talk->error));
}

static void test_by_build_id(void **state)
{
	struct image_world world;
	utrace_module *module;

	image_start(&world, *state, "values-id", NULL);
	module = module_of(&world, "values-id");
	talk_fails(world.talk, UTRACE_NOT_FOUND, utrace_module_debug_state(module, &world.talk->error));
	assert_null(utrace_module_debug_name(module));
	open_image(&world, "/nonexistent:" UTRACE_VICTIMS "/debug");
	module = module_of(&world, "values-id");
	talk_ok(world.talk, utrace_module_debug_state(module, &world.talk->error));
	assert_non_null(strstr(utrace_module_debug_name(module), "/debug/.build-id/"));
	assert_int_equal(by_function(&world, "values_wait").count, 1);
	image_finish(&world);
}

static void need_victim(const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	if (access(path, X_OK))
		skip();
}

static void test_mini_debug_information(void **state)
{
	struct utrace_symbol found = {.name = NULL};
	struct image_world world;

	need_victim("values-mini");
	image_start(&world, *state, "values-mini", NULL);
	(void)utrace_symbol_each(world.image, NULL, "values_wait", count_symbol, &found);
	assert_non_null(found.name);
	assert_string_equal(utrace_frame_function(image_find_frame(&world, 0, "values_gone")), "values_gone");
	assert_int_equal(by_function(&world, "values_wait").count, 1);
	image_finish(&world);
}

static void test_shared_by_dwz(void **state)
{
	struct image_world world;
	utrace_variable *variable;
	utrace_type *type;
	int value = 0;

	need_victim("values-dwz");
	image_start(&world, *state, "values-dwz", NULL);
	assert_int_equal(by_function(&world, "values_wait").count, 1);
	talk_ok(world.talk, utrace_type_find(world.image, 0, "struct outer", &type, &world.talk->error));
	assert_int_equal(utrace_type_is_declaration(type), 0);
	talk_ok(world.talk, utrace_variable_find(world.image, NULL, "global_number", &variable, &world.talk->error));
	assert_int_equal(utrace_variable_read(variable, NULL, &value, sizeof(value), &world.talk->error),
			 sizeof(value));
	assert_int_equal(value, 42);
	image_finish(&world);
}

/* ---- files that are not what they were ---- */

static void copy(const char *from, const char *to)
{
	char command[1200];

	(void)snprintf(command, sizeof(command), "cp %s/%s %s.new && mv %s.new %s", UTRACE_VICTIMS, from, to, to, to);
	assert_int_equal(system(command), 0);
}

static void start_copy(struct image_world *world, struct talk_world *talk, char *path)
{
	char directory[] = "/tmp/utrace-symbols-XXXXXX";
	const char *const argv[] = {path, NULL};

	assert_non_null(mkdtemp(directory));
	(void)sprintf(path, "%s/program", directory);
	copy("stack_walk-O0", path);
	*world = (struct image_world){.talk = talk};
	talk_start_ready(&talk->victim, argv);
}

static void remove_copy(char *path)
{
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	(void)rmdir(path);
}

static void test_deleted_file(void **state)
{
	struct image_world world;
	char path[64];

	start_copy(&world, *state, path);
	assert_int_equal(unlink(path), 0);
	image_hold(&world);
	assert_int_equal(by_function(&world, "walk_recursive").count, 1);
	assert_non_null(image_find_frame(&world, 0, "walk_recursive"));
	image_finish(&world);
	remove_copy(path);
}

/* Another program in its place: the mapped one is found through the kernel. */
static void test_replaced_file(void **state)
{
	struct image_world world;
	char path[64];

	start_copy(&world, *state, path);
	copy("values-O0", path);
	image_hold(&world);
	assert_int_equal(by_function(&world, "walk_recursive").count, 1);
	assert_int_equal(by_function(&world, "values_wait").count, 0);
	image_finish(&world);
	remove_copy(path);
}

static uint64_t note_address(struct image_world *world, utrace_module *module)
{
	const unsigned char *id;
	size_t size = utrace_module_build_id(module, &id);
	unsigned char head[4096];
	unsigned char *at;

	assert_int_equal(
		utrace_memory_read(world->talk->victim.process, utrace_module_start(module), head, sizeof(head), NULL),
		sizeof(head));
	at = memmem(head, sizeof(head), id, size);
	assert_non_null(at);
	return utrace_module_start(module) + (uint64_t)(at - head);
}

/* Memory that says another build ID than every file that can be found for it: the state is that, and the memory's own
 * symbols are used. */
static void test_changed_file(void **state)
{
	struct image_world world;
	utrace_module *module;

	image_start(&world, *state, "stack_walk-O0", NULL);
	assert_int_equal(utrace_memory_write(world.talk->victim.process,
					     note_address(&world, module_of(&world, "stack_walk-O0")), "other", 5,
					     NULL),
			 5);
	open_image(&world, NULL);
	module = module_of(&world, "stack_walk-O0");
	talk_fails(world.talk, UTRACE_WRONG_STATE, utrace_module_debug_state(module, &world.talk->error));
	assert_int_equal(by_function(&world, "walk_recursive").count, 0);
	assert_true(utrace_stack_depth(image_stack(&world)) >= 12);
	image_finish(&world);
}

/* A hundred images of one program are one read: the second and later ones cost next to no memory and give the same
 * strings. */
static void test_shared_cache(void **state)
{
	struct utrace_line line = {.size = sizeof(line)};
	struct utrace_line other = {.size = sizeof(other)};
	struct image_world world;
	uint64_t address;

	image_start(&world, *state, "stack_walk-O0", NULL);
	address = by_function(&world, "walk_recursive").all[0].address;
	talk_ok(world.talk, utrace_line_at(world.image, address, &line, &world.talk->error));
	for (int i = 0; i < 100; i++) {
		utrace_image *image;

		talk_ok(world.talk,
			utrace_image_open(world.symbols, world.talk->victim.process, &image, &world.talk->error));
		talk_ok(world.talk, utrace_line_at(image, address, &other, &world.talk->error));
		assert_ptr_equal(other.file, line.file);
		utrace_image_close(image);
	}
	image_finish(&world);
}

static void test_options(void **state)
{
	struct utrace_symbols_options options = {.size = sizeof(options)};
	struct talk_world *talk = *state;
	struct {
		struct utrace_symbols_options options;
		int more;
	} newer = {.options = {.size = sizeof(newer)}, .more = 1};
	utrace_symbols *symbols;
	utrace_image *image;

	talk_fails(talk, UTRACE_INVALID, utrace_symbols_create(&newer.options, &symbols, &talk->error));
	talk_ok(talk, utrace_symbols_create(&options, &symbols, &talk->error));
	talk_fails(talk, UTRACE_INVALID, utrace_image_open(symbols, NULL, &image, &talk->error));
	utrace_symbols_unref(utrace_symbols_ref(symbols));
	utrace_symbols_unref(symbols);
	utrace_symbols_unref(NULL);
	utrace_image_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_modules),          TEST(test_elf_symbols),
		TEST(test_lines_O0),         TEST(test_lines_O2),
		TEST(test_lines_dwarf2),     TEST(test_lines_dwarf3),
		TEST(test_lines_dwarf4),     TEST(test_lines_dwarf5),
		TEST(test_lines_split4),     TEST(test_lines_split5),
		TEST(test_lines_nopie),      TEST(test_lines_static),
		TEST(test_lines_compressed), TEST(test_lines_32),
		TEST(test_lines_linked),     TEST(test_cxx),
		TEST(test_by_build_id),      TEST(test_mini_debug_information),
		TEST(test_shared_by_dwz),    TEST(test_deleted_file),
		TEST(test_replaced_file),    TEST(test_changed_file),
		TEST(test_shared_cache),     TEST(test_options),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
