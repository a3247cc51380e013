/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/path.c - -P: does a call access one of these files?
 *
 * By an argument that is such a name, as written, or a descriptor that is open on such a file, also in the arrays of poll(2) and
 * select(2).  Each path counts as given and as resolved.
 */
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "tool.h"

struct path_set {
	char **paths; /* owned */
	size_t count;
};

static void add(struct path_set *set, const char *path)
{
	char **grown = realloc(set->paths, (set->count + 1) * sizeof(*grown));

	if (!grown)
		die("out of memory");
	set->paths = grown;
	grown[set->count] = strdup(path);
	if (!grown[set->count])
		die("out of memory");
	set->count++;
}

bool path_set_has(const struct path_set *set, const char *path)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->paths[i], path) == 0)
			return true;
	}
	return false;
}

struct path_set *path_set_create(const struct options *options)
{
	struct path_set *set;

	if (!options->path_count)
		return NULL;
	set = calloc(1, sizeof(*set));
	if (!set)
		die("out of memory");
	for (size_t i = 0; i < options->path_count; i++) {
		const char *path = options->paths[i];
		char *resolved = realpath(path, NULL);

		add(set, path);
		if (resolved && strcmp(resolved, path) != 0) {
			if (!(options->quiet & QUIET_PATHS))
				note("Requested path \"%s\" resolved into \"%s\"", path, resolved);
			add(set, resolved);
		}
		free(resolved);
	}
	return set;
}

void path_set_destroy(struct path_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		free(set->paths[i]);
	free(set->paths);
	free(set);
}

static bool has_descriptor(const struct path_set *set, pid_t pid, int fd)
{
	char link[64];
	char path[PATH_MAX];
	ssize_t length;

	if (fd < 0)
		return false;
	(void)snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0)
		return false;
	path[length] = '\0';
	return path_set_has(set, path);
}

static bool has_name(const struct path_set *set, utrace_process *process, uint64_t address)
{
	char path[PATH_MAX + 1];
	struct utrace_error error = {0};

	return utrace_memory_read_string(process, address, path, sizeof(path), &error) > 0 && !error.status &&
	       path_set_has(set, path);
}

static bool has_polled(const struct path_set *set, const struct utrace_event *event, uint64_t address, uint64_t count)
{
	struct pollfd polled;

	for (uint64_t i = 0; i < count && i < FD_SETSIZE; i++) {
		if (utrace_memory_read(event->process, address + i * sizeof(polled), &polled, sizeof(polled), NULL) !=
		    sizeof(polled))
			return false;
		if (has_descriptor(set, event->pid, polled.fd))
			return true;
	}
	return false;
}

static bool has_selected(const struct path_set *set, const struct utrace_event *event, uint64_t address, uint64_t count)
{
	fd_set selected;
	int limit = count < FD_SETSIZE ? (int)count : FD_SETSIZE;
	size_t size = ((size_t)limit + 31) / 32 * 4;

	FD_ZERO(&selected);
	if (!address || utrace_memory_read(event->process, address, &selected, size, NULL) != (ssize_t)size)
		return false;
	for (int fd = 0; fd < limit; fd++) {
		if (FD_ISSET(fd, &selected) && has_descriptor(set, event->pid, fd))
			return true;
	}
	return false;
}

static bool touches(const struct path_set *set, const struct utrace_event *event, const struct utrace_syscall_arg *arg,
		    uint64_t value)
{
	uint64_t count = arg->length >= 0 ? event->u.syscall.args[arg->length] : 0;

	switch (arg->kind) {
	case UTRACE_ARG_FD:
	case UTRACE_ARG_DIRFD:
		return has_descriptor(set, event->pid, (int)value);
	case UTRACE_ARG_PATH:
		return has_name(set, event->process, value);
	case UTRACE_ARG_INOUT:
		if (arg->set && strcmp(arg->set, "pollfd") == 0)
			return has_polled(set, event, value, count);
		return arg->set && strcmp(arg->set, "fd_set") == 0 && has_selected(set, event, value, count);
	default:
		return false;
	}
}

bool path_set_touched(const struct path_set *set, const struct utrace_event *event)
{
	const struct utrace_event_syscall *call = &event->u.syscall;
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);

	if (!info || !(info->classes & (UTRACE_CLASS_FILE | UTRACE_CLASS_DESC | UTRACE_CLASS_NETWORK)))
		return false;
	for (uint32_t i = 0; i < info->arg_count; i++) {
		if (touches(set, event, &info->args[i], call->args[i]))
			return true;
	}
	return false;
}
