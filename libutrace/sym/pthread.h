/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/pthread.h - what the C library says of its own structures.
 *
 * glibc has, for libthread_db, a symbol per field: three 32-bit numbers, size in bits, number of elements, offset in
 * bytes. (nptl_db/structs.def and db-descriptor.h; GLIBC_PRIVATE, but there since 2003 and kept by what it is for)
 */
#ifndef UT_SYM_PTHREAD_H
#define UT_SYM_PTHREAD_H

#include "sym/sym.h"

enum ut__field {
	UT__PTHREAD_TID,
	UT__PTHREAD_LIST,
	UT__PTHREAD_DTVP,
	UT__LIST_NEXT,
	UT__MAP_MODID,
	UT__MAP_OFFSET,
	UT__DTV_DTV,
	UT__DTV_COUNTER,
	UT__DTV_POINTER,
	UT__SLOTS_LEN,
	UT__SLOTS_NEXT,
	UT__SLOTS_SLOT,
	UT__SLOT_GEN,
	UT__RTLD_USER,
	UT__RTLD_USED,
	UT__RTLD_SLOTS,
	UT__FIELDS,
};

/* Reads a field of a structure in the tracee: the element `index` of it. UTRACE_UNSUPPORTED: the C library does not
 * describe it. */
int ut__field_read(utrace_image *image, enum ut__field field, uint64_t structure, uint64_t index, uint64_t *value,
		   struct utrace_error *error);
int ut__field_address(utrace_image *image, enum ut__field field, uint64_t structure, uint64_t index, uint64_t *address,
		      struct utrace_error *error);
/* A variable of the dynamic linker: a field of _rtld_global, or in static programs a symbol. */
int ut__linker_variable(utrace_image *image, enum ut__field field, uint64_t *address, struct utrace_error *error);
/* The run-time address of a data symbol in any module. */
bool ut__find_object(utrace_image *image, const char *name, uint64_t *address);
/* Bytes of an address in the tracee. */
unsigned ut__word(utrace_image *image);
int ut__read_word(utrace_image *image, uint64_t address, uint64_t *value, struct utrace_error *error);

/* ---- tls.c ---- */
/* Where the threads of a process have the thread-local block of a module. */
struct ut__tls_layout {
	bool is_dynamic;
	bool by_abi;         /* static, and known without the C library */
	uint64_t below;      /* static: it begins so far below the thread pointer */
	uint64_t id;         /* dynamic: index in the thread's vector, */
	uint64_t generation; /* which has it from this generation on */
};
int ut__tls_layout(utrace_module *module, struct ut__tls_layout *layout, struct utrace_error *error);
/* The offset in the block that debug information means. */
uint64_t ut__tls_offset(const utrace_module *module, uint64_t offset);

#endif
