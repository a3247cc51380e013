/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/facts.h - what is known of a process beside its threads: mappings, auxiliary vector, command line, files,
 * namespaces.
 *
 * Of a live process the kernel tells it at the time of the call (proc(5)); of a core file what its notes hold (core(5)),
 * and UTRACE_NOT_FOUND where they hold nothing.
 * All calls: UTRACE_DEAD, UTRACE_NOT_ATTACHED, UTRACE_DENIED, UTRACE_NO_MEMORY, UTRACE_SYSTEM.
 */
#ifndef UTRACE_FACTS_H
#define UTRACE_FACTS_H

#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum utrace_mapping_flag {
	UTRACE_MAPPING_READ = 1 << 0,
	UTRACE_MAPPING_WRITE = 1 << 1,
	UTRACE_MAPPING_EXECUTE = 1 << 2,
	UTRACE_MAPPING_SHARED = 1 << 3,  /* a core file does not say */
	UTRACE_MAPPING_DELETED = 1 << 4, /* the file has no name any more */
};

struct utrace_mapping {
	size_t size;
	uint64_t start;
	uint64_t end;     /* one past the last byte */
	uint64_t offset;  /* in the file, bytes */
	dev_t device;     /* device 0: a number of the library's own, for a core file does not say */
	ino_t inode;      /* 0: no file */
	uint32_t flags;   /* enum utrace_mapping_flag */
	const char *name; /* the file's path, "[stack]", "[vdso]" and the like, or ""; valid during the callback */
};

/*
 * Calls back for each mapping in ascending order; a non-zero answer ends it and is returned.  Of a live process it is
 * what one reading of /proc/PID/maps had, which may be several moments if the process runs.
 */
typedef int utrace_mapping_callback(const struct utrace_mapping *mapping, void *data);
UTRACE_API int utrace_process_mappings(utrace_process *process, utrace_mapping_callback *callback, void *data,
				       struct utrace_error *error);

/* The value of an entry of the auxiliary vector, by its AT_ number (getauxval(3)). UTRACE_NOT_FOUND. */
UTRACE_API int utrace_process_auxv(utrace_process *process, uint64_t type, uint64_t *value, struct utrace_error *error);
/* Entry `index` of it, up to AT_NULL. UTRACE_NOT_FOUND: there are not so many. */
UTRACE_API int utrace_process_auxv_at(utrace_process *process, size_t index, uint64_t *type, uint64_t *value,
				      struct utrace_error *error);

/*
 * Texts: terminated; the length that there is, which may be more than size - 1.
 * The command line has a NUL between arguments in a live process, a space in a core file, which has its first 79 bytes.
 */
UTRACE_API ssize_t utrace_process_command_line(utrace_process *process, char *buffer, size_t size,
					       struct utrace_error *error);
/* The path of the program's file. */
UTRACE_API ssize_t utrace_process_executable(utrace_process *process, char *buffer, size_t size,
					     struct utrace_error *error);
/* The working directory; live processes only. */
UTRACE_API ssize_t utrace_process_directory(utrace_process *process, char *buffer, size_t size,
					    struct utrace_error *error);

/* Calls back for each open descriptor with what it refers to ("/dev/null", "socket:[5]"); live processes only. */
typedef int utrace_descriptor_callback(int fd, const char *target, void *data);
UTRACE_API int utrace_process_descriptors(utrace_process *process, utrace_descriptor_callback *callback, void *data,
					  struct utrace_error *error);

/*
 * The inode number of a namespace that the process is in: "pid", "mnt", "user", ... as in /proc/PID/ns (namespaces(7)).
 * Live processes only. UTRACE_NOT_FOUND: the kernel has none of this kind.
 */
UTRACE_API int utrace_process_namespace(utrace_process *process, const char *kind, uint64_t *number,
					struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
