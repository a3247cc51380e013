/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/pthread.c - see pthread.h. Descriptions are read from the C library's file when first asked for and kept with
 * the image until its modules change.
 */
#include "sym/pthread.h"

#include <stdlib.h>
#include <string.h>

struct description {
	bool looked, found;
	uint32_t bits, count, offset;
};

struct tls {
	unsigned word;
	struct description fields[UT__FIELDS];
};

static const char *const names[UT__FIELDS] = {
	[UT__PTHREAD_TID] = "_thread_db_pthread_tid",
	[UT__PTHREAD_LIST] = "_thread_db_pthread_list",
	[UT__PTHREAD_DTVP] = "_thread_db_pthread_dtvp",
	[UT__LIST_NEXT] = "_thread_db_list_t_next",
	[UT__MAP_MODID] = "_thread_db_link_map_l_tls_modid",
	[UT__MAP_OFFSET] = "_thread_db_link_map_l_tls_offset",
	[UT__DTV_DTV] = "_thread_db_dtv_dtv",
	[UT__DTV_COUNTER] = "_thread_db_dtv_t_counter",
	[UT__DTV_POINTER] = "_thread_db_dtv_t_pointer_val",
	[UT__SLOTS_LEN] = "_thread_db_dtv_slotinfo_list_len",
	[UT__SLOTS_NEXT] = "_thread_db_dtv_slotinfo_list_next",
	[UT__SLOTS_SLOT] = "_thread_db_dtv_slotinfo_list_slotinfo",
	[UT__SLOT_GEN] = "_thread_db_dtv_slotinfo_gen",
	[UT__RTLD_USER] = "_thread_db_rtld_global__dl_stack_user",
	[UT__RTLD_USED] = "_thread_db_rtld_global__dl_stack_used",
	[UT__RTLD_SLOTS] = "_thread_db_rtld_global__dl_tls_dtv_slotinfo_list",
};

/* The same variables where there is no struct rtld_global: static programs, and glibc before 2.34. */
static const char *const variables[UT__FIELDS][2] = {
	[UT__RTLD_USER] = {"_dl_stack_user", "__stack_user"},
	[UT__RTLD_USED] = {"_dl_stack_used", "stack_used"},
	[UT__RTLD_SLOTS] = {"_dl_tls_dtv_slotinfo_list", NULL},
};

void ut__tls_free(utrace_image *image)
{
	free(image->tls);
	image->tls = NULL;
}

static struct tls *need_tls(utrace_image *image)
{
	struct tls *tls = image->tls;

	if (tls)
		return tls;
	tls = calloc(1, sizeof(*tls));
	if (!tls || ut__image_need_maps(image, NULL)) {
		free(tls);
		return NULL;
	}
	for (size_t i = 0; i < image->module_count && !tls->word; i++) {
		struct ut__file *file = ut__module_file(image->modules[i], NULL);

		tls->word = file ? file->bits / 8 : 0;
	}
	image->tls = tls;
	return tls;
}

unsigned ut__word(utrace_image *image)
{
	struct tls *tls = need_tls(image);

	return tls && tls->word ? tls->word : 8;
}

int ut__read_word(utrace_image *image, uint64_t address, uint64_t *value, struct utrace_error *error)
{
	*value = 0;
	return ut__image_read(image, address, value, ut__word(image), error);
}

struct found {
	uint64_t address;
	utrace_module *module;
};

static int take(const struct utrace_symbol *symbol, void *data)
{
	struct found *found = data;

	if (symbol->kind != UTRACE_SYMBOL_OBJECT && symbol->kind != UTRACE_SYMBOL_OTHER)
		return 0;
	*found = (struct found){symbol->address, symbol->module};
	return 1;
}

bool ut__find_object(utrace_image *image, const char *name, uint64_t *address)
{
	struct found found = {0};

	if (utrace_symbol_each(image, NULL, name, take, &found) != 1)
		return false;
	*address = found.address;
	return true;
}

static const struct description *describe(utrace_image *image, enum ut__field field)
{
	struct tls *tls = need_tls(image);
	struct description *description = tls ? &tls->fields[field] : NULL;
	struct found found = {0};
	uint32_t numbers[3];

	if (!description || description->looked)
		return description && description->found ? description : NULL;
	description->looked = true;
	if (utrace_symbol_each(image, NULL, names[field], take, &found) != 1 ||
	    ut__file_bytes(found.module->file, found.address - found.module->bias, numbers, sizeof(numbers)) !=
		    sizeof(numbers))
		return NULL;
	description->bits = numbers[0];
	description->count = numbers[1];
	description->offset = numbers[2];
	description->found = true;
	return description;
}

static int fail_description(utrace_image *image, enum ut__field field, struct utrace_error *error)
{
	return ut__fail(error, UTRACE_UNSUPPORTED, 0, "The C library of process %d does not describe its threads (%s).",
			utrace_process_pid(image->process), names[field]);
}

int ut__field_address(utrace_image *image, enum ut__field field, uint64_t structure, uint64_t index, uint64_t *address,
		      struct utrace_error *error)
{
	const struct description *description = describe(image, field);

	if (!description)
		return fail_description(image, field, error);
	*address = structure + description->offset + index * (description->bits / 8);
	return UTRACE_OK;
}

int ut__field_read(utrace_image *image, enum ut__field field, uint64_t structure, uint64_t index, uint64_t *value,
		   struct utrace_error *error)
{
	const struct description *description = describe(image, field);
	uint64_t address = 0;
	int status = ut__field_address(image, field, structure, index, &address, error);
	size_t bytes;

	*value = 0;
	if (status)
		return status;
	bytes = description->bits / 8;
	if (!bytes || bytes > sizeof(*value))
		return ut__fail(error, UTRACE_INVALID, 0, "The C library's description %s is damaged.", names[field]);
	return ut__image_read(image, address, value, bytes, error);
}

int ut__linker_variable(utrace_image *image, enum ut__field field, uint64_t *address, struct utrace_error *error)
{
	uint64_t global;

	if (describe(image, field) && ut__find_object(image, "_rtld_global", &global))
		return ut__field_address(image, field, global, 0, address, error);
	for (int i = 0; i < 2; i++) {
		if (variables[field][i] && ut__find_object(image, variables[field][i], address))
			return UTRACE_OK;
	}
	return fail_description(image, field, error);
}
