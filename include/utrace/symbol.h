/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/symbol.h - modules, symbols, source lines and functions of a process.
 *
 * utrace_symbols is a cache of ELF and debug files, shared by any number of processes, sessions and threads (it locks
 * by itself).
 * utrace_image is one process as seen through it: its modules (executable, libraries, vdso) and where they are mapped.
 * Everything is read when first asked for: opening either costs no look at a file.
 *
 * Ownership: modules, and all strings given here, belong to the image and live until it is closed, also if the
 * library was unloaded meanwhile.
 * Threads: an image is used by one thread at a time, and that must be one that may call the process's session.
 * Output structs: the caller sets `size`; the library fills what the caller's struct has. In arrays the first
 * element's size tells that of all.
 * Facts: the System V ABI's chapters on object files; DWARF 2 to 5 (dwarfstd.org); proc(5) for what is mapped.
 * More on the image: type.h, variable.h, unwind.h, tls.h.
 */
#ifndef UTRACE_SYMBOL_H
#define UTRACE_SYMBOL_H

#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct utrace_symbols utrace_symbols;
typedef struct utrace_image utrace_image;
typedef struct utrace_module utrace_module;

struct utrace_symbols_options {
	size_t size;
	const char *debug_directories; /* where separate debug files are, colon-separated; NULL: /usr/lib/debug */
	uint32_t debuginfod;           /* non-zero: ask the servers of $DEBUGINFOD_URLS for what is missing */
	const char *sysroot;           /* put before the tracee's paths; NULL: the tracee's own root directory */
};

/* Makes a cache, with one reference. options may be NULL. UTRACE_INVALID, UTRACE_NO_MEMORY. Any thread. */
UTRACE_API int utrace_symbols_create(const struct utrace_symbols_options *options, utrace_symbols **symbols,
				     struct utrace_error *error);
/* References; the images hold their own. Any thread. */
UTRACE_API utrace_symbols *utrace_symbols_ref(utrace_symbols *symbols);
UTRACE_API void utrace_symbols_unref(utrace_symbols *symbols);

/* The image of a process; holds a reference to both. Files are read later. UTRACE_INVALID, UTRACE_NO_MEMORY. */
UTRACE_API int utrace_image_open(utrace_symbols *symbols, utrace_process *process, utrace_image **image,
				 struct utrace_error *error);
/*
 * The image of an executable (or library) that does not run: one module at the file's own addresses plus `bias` (0, or
 * where it was in a process that has ended), no process, no threads. UTRACE_NOT_FOUND, UTRACE_INVALID (no ELF file, or not one to load), UTRACE_SYSTEM, UTRACE_NO_MEMORY.
 */
UTRACE_API int utrace_image_open_file(utrace_symbols *symbols, const char *path, uint64_t bias, utrace_image **image,
				      struct utrace_error *error);
/* Stacks, variables and types of the image end with it. NULL is allowed. */
UTRACE_API void utrace_image_close(utrace_image *image);
/*
 * Looks again at what is mapped: to be called after EXEC, and when libraries may have come or gone.
 * Returns 1 if modules changed, 0 if not, or a status: UTRACE_DEAD, UTRACE_NO_MEMORY, UTRACE_SYSTEM.
 */
UTRACE_API int utrace_image_refresh(utrace_image *image, struct utrace_error *error);
/*
 * The address that the dynamic linker runs through after each change of the list of libraries (r_brk of struct
 * r_debug, <link.h>):
 * a breakpoint there tells when to refresh. UTRACE_NOT_FOUND: a static program, or the linker has not started yet.
 */
UTRACE_API int utrace_image_library_event(utrace_image *image, uint64_t *address, struct utrace_error *error);
/* What the image was opened with; no new reference. NULL: it was opened from a file. */
UTRACE_API utrace_process *utrace_image_process(const utrace_image *image);
/* As utrace_memory_read, of the process; without one, what the file would have in memory at its start. */
UTRACE_API ssize_t utrace_image_read(utrace_image *image, uint64_t address, void *buffer, size_t size,
				     struct utrace_error *error);
/* enum utrace_architecture (regs.h) of the program. UTRACE_NOT_FOUND, UTRACE_UNSUPPORTED, as utrace_image_refresh. */
UTRACE_API int utrace_image_architecture(utrace_image *image, struct utrace_error *error);

/* ---- modules ---- */

/* Stores up to count modules by ascending address, those that were added last, and returns how many there are. */
UTRACE_API size_t utrace_image_modules(utrace_image *image, utrace_module **modules, size_t count);
/* The module that the address is in, or NULL. */
UTRACE_API utrace_module *utrace_module_at(utrace_image *image, uint64_t address);
/* The file's path as the tracee has it, or "[vdso]". */
UTRACE_API const char *utrace_module_name(const utrace_module *module);
/* The file that has the DWARF (perhaps the module's own), or NULL: utrace_module_debug_state tells why. */
UTRACE_API const char *utrace_module_debug_name(utrace_module *module);
/*
 * 0 if there is DWARF; or UTRACE_NOT_FOUND (the text says where was looked), UTRACE_WRONG_STATE (the file has changed
 * on disk since it was mapped), UTRACE_INVALID (damaged file), UTRACE_SYSTEM.
 */
UTRACE_API int utrace_module_debug_state(utrace_module *module, struct utrace_error *error);
/* The first mapped byte, and the one past the last. */
UTRACE_API uint64_t utrace_module_start(const utrace_module *module);
UTRACE_API uint64_t utrace_module_end(const utrace_module *module);
/* Run-time address = address in the ELF file + bias, modulo 2^64. */
UTRACE_API uint64_t utrace_module_bias(utrace_module *module);
/* The name of the section that is loaded there (".text"), or NULL. */
UTRACE_API const char *utrace_module_section_at(utrace_module *module, uint64_t address);
struct utrace_section {
	size_t size;
	const char *name;
	uint64_t start; /* at run time, and the address past it */
	uint64_t end;
};
typedef int utrace_section_callback(const struct utrace_section *section, void *data);
/* Each section that is loaded, in the file's order, until the callback gives non-zero, which is returned; else 0. */
UTRACE_API int utrace_section_each(utrace_module *module, utrace_section_callback *callback, void *data);
/* The build ID's length in bytes, 0 if it has none. */
UTRACE_API size_t utrace_module_build_id(utrace_module *module, const unsigned char **bytes);

/* ---- modules that are not mapped from files ---- */

/* Where a section is at run time. */
struct utrace_section_place {
	const char *name;
	uint64_t address;
};
struct utrace_module_options {
	size_t size;
	uint64_t bias; /* added to the file's own addresses */
	uint64_t text; /* not 0: instead of a bias, the run-time address of the section .text */
	const struct utrace_section_place *sections; /* the same of others; what is linked moves as one, by the first */
	size_t section_count;
};
/*
 * Adds a module that no mapping shows: an executable, a library, a debug file, or an object that was not linked, whose sections without an
 * address are left out.  It stays until it is removed or the image is closed, also over an exec, and goes before mapped ones
 * where both have an address.  options NULL: at the file's own addresses.  The module belongs to the image.
 * UTRACE_NOT_FOUND (no such file or section), UTRACE_INVALID (no ELF file, or damaged), UTRACE_UNSUPPORTED (a relocation of
 * another kind), UTRACE_SYSTEM, UTRACE_NO_MEMORY.
 */
UTRACE_API int utrace_image_add_file(utrace_image *image, const char *path, const struct utrace_module_options *options,
				     utrace_module **module, struct utrace_error *error);
/* The same of an ELF file that stands in the tracee's memory, byte by byte, and is copied. Also UTRACE_FAULT. */
UTRACE_API int utrace_image_add_memory(utrace_image *image, uint64_t address, uint64_t size,
				       const struct utrace_module_options *options, utrace_module **module,
				       struct utrace_error *error);
/* The handle lives on until the image is closed. UTRACE_INVALID: it was not added, or is removed. */
UTRACE_API int utrace_image_remove_module(utrace_module *module, struct utrace_error *error);

/*
 * Code that the program makes while it runs, as its compiler tells by gdb's JIT compilation interface.  Where it tells of changes: one
 * address for each compiler in the process.  A breakpoint there tells when to refresh; compilers come with libraries.
 * Stores up to count and returns how many there are, or a status as utrace_image_refresh.
 */
UTRACE_API int utrace_image_jit_events(utrace_image *image, uint64_t *addresses, size_t count,
				       struct utrace_error *error);
/*
 * Adds a module for each ELF file that the compilers list, and removes those that they list no more.  1 if modules changed, 0 if
 * not; or a status of something listed that can't be had, after the rest was dealt with: as utrace_image_add_memory.
 */
UTRACE_API int utrace_image_jit_refresh(utrace_image *image, struct utrace_error *error);

/* ---- ELF symbols ---- */

enum utrace_symbol_kind {
	UTRACE_SYMBOL_OTHER,
	UTRACE_SYMBOL_FUNCTION,
	UTRACE_SYMBOL_OBJECT,
	UTRACE_SYMBOL_TLS, /* `address` is the offset in the module's TLS block: utrace_tls_address */
	UTRACE_SYMBOL_IFUNC,
	UTRACE_SYMBOL_PLT, /* a stub of the procedure linkage table, named "write@plt" */
};

struct utrace_symbol {
	size_t size;
	const char *name; /* as in the file */
	utrace_module *module;
	uint64_t address; /* at run time */
	uint64_t length;  /* bytes; 0 if the file does not say */
	uint32_t kind;    /* enum utrace_symbol_kind */
	uint32_t is_global;
};

/* The symbol that covers the address, or else one without a length that is the nearest before it. UTRACE_NOT_FOUND. */
UTRACE_API int utrace_symbol_at(utrace_image *image, uint64_t address, struct utrace_symbol *symbol,
				struct utrace_error *error);
/*
 * Calls back for each symbol of this name (NULL: every name) in the module (NULL: in all), until the callback gives
 * non-zero, which is returned; else 0.
 */
typedef int utrace_symbol_callback(const struct utrace_symbol *symbol, void *data);
UTRACE_API int utrace_symbol_each(utrace_image *image, utrace_module *module, const char *name,
				  utrace_symbol_callback *callback, void *data);
/*
 * A C++ name in readable form (Itanium C++ ABI), which the caller frees; NULL if it is none, or the program has no
 * C++ runtime library that could tell. Any thread.
 */
UTRACE_API char *utrace_symbol_demangle(const char *name);

/* ---- source lines and functions, from DWARF ---- */

struct utrace_line {
	size_t size;
	const char *file;      /* as full as the compiler gave it */
	const char *directory; /* the compiler's working directory, or NULL */
	uint32_t line;
	uint32_t column;
	uint64_t start; /* run-time addresses of this row's code, the end past it */
	uint64_t end;
	uint32_t is_statement;
};

/* The row of the line table that the address is in. UTRACE_NOT_FOUND, and as utrace_module_debug_state. */
UTRACE_API int utrace_line_at(utrace_image *image, uint64_t address, struct utrace_line *line,
			      struct utrace_error *error);

/* A compilation unit: one source file with what it includes. */
struct utrace_unit {
	size_t size;
	const char *name;      /* the source file, as the compiler was given it */
	const char *directory; /* its working directory, or NULL */
	const char *producer;  /* compiler and its options, or NULL */
	uint32_t language;     /* DW_LANG_*, <dwarf.h>; 0: not told */
	uint32_t dwarf_version;
};
/* The unit whose code covers the address. UTRACE_NOT_FOUND, and as utrace_module_debug_state. */
UTRACE_API int utrace_unit_at(utrace_image *image, uint64_t address, struct utrace_unit *unit,
			      struct utrace_error *error);

/* A place for a breakpoint. */
struct utrace_location {
	size_t size;
	utrace_module *module;
	const char *function; /* NULL if unknown */
	const char *file;     /* NULL without DWARF */
	uint32_t line;
	uint32_t declared_line; /* of a function, where its definition begins; 0: not told, or a place by line */
	uint64_t entry;         /* the first instruction of the function or inlined body */
	uint64_t address;       /* where to break: after the prologue of a function, at the first statement of a line */
	uint32_t is_inlined;
	uint32_t
		is_indirect; /* a GNU indirect function that is not resolved yet: the place is in its resolver; ask again later */
};
typedef int utrace_location_callback(const struct utrace_location *location, void *data);

/*
 * Every instance of a function in every module: out of line, inlined, overloaded; from ELF symbols where there is no
 * DWARF; a GNU indirect function where its calls go. C++: "f" is any f, "A::f" one in a scope that ends in A. Linkage names work too. The callback ends it as
 * above; it may not close or refresh the image.
 * Returns what the callback gave, or 0; UTRACE_NOT_FOUND if there was nothing to call back for.
 */
UTRACE_API int utrace_function_each(utrace_image *image, const char *name, utrace_location_callback *callback,
				    void *data, struct utrace_error *error);
/*
 * Every place where the code of a line starts, one for each function or inlined body that has it; `file` is any tail
 * of its path, of whole components. If the line has no code, those of the next line that has; `line` says which.
 * Returns as above.
 */
UTRACE_API int utrace_line_each(utrace_image *image, const char *file, uint32_t line,
				utrace_location_callback *callback, void *data, struct utrace_error *error);

/* Every function out of line that is described, of every module; ends as above. Reads everything: slow in large programs. */
UTRACE_API int utrace_function_list(utrace_image *image, utrace_location_callback *callback, void *data);

struct utrace_function {
	size_t size;
	const char *name;         /* source name, in C++ without its scope */
	const char *linkage_name; /* or NULL */
	uint64_t entry;           /* the first instruction */
	uint64_t start;           /* of the contiguous part that has the address, */
	uint64_t end;             /* and past it */
	uint32_t is_inlined;
	uint32_t call_line; /* inlined: where from */
	const char *call_file;
	utrace_module *module;
};

/*
 * The functions that the address is in, the innermost inlined first, the one out of line last. Fills up to count and
 * returns how many there are.
 * UTRACE_NOT_FOUND, and as utrace_module_debug_state.
 */
UTRACE_API int utrace_function_at(utrace_image *image, uint64_t address, struct utrace_function *functions,
				  size_t count, struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
