/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * dump/notes.c - the notes of a core: threads, registers, facts; in the order in which the kernel writes them.
 * (fs/binfmt_elf.c, write_note_info; <sys/procfs.h> struct elf_prstatus and elf_prpsinfo, and the 32-bit forms of both)
 */
#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utrace/error.h>
#include <utrace/process.h>
#include <utrace/regs.h>
#include <utrace/tls.h>

#include "dump/dump.h"
#include "util/procfs.h"
#include "util/status.h"

enum { NAME_SIZE = 16, ARGUMENTS_SIZE = 80, SET_MAX = 16384, INFO_SIZE = 128, WORDS_MAX = 1024 };

void dp_append(struct dp_bytes *bytes, const void *data, size_t size)
{
	if (!size)
		return;
	if (bytes->size + size > bytes->room) {
		size_t room = bytes->room * 2 > bytes->size + size ? bytes->room * 2 : bytes->size + size;
		void *more = realloc(bytes->data, room);

		bytes->failed |= !more;
		if (!more)
			return;
		bytes->data = more;
		bytes->room = room;
	}
	if (data)
		memcpy(bytes->data + bytes->size, data, size);
	else
		memset(bytes->data + bytes->size, 0, size);
	bytes->size += size;
}

void dp_append_number(struct dp_bytes *bytes, uint64_t value, size_t size)
{
	dp_append(bytes, &value, size);
}

static size_t word_of(const struct dp_core *core)
{
	return core->wide ? 8 : 4;
}

static void add_note(struct dp_core *core, const char *owner, uint32_t type, const void *data, size_t size)
{
	size_t length = strlen(owner) + 1;

	dp_append_number(&core->notes, length, 4);
	dp_append_number(&core->notes, size, 4);
	dp_append_number(&core->notes, type, 4);
	dp_append(&core->notes, owner, length);
	dp_append(&core->notes, NULL, -length & 3);
	dp_append(&core->notes, data, size);
	dp_append(&core->notes, NULL, -size & 3);
}

/* A hexadecimal field of /proc/TID/status. */
static uint64_t status_set(const char *status, const char *name)
{
	const char *found = strstr(status, name);

	return found ? strtoull(found + strlen(name), NULL, 16) : 0;
}

static long status_number(const char *status, const char *name)
{
	const char *found = strstr(status, name);

	return found ? strtol(found + strlen(name), NULL, 10) : 0;
}

static void read_status(pid_t tid, char *text, size_t size)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (ut__procfs_read(path, text, size) <= 0)
		*text = '\0';
}

/* pid, parent, group, session. */
static void append_ids(struct dp_core *core, struct dp_bytes *bytes, pid_t id, const char *status)
{
	dp_append_number(bytes, (uint32_t)id, 4);
	dp_append_number(bytes, (uint32_t)status_number(status, "\nPPid:"), 4);
	dp_append_number(bytes, (uint32_t)getpgid(core->pid), 4);
	dp_append_number(bytes, (uint32_t)getsid(core->pid), 4);
}

static int add_status(struct dp_core *core, utrace_thread *thread, int signal, struct utrace_error *error)
{
	struct dp_bytes desc = {0};
	unsigned char set[512];
	char status[4096];
	size_t word = word_of(core);
	ssize_t size = utrace_regset_get(thread, UTRACE_REGSET_GENERAL, set, sizeof(set), error);

	if (size < 0)
		return (int)size;
	read_status(utrace_thread_tid(thread), status, sizeof(status));
	dp_append_number(&desc, (uint32_t)signal, 4); /* pr_info: si_signo, si_code, si_errno */
	dp_append(&desc, NULL, 8);
	dp_append_number(&desc, (uint32_t)signal, 4); /* pr_cursig, padded */
	dp_append_number(&desc, status_set(status, "\nSigPnd:"), word);
	dp_append_number(&desc, status_set(status, "\nSigBlk:"), word);
	append_ids(core, &desc, utrace_thread_tid(thread), status);
	dp_append(&desc, NULL, 8 * word); /* times */
	dp_append(&desc, set, (size_t)size);
	dp_append_number(&desc, 1, 4); /* pr_fpvalid, padded to a word */
	dp_append(&desc, NULL, word - 4);
	core->notes.failed |= desc.failed;
	if (!desc.failed)
		add_note(core, "CORE", NT_PRSTATUS, desc.data, desc.size);
	free(desc.data);
	return UTRACE_OK;
}

static void add_set(struct dp_core *core, utrace_thread *thread, int set, const char *owner, uint32_t type)
{
	unsigned char *bytes = malloc(SET_MAX);
	ssize_t size = bytes ? utrace_regset_get(thread, set, bytes, SET_MAX, NULL) : 0;

	core->notes.failed |= !bytes;
	/* A processor without it has no note of it either. */
	if (size > 0 && size <= SET_MAX)
		add_note(core, owner, type, bytes, (size_t)size);
	free(bytes);
}

static void add_process_info(struct dp_core *core)
{
	size_t id_size = core->wide ? 4 : 2;
	struct dp_bytes desc = {0};
	char arguments[ARGUMENTS_SIZE] = "";
	char name[NAME_SIZE] = "";
	char status[4096];
	char path[64];
	ssize_t length = utrace_process_command_line(core->process, arguments, sizeof(arguments), NULL);

	for (ssize_t i = 0; i < length && i < ARGUMENTS_SIZE - 1; i++) {
		if (!arguments[i])
			arguments[i] = ' ';
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", core->pid);
	if (ut__procfs_read(path, name, sizeof(name)) > 0)
		name[strcspn(name, "\n")] = '\0';
	read_status(core->pid, status, sizeof(status));
	dp_append(&desc, "\3T\0\0", 4); /* pr_state, pr_sname, pr_zomb, pr_nice */
	dp_append(&desc, NULL, core->wide ? 4 : 0);
	dp_append(&desc, NULL, word_of(core)); /* pr_flag */
	dp_append_number(&desc, (uint64_t)status_number(status, "\nUid:"), id_size);
	dp_append_number(&desc, (uint64_t)status_number(status, "\nGid:"), id_size);
	append_ids(core, &desc, core->pid, status);
	dp_append(&desc, name, NAME_SIZE);
	dp_append(&desc, arguments, ARGUMENTS_SIZE);
	core->notes.failed |= desc.failed;
	if (!desc.failed)
		add_note(core, "CORE", NT_PRPSINFO, desc.data, desc.size);
	free(desc.data);
}

/* The union of a 32-bit siginfo begins right behind its three numbers. (arch/x86/include/asm/compat.h) */
static void add_info(struct dp_core *core, const siginfo_t *info)
{
	unsigned char bytes[INFO_SIZE] = {0};
	const int numbers[] = {info->si_signo, info->si_errno, info->si_code};
	uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
	bool is_fault = info->si_code > 0 && (info->si_signo == SIGSEGV || info->si_signo == SIGBUS ||
					      info->si_signo == SIGILL || info->si_signo == SIGFPE);

	if (core->wide) {
		add_note(core, "CORE", NT_SIGINFO, info, sizeof(*info));
		return;
	}
	memcpy(bytes, numbers, sizeof(numbers));
	if (is_fault) {
		memcpy(bytes + sizeof(numbers), &address, 4);
	} else {
		memcpy(bytes + sizeof(numbers), &info->si_pid, 4);
		memcpy(bytes + sizeof(numbers) + 4, &info->si_uid, 4);
	}
	add_note(core, "CORE", NT_SIGINFO, bytes, sizeof(bytes));
}

static void add_auxv(struct dp_core *core)
{
	struct dp_bytes desc = {0};
	uint64_t type;
	uint64_t value;

	for (size_t i = 0; i < WORDS_MAX && !utrace_process_auxv_at(core->process, i, &type, &value, NULL); i++) {
		dp_append_number(&desc, type, word_of(core));
		dp_append_number(&desc, value, word_of(core));
	}
	dp_append(&desc, NULL, 2 * word_of(core)); /* AT_NULL */
	core->notes.failed |= desc.failed;
	if (!desc.failed)
		add_note(core, "CORE", NT_AUXV, desc.data, desc.size);
	free(desc.data);
}

static void add_files(struct dp_core *core)
{
	struct dp_bytes desc = {0};
	size_t word = word_of(core);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t count = 0;

	for (size_t i = 0; i < core->region_count; i++)
		count += core->regions[i].file != NULL;
	dp_append_number(&desc, count, word);
	dp_append_number(&desc, page, word);
	for (size_t i = 0; i < core->region_count; i++) {
		if (!core->regions[i].file)
			continue;
		dp_append_number(&desc, core->regions[i].start, word);
		dp_append_number(&desc, core->regions[i].end, word);
		dp_append_number(&desc, core->regions[i].offset / page, word);
	}
	for (size_t i = 0; i < core->region_count; i++) {
		bool deleted = core->regions[i].flags & UTRACE_MAPPING_DELETED;

		if (!core->regions[i].file)
			continue;
		dp_append(&desc, core->regions[i].file, strlen(core->regions[i].file));
		if (deleted)
			dp_append(&desc, " (deleted)", strlen(" (deleted)"));
		dp_append(&desc, NULL, 1);
	}
	core->notes.failed |= desc.failed;
	if (!desc.failed)
		add_note(core, "CORE", NT_FILE, desc.data, desc.size);
	free(desc.data);
}

static int add_thread(struct dp_core *core, utrace_thread *thread, bool is_first, struct utrace_error *error)
{
	const siginfo_t *info = is_first ? core->options->info : NULL;
	int status = add_status(core, thread, info ? info->si_signo : 0, error);

	if (status)
		return status;
	if (is_first) {
		add_process_info(core);
		if (info)
			add_info(core, info);
		add_auxv(core);
		add_files(core);
	}
	add_set(core, thread, UTRACE_REGSET_FLOAT, "CORE", NT_FPREGSET);
	add_set(core, thread, UTRACE_REGSET_XSTATE, "LINUX", NT_X86_XSTATE);
	return UTRACE_OK;
}

static int add_threads(struct dp_core *core, utrace_thread **threads, int count, struct utrace_error *error)
{
	utrace_thread *first = core->options->thread ? core->options->thread : threads[0];
	int status = utrace_thread_architecture(first, error);

	if (status < 0)
		return status;
	core->wide = status == UTRACE_ARCH_X86_64;
	status = add_thread(core, first, true, error);
	for (int i = 0; !status && i < count; i++) {
		if (threads[i] != first)
			status = add_thread(core, threads[i], false, error);
	}
	if (!status && core->notes.failed)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the notes of a core file.");
	return status;
}

int dp_make_notes(struct dp_core *core, struct utrace_error *error)
{
	int count = utrace_process_threads(core->process, NULL, 0, error);
	utrace_thread **threads;
	int status;

	if (count < 0)
		return count;
	threads = calloc((size_t)count + 1, sizeof(utrace_thread *));
	if (!threads)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the threads of a core file.");
	count = utrace_process_threads(core->process, threads, (size_t)count, error);
	status = count > 0 ? add_threads(core, threads, count, error) : count;
	for (int i = 0; i < count; i++)
		utrace_thread_unref(threads[i]);
	free(threads);
	return status;
}
