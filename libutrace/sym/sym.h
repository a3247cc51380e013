/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/sym.h - what the files of this layer share: the cache, its files, and the images that look through them.
 *
 * Who owns what: a cache (utrace_symbols) owns files, by device, inode, size and time; an image owns modules, and
 * each holds a reference to its file until the image is closed, so that nothing that was handed out dangles after
 * dlclose.
 * Lock: one recursive mutex per cache is held in every call that touches a file, because neither libelf nor libdw
 * locks by itself and debug files are shared among modules.  Process memory is read under it; nothing that the
 * reading needs takes it.
 * Hostile files: what libdw gives is bounds-checked by libdw; walks here only go forward in the file, and are bounded
 * in depth and count.
 */
#ifndef UT_SYM_SYM_H
#define UT_SYM_SYM_H

#include <elfutils/libdw.h>
#include <gelf.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <utrace/error.h>
#include <utrace/process.h>
#include <utrace/symbol.h>

#include "util/list.h"
#include "util/status.h"

enum { UT__BUILD_ID_MAX = 64, UT__DEPTH_MAX = 256 };

struct utrace_symbols {
	pthread_mutex_t lock; /* recursive */
	unsigned references;
	struct ut__list files;
	char *debug_directories;
	char *sysroot; /* NULL: none */
	bool debuginfod;
	void *debuginfod_client; /* of libdebuginfod, once asked */
	void *debuginfod_library;
};

/* A section of a file as it lies in memory, decompressed. data NULL, and size 0: there is none, or nothing in it. */
struct ut__section {
	const unsigned char *data;
	size_t size;
	uint64_t address;
};

/* Any ELF file that is open: a module's, a debug file. */
struct ut__elf {
	Elf *elf;
	int fd;       /* -1: from memory */
	char *memory; /* the image, if from memory */
	char *path;
	unsigned char build_id[UT__BUILD_ID_MAX];
	size_t build_id_size;
};

struct ut__symbol_table; /* elf.c */
struct ut__units;        /* unit.c */
struct ut__types;        /* type.c */
struct ut__pcs;          /* function.c */
struct ut__package;      /* package.c */

struct ut__file {
	struct ut__list node;
	utrace_symbols *symbols;
	unsigned references;
	dev_t device;
	ino_t inode;
	off_t bytes;
	struct timespec changed;
	struct ut__elf main;
	bool is_private; /* its bytes were changed for one module */
	int machine;     /* EM_* */
	unsigned bits;
	GElf_Phdr *segments;
	size_t segment_count;
	/* Looked for when first asked. */
	bool debug_looked;
	bool dwarf_looked;
	int debug_status;
	struct utrace_error debug_error;
	struct ut__elf debug;     /* a separate debug file, elf NULL if none */
	struct ut__elf alternate; /* what .gnu_debugaltlink names */
	struct ut__elf mini;      /* .gnu_debugdata */
	Dwarf *dwarf;
	Dwarf *alternate_dwarf;
	struct ut__symbol_table *table;
	struct ut__units *units;
	struct ut__types *types;
	struct ut__pcs *pcs;
	bool package_looked;
	struct ut__package *package; /* of split units, beside the file; NULL: none */
	void *unwind;                /* of the unwind layer, which says how to free it */
	void (*unwind_free)(void *unwind);
};

struct utrace_module {
	struct ut__list node; /* among the image's former modules */
	utrace_image *image;
	char *name;
	uint64_t start, end;
	uint64_t offset;    /* in the file, of the first mapping */
	uint64_t first_end; /* where the first mapping ends */
	dev_t device;
	ino_t inode;
	bool is_deleted, is_vdso;
	struct ut__file *file; /* loaded when first asked */
	bool loaded;
	int status; /* of loading */
	struct utrace_error error;
	bool changed; /* the file on disk is another one; `file` is what memory still has of it */
	uint64_t bias;
	struct variables *variables; /* variable.c */
	/* Of code that the program has made (jit.c): the entry in its list, and what that says. */
	uint64_t jit_entry, jit_address, jit_size;
	bool jit_seen; /* by the refresh that is going on */
};

/* A mapping that has code, for the unwinders. */
struct ut__range {
	uint64_t start, end;
};

struct utrace_image {
	utrace_symbols *symbols;
	utrace_process *process; /* NULL: of a file that does not run (still.c) */
	bool mapped;             /* the maps have been read */
	utrace_module **modules; /* the mapped ones by ascending address, then those that were added */
	size_t module_count;
	size_t mapped_count;
	struct ut__range *code; /* executable mappings, ascending */
	size_t code_count;
	struct ut__list former;
	struct ut__list unwinders; /* of the unwind layer, which says how to free them */
	void (*unwinders_free)(utrace_image *image);
	void *tls; /* tls.c: what is known of the C library */
};

void ut__sym_lock(utrace_symbols *symbols);
void ut__sym_unlock(utrace_symbols *symbols);

/* ---- file.c: opened with the lock held ---- */
/* Takes the descriptor. The file of the cache, with a reference, or NULL. */
struct ut__file *ut__file_from_fd(utrace_symbols *symbols, int fd, const char *path, struct utrace_error *error);
/* Takes the memory, which is an ELF file or what was mapped of it. */
struct ut__file *ut__file_from_memory(utrace_symbols *symbols, char *memory, size_t size, const char *path,
				      struct utrace_error *error);
/* Takes the ELF file; NULL: it is closed. */
struct ut__file *ut__file_new(utrace_symbols *symbols, struct ut__elf *elf, struct utrace_error *error);
void ut__file_unref(struct ut__file *file);
/* A descriptor of a file that may be anything, or -1. */
int ut__file_open(const char *path, struct utrace_error *error);
/* Opens an ELF file by descriptor, which it takes; 0 or a status. */
int ut__elf_open(struct ut__elf *elf, int fd, const char *path, struct utrace_error *error);
int ut__elf_open_memory(struct ut__elf *elf, char *memory, size_t size, const char *path, struct utrace_error *error);
void ut__elf_close(struct ut__elf *elf);
/* Closes the descriptor, which a mapped file does not need any more: a process may have thousands of libraries. */
void ut__elf_release(struct ut__elf *elf);
struct ut__section ut__elf_section(const struct ut__elf *elf, const char *name);
/* The same question without reading it. */
bool ut__elf_has_section(const struct ut__elf *elf, const char *name);
/* Bytes of the file at an ELF address; how many there are, at most size. */
size_t ut__file_bytes(const struct ut__file *file, uint64_t address, void *buffer, size_t size);

/* ---- debug.c ---- */
/* The file's DWARF, looked for when first asked; NULL and the reason. */
Dwarf *ut__file_dwarf(struct ut__file *file, struct utrace_error *error);
/* Finds the separate debug file, if there is one, without reading it: it has .symtab too. */
void ut__file_find_debug(struct ut__file *file);
/* Symbols out of .gnu_debugdata; NULL if there are none. */
struct ut__elf *ut__file_mini(struct ut__file *file);
/* package.c: the entry of a split unit that a package of the file has, by the unit's skeleton. */
bool ut__package_unit(struct ut__file *file, Dwarf_Die *skeleton, Dwarf_Die *die);
void ut__package_free(struct ut__package *package);
int ut__debuginfod_find(utrace_symbols *symbols, const unsigned char *id, size_t size, char **path);
void ut__debuginfod_end(utrace_symbols *symbols);

/* ---- image.c ---- */
/* An image without process and modules. */
utrace_image *ut__image_new(utrace_symbols *symbols);
/* "process 12", or the file's name: for texts. */
const char *ut__image_describe(const utrace_image *image, char text[32]);
int ut__image_need_maps(utrace_image *image, struct utrace_error *error);
/* The module's file, loaded when first asked, or NULL with the reason. */
struct ut__file *ut__module_file(utrace_module *module, struct utrace_error *error);
/* Module of an address and its file's DWARF; *elf_address is the address in the file. */
int ut__image_find(utrace_image *image, uint64_t address, utrace_module **module, uint64_t *elf_address,
		   struct utrace_error *error);
/* The same where debug information is needed: a module without fails as utrace_module_debug_state does. */
int ut__image_find_debug(utrace_image *image, uint64_t address, utrace_module **module, uint64_t *elf_address,
			 struct utrace_error *error);
/* Without those that were added. */
utrace_module *ut__mapped_at(const utrace_image *image, uint64_t address);
bool ut__image_is_code(utrace_image *image, uint64_t address);
/* Reads the whole or nothing. */
int ut__image_read(utrace_image *image, uint64_t address, void *buffer, size_t size, struct utrace_error *error);
void ut__tls_free(utrace_image *image);
/*
 * tail.c: the functions that have jumped on between a call and the function at `pc` that it ended up in, as the addresses
 * behind their jumps, innermost first; only where there is no doubt. With the lock held.
 */
enum { UT__TAIL_CALLS_MAX = 32 };
size_t ut__tail_calls(utrace_image *image, uint64_t return_pc, uint64_t pc, uint64_t *pcs);
/* ---- added.c ---- */
/* A module of a loaded file, whose reference it takes; NULL: out of memory, and the reference is the caller's. */
utrace_module *ut__module_of_file(utrace_image *image, struct ut__file *file, const char *name, uint64_t bias);
/* start and end, by the file's segments and the bias. */
void ut__module_span(utrace_module *module);
/* The added module that has the address, or NULL. */
utrace_module *ut__added_at(const utrace_image *image, uint64_t address);
int ut__image_add_memory(utrace_image *image, uint64_t address, uint64_t size,
			 const struct utrace_module_options *options, utrace_module **module,
			 struct utrace_error *error);
/* Takes an added module out of the list; false: it is not there. */
bool ut__image_drop(utrace_module *module);
/* relocate.c: a relocatable object, which is only in memory, becomes one at its addresses. */
int ut__elf_relocate(struct ut__elf *elf, const struct utrace_module_options *options, struct utrace_error *error);

/* still.c: bytes up to the first that the file would not have in memory. */
size_t ut__still_read(const utrace_image *image, uint64_t address, void *buffer, size_t size);

void ut__units_free(struct ut__units *units);
void ut__types_free(struct ut__types *types);
void ut__pcs_free(struct ut__pcs *pcs);

/* ---- elf.c ---- */
void ut__symbol_table_free(struct ut__symbol_table *table);
/* The symbol that covers an ELF address. */
bool ut__file_symbol_at(struct ut__file *file, uint64_t address, struct utrace_symbol *symbol);
/* Calls back for each of this name, or all; the symbol's address is the file's. */
int ut__file_symbol_each(struct ut__file *file, const char *name, utrace_symbol_callback *callback, void *data);
/* Symbols of linkage stubs (plt.c), into the table. */
struct ut__plt_stub {
	uint64_t address;
	uint64_t length;
	char *name;
};
size_t ut__file_plt(const struct ut__file *file, struct ut__plt_stub **stubs);
/* Of a symbol in the table that a section of relocations refers to; NULL: there is none. */
const char *ut__elf_symbol_name(Elf *elf, size_t table_index, size_t symbol_index);

/* ifunc.c: where calls of the indirect function at `resolver` go; both are addresses of the file. false: not known yet. */
bool ut__ifunc_target(utrace_module *module, const char *name, uint64_t resolver, uint64_t *target);

#endif
