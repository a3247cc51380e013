/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/facts.c - what is known of a process beside its threads: from /proc, or from what a core file holds. (proc(5))
 *
 * Everything is gathered on the tracer thread, while the process can't vanish, and told afterwards on the caller's, so
 * that callbacks may call whatever they like.
 */
#include <utrace/facts.h>

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <utrace/tls.h>

#include "core/request.h"
#include "util/array.h"
#include "util/procfs.h"

enum { AUXV_MAX = 512 };

static int fail_read(const utrace_process *process, const char *what, struct utrace_error *error)
{
	int cause = errno;

	if (cause == ENOENT || cause == ESRCH)
		return ut__fail_dead(error, process->pid);
	return ut__fail(error, cause == EACCES || cause == EPERM ? UTRACE_DENIED : UTRACE_SYSTEM, cause,
			"/proc/%d/%s can't be read: %s.", process->pid, what, strerror(cause));
}

static const struct ut__core_ops *core_of(const struct ut__request *request)
{
	return request->session->ops->core;
}

static int fail_absent(struct utrace_error *error, const char *what)
{
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "The core file does not tell %s of the process.", what);
}

/* ---- mappings ---- */

struct snapshot {
	struct utrace_mapping *all;
	size_t count, room;
};

static void free_snapshot(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++)
		free((char *)snapshot->all[i].name);
	free(snapshot->all);
}

static bool keep(struct snapshot *snapshot, const struct utrace_mapping *mapping)
{
	char *name = strdup(mapping->name);

	if (!name || !ut__grow(&snapshot->all, &snapshot->room, snapshot->count, sizeof(*snapshot->all))) {
		free(name);
		return false;
	}
	snapshot->all[snapshot->count] = *mapping;
	snapshot->all[snapshot->count++].name = name;
	return true;
}

static int keep_mapping(const struct utrace_mapping *mapping, void *data)
{
	return keep(data, mapping) ? 0 : UTRACE_NO_MEMORY;
}

static uint32_t flags_of(const char *text)
{
	return (text[0] == 'r' ? UTRACE_MAPPING_READ : 0u) | (text[1] == 'w' ? UTRACE_MAPPING_WRITE : 0u) |
	       (text[2] == 'x' ? UTRACE_MAPPING_EXECUTE : 0u) | (text[3] == 's' ? UTRACE_MAPPING_SHARED : 0u);
}

static bool parse(char *line, struct utrace_mapping *mapping)
{
	static const char deleted[] = " (deleted)";
	unsigned long long start;
	unsigned long long end;
	unsigned long long offset;
	unsigned long inode;
	unsigned major_number;
	unsigned minor_number;
	char flags[5];
	size_t length;
	int name = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %lu %n", &start, &end, flags, &offset, &major_number, &minor_number,
		   &inode, &name) < 7)
		return false;
	length = strcspn(line + name, "\n");
	line[(size_t)name + length] = '\0';
	*mapping = (struct utrace_mapping){.size = sizeof(*mapping),
					   .start = start,
					   .end = end,
					   .offset = offset,
					   .device = makedev(major_number, minor_number),
					   .inode = inode,
					   .flags = flags_of(flags),
					   .name = line + name};
	if (inode && length >= sizeof(deleted) && strcmp(mapping->name + length - strlen(deleted), deleted) == 0) {
		line[(size_t)name + length - strlen(deleted)] = '\0';
		mapping->flags |= UTRACE_MAPPING_DELETED;
	}
	return true;
}

/* 0, or a status without text. */
static int read_maps(pid_t tid, struct snapshot *snapshot)
{
	struct utrace_mapping mapping;
	char path[64];
	char *line = NULL;
	size_t room = 0;
	int status = UTRACE_OK;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	file = fopen(path, "re");
	if (!file)
		return UTRACE_SYSTEM;
	while (!status && getline(&line, &room, file) > 0) {
		if (parse(line, &mapping))
			status = keep_mapping(&mapping, snapshot);
	}
	free(line);
	(void)fclose(file);
	return status;
}

/* A leader that has exited before the others has no memory any more, and an empty file. */
static int read_live_maps(struct ut__request *request)
{
	struct snapshot *snapshot = request->out;
	int status = read_maps(request->process->pid, snapshot);
	struct ut__list *node;
	struct ut__list *safe;

	if (status == UTRACE_SYSTEM)
		return fail_read(request->process, "maps", request->error);
	UT__LIST_EACH (node, safe, &request->process->threads) {
		if (!status && !snapshot->count)
			status = read_maps(atomic_load(&UT__ENTRY(node, utrace_thread, in_process)->tid), snapshot);
	}
	return status;
}

static ssize_t run_mappings(struct ut__request *request)
{
	struct snapshot *snapshot = request->out;
	int status = core_of(request) ? core_of(request)->maps(request->process, keep_mapping, snapshot)
				      : read_live_maps(request);

	if (status == UTRACE_NO_MEMORY)
		return ut__fail(request->error, status, ENOMEM, "No memory for the mappings of process %d.",
				request->process->pid);
	if (!status && !snapshot->count)
		return ut__fail_dead(request->error, request->process->pid);
	return status;
}

int utrace_process_mappings(utrace_process *process, utrace_mapping_callback *callback, void *data,
			    struct utrace_error *error)
{
	struct snapshot snapshot = {0};
	struct ut__request request = {
		.run = run_mappings, .needs = UT__NEEDS_LIVE, .process = process, .out = &snapshot, .error = error};
	int status =
		callback ? (int)ut__request_run(&request) : ut__fail(error, UTRACE_INVALID, 0, "The callback is NULL.");

	for (size_t i = 0; !status && i < snapshot.count; i++)
		status = callback(&snapshot.all[i], data);
	free_snapshot(&snapshot);
	return status;
}

/* ---- the auxiliary vector ---- */

/* Its words are the program's: 4 bytes in a 32-bit one, which the program's file tells. */
static bool has_short_words(pid_t pid)
{
	unsigned char ident[EI_NIDENT] = {0};
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, ident, sizeof(ident)) != sizeof(ident))
		ident[EI_CLASS] = ELFCLASSNONE;
	(void)close(fd);
	return ident[EI_CLASS] == ELFCLASS32;
}

static ssize_t read_live_auxv(struct ut__request *request, uint64_t words[AUXV_MAX])
{
	uint32_t narrow[AUXV_MAX];
	char path[64];
	ssize_t size;

	(void)snprintf(path, sizeof(path), "/proc/%d/auxv", request->process->pid);
	size = ut__procfs_read(path, (char *)words, AUXV_MAX * sizeof(*words));
	if (size < 0)
		return fail_read(request->process, "auxv", request->error);
	if (!has_short_words(request->process->pid))
		return size / (ssize_t)sizeof(*words);
	if (size > (ssize_t)sizeof(narrow))
		size = sizeof(narrow);
	memcpy(narrow, words, (size_t)size);
	for (ssize_t i = 0; i < size / (ssize_t)sizeof(narrow[0]); i++)
		words[i] = narrow[i];
	return size / (ssize_t)sizeof(narrow[0]);
}

static ssize_t run_auxv(struct ut__request *request)
{
	const void *held = NULL;
	ssize_t size;

	if (!core_of(request))
		return read_live_auxv(request, request->out);
	size = core_of(request)->fact(request->process, NULL, UT__FACT_AUXV, &held);
	if (size < 0)
		return fail_absent(request->error, "the auxiliary vector");
	if ((size_t)size > AUXV_MAX * sizeof(uint64_t))
		size = AUXV_MAX * sizeof(uint64_t);
	memcpy(request->out, held, (size_t)size);
	return size / (ssize_t)sizeof(uint64_t);
}

/* The number of words, up to AT_NULL, in pairs. */
static ssize_t read_auxv(utrace_process *process, uint64_t words[AUXV_MAX], struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_auxv, .needs = UT__NEEDS_LIVE, .process = process, .out = words, .error = error};
	ssize_t count = ut__request_run(&request);

	for (ssize_t i = 0; i + 1 < count; i += 2) {
		if (words[i] == AT_NULL)
			return i;
	}
	return count < 0 ? count : count & ~(ssize_t)1;
}

int utrace_process_auxv(utrace_process *process, uint64_t type, uint64_t *value, struct utrace_error *error)
{
	uint64_t words[AUXV_MAX];
	ssize_t count = read_auxv(process, words, error);

	*value = 0;
	for (ssize_t i = 0; i < count; i += 2) {
		if (words[i] == type) {
			*value = words[i + 1];
			return UTRACE_OK;
		}
	}
	return count < 0 ? (int)count
			 : ut__fail(error, UTRACE_NOT_FOUND, 0, "The auxiliary vector has no entry %llu.",
				    (unsigned long long)type);
}

int utrace_process_auxv_at(utrace_process *process, size_t index, uint64_t *type, uint64_t *value,
			   struct utrace_error *error)
{
	uint64_t words[AUXV_MAX];
	ssize_t count = read_auxv(process, words, error);

	if (count < 0)
		return (int)count;
	if (index >= (size_t)count / 2)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The auxiliary vector has %zd entries.", count / 2);
	*type = words[2 * index];
	*value = words[2 * index + 1];
	return UTRACE_OK;
}

/* ---- texts ---- */

struct text {
	enum ut__fact fact; /* for a core file */
	const char *name;   /* in /proc/PID */
	const char *what;   /* for people */
	bool is_link;
};

static const struct text command_line = {UT__FACT_COMMAND_LINE, "cmdline", "the command line", false};
static const struct text executable = {UT__FACT_EXECUTABLE, "exe", "the program's file", true};
static const struct text directory = {UT__FACT_NONE, "cwd", "the working directory", true};
static const struct text thread_name = {UT__FACT_NAME, "comm", "the name", false};

/* As much as fits, and how much there is. */
static ssize_t read_whole(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char rest[4096];
	ssize_t total = 0;
	ssize_t done = 1;

	if (fd < 0)
		return -1;
	while (done > 0) {
		bool fits = (size_t)total < size;

		done = fits ? read(fd, buffer + total, size - (size_t)total) : read(fd, rest, sizeof(rest));
		if (done > 0)
			total += done;
	}
	(void)close(fd);
	return done < 0 ? -1 : total;
}

static ssize_t read_live_text(struct ut__request *request, const struct text *text)
{
	pid_t id = request->thread ? atomic_load(&request->thread->tid) : request->process->pid;
	char whole[PATH_MAX];
	char path[64];
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", id, text->name);
	if (text->is_link) {
		length = readlink(path, whole, sizeof(whole));
		if (length > 0)
			memcpy(request->out, whole, (size_t)length < request->size ? (size_t)length : request->size);
	} else {
		length = read_whole(path, request->out, request->size);
	}
	return length < 0 ? fail_read(request->process, text->name, request->error) : length;
}

static ssize_t read_core_text(struct ut__request *request, const struct text *text)
{
	const void *held = NULL;
	ssize_t length = text->fact ? core_of(request)->fact(request->process, request->thread, text->fact, &held)
				    : UTRACE_NOT_FOUND;

	if (length < 0)
		return fail_absent(request->error, text->what);
	memcpy(request->out, held, (size_t)length < request->size ? (size_t)length : request->size);
	return length;
}

static ssize_t run_text(struct ut__request *request)
{
	const struct text *text = request->in;

	return core_of(request) ? read_core_text(request, text) : read_live_text(request, text);
}

static ssize_t get_text(utrace_process *process, utrace_thread *thread, const struct text *text, char *buffer,
			size_t size, struct utrace_error *error)
{
	struct ut__request request = {.run = run_text,
				      .needs = UT__NEEDS_LIVE,
				      .process = process,
				      .thread = thread,
				      .in = text,
				      .out = buffer,
				      .size = size - 1,
				      .error = error};
	ssize_t length;

	if (!size)
		return ut__fail(error, UTRACE_INVALID, 0, "A text needs room for its end: size is 0.");
	buffer[0] = '\0';
	length = ut__request_run(&request);
	if (length < 0)
		return length;
	buffer[(size_t)length < size ? (size_t)length : size - 1] = '\0';
	return length;
}

ssize_t utrace_process_command_line(utrace_process *process, char *buffer, size_t size, struct utrace_error *error)
{
	ssize_t length = get_text(process, NULL, &command_line, buffer, size, error);

	/* The last argument's own end. */
	return length > 0 && (size_t)length < size && !buffer[length - 1] ? length - 1 : length;
}

ssize_t utrace_process_executable(utrace_process *process, char *buffer, size_t size, struct utrace_error *error)
{
	return get_text(process, NULL, &executable, buffer, size, error);
}

ssize_t utrace_process_directory(utrace_process *process, char *buffer, size_t size, struct utrace_error *error)
{
	return get_text(process, NULL, &directory, buffer, size, error);
}

ssize_t utrace_thread_name(utrace_thread *thread, char *buffer, size_t size, struct utrace_error *error)
{
	ssize_t length = get_text(NULL, thread, &thread_name, buffer, size, error);

	if (length < 0)
		return length;
	buffer[strcspn(buffer, "\n")] = '\0';
	return (ssize_t)strlen(buffer);
}

/* ---- descriptors and namespaces ---- */

struct descriptor {
	int fd;
	char *target;
};

struct descriptors {
	struct descriptor *all;
	size_t count, room;
};

static bool add_descriptor(struct descriptors *found, int directory_fd, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(directory_fd, name, target, sizeof(target) - 1);

	/* Closed since. */
	if (length < 0)
		return true;
	target[length] = '\0';
	if (!ut__grow(&found->all, &found->room, found->count, sizeof(*found->all)))
		return false;
	found->all[found->count] = (struct descriptor){.fd = atoi(name), .target = strdup(target)};
	return found->all[found->count++].target != NULL;
}

static ssize_t run_descriptors(struct ut__request *request)
{
	struct descriptors *found = request->out;
	struct dirent *entry;
	bool fine = true;
	char path[64];
	DIR *folder;

	if (core_of(request))
		return fail_absent(request->error, "the open descriptors");
	(void)snprintf(path, sizeof(path), "/proc/%d/fd", request->process->pid);
	folder = opendir(path);
	if (!folder)
		return fail_read(request->process, "fd", request->error);
	while (fine && (entry = readdir(folder))) {
		if (entry->d_name[0] != '.')
			fine = add_descriptor(found, dirfd(folder), entry->d_name);
	}
	(void)closedir(folder);
	return fine ? UTRACE_OK
		    : ut__fail(request->error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the descriptors of process %d.",
			       request->process->pid);
}

static int by_number(const void *a, const void *b)
{
	return ((const struct descriptor *)a)->fd - ((const struct descriptor *)b)->fd;
}

int utrace_process_descriptors(utrace_process *process, utrace_descriptor_callback *callback, void *data,
			       struct utrace_error *error)
{
	struct descriptors found = {0};
	struct ut__request request = {
		.run = run_descriptors, .needs = UT__NEEDS_LIVE, .process = process, .out = &found, .error = error};
	int status =
		callback ? (int)ut__request_run(&request) : ut__fail(error, UTRACE_INVALID, 0, "The callback is NULL.");

	if (!status && found.count)
		qsort(found.all, found.count, sizeof(*found.all), by_number);
	for (size_t i = 0; i < found.count; i++) {
		if (!status)
			status = callback(found.all[i].fd, found.all[i].target, data);
		free(found.all[i].target);
	}
	free(found.all);
	return status;
}

static ssize_t run_namespace(struct ut__request *request)
{
	unsigned long flags;
	struct stat facts;
	char path[96];
	char state;

	if (core_of(request))
		return fail_absent(request->error, "the namespaces");
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", request->process->pid, (const char *)request->in);
	if (stat(path, &facts) == 0) {
		*(uint64_t *)request->out = facts.st_ino;
		return UTRACE_OK;
	}
	if (errno == ENOENT && ut__procfs_stat(request->process->pid, &state, &flags))
		return ut__fail(request->error, UTRACE_NOT_FOUND, ENOENT, "There is no kind of namespace \"%s\".",
				(const char *)request->in);
	return fail_read(request->process, "ns", request->error);
}

int utrace_process_namespace(utrace_process *process, const char *kind, uint64_t *number, struct utrace_error *error)
{
	struct ut__request request = {.run = run_namespace,
				      .needs = UT__NEEDS_LIVE,
				      .process = process,
				      .in = kind,
				      .out = number,
				      .error = error};

	*number = 0;
	if (!kind || !*kind || strlen(kind) > 32 || strchr(kind, '/') || kind[0] == '.')
		return ut__fail(error, UTRACE_INVALID, 0, "A kind of namespace is a word such as \"pid\".");
	return (int)ut__request_run(&request);
}
