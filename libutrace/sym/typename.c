/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/typename.c - finding a type by the name that C writes. The words of a base type come in any order and compilers
 * differ in theirs, so what is looked for is each of their spellings. Base types exist also where no file describes
 * them.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/type.h"

struct wanted {
	uint32_t kind; /* 0: any */
	const char *name;
	utrace_type *found;
};

bool ut__is_type_tag(int tag)
{
	switch (tag) {
	case DW_TAG_base_type:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_typedef:
	case DW_TAG_template_alias:
	case DW_TAG_interface_type:
		return true;
	default:
		return false;
	}
}

/* struct and class are one kind to those who ask. */
static bool is_kind(uint32_t found, uint32_t wanted)
{
	if (wanted == UTRACE_TYPE_CLASS)
		wanted = UTRACE_TYPE_STRUCT;
	if (found == UTRACE_TYPE_CLASS)
		found = UTRACE_TYPE_STRUCT;
	return !wanted || found == wanted;
}

static bool look_in(struct ut__file *file, struct ut__unit *unit, void *data)
{
	struct wanted *wanted = data;

	ut__unit_need_names(unit);
	for (size_t i = 0; i < unit->name_count; i++) {
		utrace_type *type;
		Dwarf_Die die;

		if (!ut__is_type_tag(unit->names[i].tag) || !unit->names[i].name ||
		    !ut__name_matches(unit, i, wanted->name) || !ut__unit_entry(unit, unit->names[i].entry, &die))
			continue;
		type = ut__type_of_die(file, &die);
		if (!type || !is_kind(type->kind, wanted->kind))
			continue;
		if (!wanted->found || wanted->found->is_declaration)
			wanted->found = type;
		if (!type->is_declaration)
			return false;
	}
	return true;
}

static utrace_type *find_named(utrace_image *image, uint32_t kind, const char *name)
{
	struct wanted wanted = {.kind = kind, .name = name};
	char *last = ut__name_last(name);

	for (size_t i = 0; last && i < image->module_count && (!wanted.found || wanted.found->is_declaration); i++) {
		struct ut__file *file = ut__module_file(image->modules[i], NULL);

		if (file && ut__file_dwarf(file, NULL))
			ut__file_find(file, last, look_in, &wanted);
	}
	free(last);
	return wanted.found;
}

/* ---- base types ---- */

struct base {
	const char *names[3]; /* gcc's, clang's, and another */
	uint32_t kind;
	uint8_t size64, size32;
	bool is_signed;
	/* the words that it is made of */
	uint8_t longs, shorts, sign; /* sign: 1 signed, 2 unsigned */
	const char *core;            /* "int", "char", "double", ... */
};

static const struct base bases[] = {
	{{"char"}, UTRACE_TYPE_CHAR, 1, 1, true, 0, 0, 0, "char"},
	{{"signed char"}, UTRACE_TYPE_CHAR, 1, 1, true, 0, 0, 1, "char"},
	{{"unsigned char"}, UTRACE_TYPE_CHAR, 1, 1, false, 0, 0, 2, "char"},
	{{"short int", "short"}, UTRACE_TYPE_INTEGER, 2, 2, true, 0, 1, 1, "int"},
	{{"short unsigned int", "unsigned short"}, UTRACE_TYPE_INTEGER, 2, 2, false, 0, 1, 2, "int"},
	{{"int"}, UTRACE_TYPE_INTEGER, 4, 4, true, 0, 0, 1, "int"},
	{{"unsigned int"}, UTRACE_TYPE_INTEGER, 4, 4, false, 0, 0, 2, "int"},
	{{"long int", "long"}, UTRACE_TYPE_INTEGER, 8, 4, true, 1, 0, 1, "int"},
	{{"long unsigned int", "unsigned long"}, UTRACE_TYPE_INTEGER, 8, 4, false, 1, 0, 2, "int"},
	{{"long long int", "long long"}, UTRACE_TYPE_INTEGER, 8, 8, true, 2, 0, 1, "int"},
	{{"long long unsigned int", "unsigned long long"}, UTRACE_TYPE_INTEGER, 8, 8, false, 2, 0, 2, "int"},
	{{"float"}, UTRACE_TYPE_FLOAT, 4, 4, true, 0, 0, 0, "float"},
	{{"double"}, UTRACE_TYPE_FLOAT, 8, 8, true, 0, 0, 0, "double"},
	{{"long double"}, UTRACE_TYPE_FLOAT, 16, 12, true, 1, 0, 0, "double"},
	{{"_Bool", "bool"}, UTRACE_TYPE_BOOL, 1, 1, false, 0, 0, 0, "_Bool"},
	{{"__int128"}, UTRACE_TYPE_INTEGER, 16, 16, true, 0, 0, 1, "__int128"},
	{{"__int128 unsigned", "unsigned __int128"}, UTRACE_TYPE_INTEGER, 16, 16, false, 0, 0, 2, "__int128"},
};

struct words {
	uint8_t longs, shorts, sign;
	const char *core;
};

static bool take_word(struct words *words, const char *word, size_t length)
{
	static const char *const cores[] = {"int", "char", "float", "double", "_Bool", "__int128"};

	if (length == 4 && strncmp(word, "long", 4) == 0)
		return ++words->longs <= 2;
	if (length == 5 && strncmp(word, "short", 5) == 0)
		return ++words->shorts <= 1;
	if (length == 6 && strncmp(word, "signed", 6) == 0)
		return (words->sign = 1);
	if (length == 8 && strncmp(word, "unsigned", 8) == 0)
		return (words->sign = 2);
	if (length == 4 && strncmp(word, "bool", 4) == 0)
		return (words->core = "_Bool") != NULL;
	for (size_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++) {
		if (strlen(cores[i]) == length && strncmp(cores[i], word, length) == 0 && !words->core) {
			words->core = cores[i];
			return true;
		}
	}
	return false;
}

static const struct base *find_base(const char *name)
{
	struct words words = {0};

	while (*name) {
		size_t length = strcspn(name, " ");

		if (length && !take_word(&words, name, length))
			return NULL;
		name += length + (name[length] == ' ');
	}
	if (!words.core && (words.longs || words.shorts || words.sign))
		words.core = "int";
	if (words.core && (strcmp(words.core, "int") == 0 || strcmp(words.core, "__int128") == 0) && !words.sign)
		words.sign = 1;
	for (size_t i = 0; words.core && i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (strcmp(bases[i].core, words.core) == 0 && bases[i].longs == words.longs &&
		    bases[i].shorts == words.shorts && bases[i].sign == words.sign)
			return &bases[i];
	}
	return NULL;
}

static struct ut__file *any_file(utrace_image *image)
{
	for (size_t i = 0; i < image->module_count; i++) {
		struct ut__file *file = ut__module_file(image->modules[i], NULL);

		if (file)
			return file;
	}
	return NULL;
}

static utrace_type *find_or_make_base(utrace_image *image, const struct base *base)
{
	struct ut__file *file;
	utrace_type *type = NULL;

	for (size_t i = 0; i < 3 && base->names[i] && !type; i++)
		type = find_named(image, 0, base->names[i]);
	if (type)
		return type;
	file = any_file(image);
	return file ? ut__type_make(file, base->kind, base->names[0], file->bits == 64 ? base->size64 : base->size32,
				    base->is_signed)
		    : NULL;
}

static const struct {
	const char *prefix;
	uint32_t kind;
} prefixes[] = {
	{"struct ", UTRACE_TYPE_STRUCT},
	{"class ", UTRACE_TYPE_CLASS},
	{"union ", UTRACE_TYPE_UNION},
	{"enum ", UTRACE_TYPE_ENUM},
};

static utrace_type *find_plain(utrace_image *image, uint32_t kind, const char *name)
{
	const struct base *base = find_base(name);

	if (base)
		return find_or_make_base(image, base);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i].prefix);

		if (strncmp(name, prefixes[i].prefix, length) == 0) {
			kind = prefixes[i].kind;
			name += length + strspn(name + length, " ");
			break;
		}
	}
	return *name ? find_named(image, kind, name) : NULL;
}

static utrace_type *make_void_pointer(utrace_image *image)
{
	struct ut__file *file = any_file(image);

	return file ? ut__type_make(file, UTRACE_TYPE_POINTER, NULL, file->bits / 8, false) : NULL;
}

/* The name without leading and trailing blanks and trailing stars, of which *stars says how many there were. */
static char *trim(const char *name, int *stars)
{
	size_t length;

	name += strspn(name, " \t");
	length = strlen(name);
	*stars = 0;
	while (length && strchr(" \t*", name[length - 1]))
		*stars += name[--length] == '*';
	return strndup(name, length);
}

static int find_type(utrace_image *image, uint32_t kind, const char *name, utrace_type **type,
		     struct utrace_error *error)
{
	int stars;
	char *plain = trim(name, &stars);

	if (!plain)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a type's name.");
	if (strcmp(plain, "void") == 0 && stars) {
		*type = make_void_pointer(image);
		stars--;
	} else if (*plain) {
		*type = find_plain(image, kind, plain);
	}
	free(plain);
	while (*type && stars-- > 0)
		*type = utrace_type_pointer_to(*type);
	if (*type)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "No module describes a type \"%s\".", name);
}

int utrace_type_find(utrace_image *image, uint32_t kind, const char *name, utrace_type **type,
		     struct utrace_error *error)
{
	int status;

	*type = NULL;
	if (!name || !*name)
		return ut__fail(error, UTRACE_INVALID, 0, "The type's name is empty.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	if (!status)
		status = find_type(image, kind, name, type, error);
	ut__sym_unlock(image->symbols);
	return status;
}

utrace_type *utrace_type_complete(utrace_image *image, utrace_type *type)
{
	utrace_type *plain = utrace_type_strip(type);
	utrace_type *found = NULL;

	if (!plain || !plain->is_declaration || !plain->name)
		return type;
	ut__sym_lock(image->symbols);
	if (!ut__image_need_maps(image, NULL))
		found = find_named(image, plain->kind, plain->name);
	ut__sym_unlock(image->symbols);
	return found && !found->is_declaration ? found : type;
}

int utrace_type_of_function(utrace_image *image, uint64_t address, utrace_type **type, struct utrace_error *error)
{
	const struct ut__chain *chain = NULL;
	utrace_module *module;
	uint64_t elf_address = 0;
	int status;
	Dwarf_Die die;

	*type = NULL;
	ut__sym_lock(image->symbols);
	status = ut__image_find(image, address, &module, &elf_address, error);
	if (!status)
		chain = ut__file_chain(module->file, elf_address);
	if (!status && chain) {
		die = chain->dies[chain->count - 1];
		*type = ut__type_of_die(module->file, &die);
	}
	ut__sym_unlock(image->symbols);
	if (!status && !*type)
		status = ut__fail(error, UTRACE_NOT_FOUND, 0, "No function with a type has the address %#llx.",
				  (unsigned long long)address);
	return status;
}
