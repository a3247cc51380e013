/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/core/notes.c - the notes of a core file: threads with their registers, and facts of the process.
 * (fs/binfmt_elf.c, fill_note_info; <sys/procfs.h>, struct elf_prstatus and elf_prpsinfo; gdb and other writers keep
 * the same layouts)
 *
 * The first note of a thread is its NT_PRSTATUS; what follows is of that thread, up to the next.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/core/core.h"
#include "util/array.h"

/* Offsets in NT_PRSTATUS and NT_PRPSINFO, which depend on the program's word only. */
struct layout {
	size_t status_size, status_signal, status_pid, registers, registers_size;
	size_t info_size, info_pid, info_name, info_arguments;
};

static const struct layout layouts[] = {
	{.status_size = 144,
	 .status_signal = 12,
	 .status_pid = 24,
	 .registers = 72,
	 .registers_size = 68,
	 .info_size = 124,
	 .info_pid = 12,
	 .info_name = 28,
	 .info_arguments = 44},
	{.status_size = 336,
	 .status_signal = 12,
	 .status_pid = 32,
	 .registers = 112,
	 .registers_size = 216,
	 .info_size = 136,
	 .info_pid = 24,
	 .info_name = 40,
	 .info_arguments = 56},
};

enum { NAME_SIZE = 16, ARGUMENTS_SIZE = 80, FLOAT_SIZE_64 = 512, FLOAT_SIZE_32 = 108, XSAVE_MIN = 576 };

uint64_t cf_number(const unsigned char *at, unsigned word)
{
	uint64_t value = 0;

	memcpy(&value, at, word);
	return value;
}

static struct cf_thread *last_thread(struct cf_process *core)
{
	return core->thread_count ? &core->threads[core->thread_count - 1] : NULL;
}

static bool add_thread(struct cf_process *core, struct cf_bytes desc)
{
	const struct layout *layout = &layouts[core->wide];

	if (desc.size < layout->status_size)
		return true;
	if (!ut__grow(&core->threads, &core->thread_room, core->thread_count, sizeof(*core->threads)))
		return false;
	core->threads[core->thread_count++] = (struct cf_thread){
		.tid = (pid_t)cf_number(desc.data + layout->status_pid, 4),
		.signal = (int)cf_number(desc.data + layout->status_signal, 2),
		.general = {desc.data + layout->registers, layout->registers_size},
	};
	return true;
}

static bool add_auxv(struct cf_process *core, struct cf_bytes desc)
{
	unsigned word = core->wide ? 8 : 4;
	size_t count = desc.size / word & ~(size_t)1;

	if (core->auxv || !count)
		return true;
	core->auxv = calloc(count, sizeof(*core->auxv));
	if (!core->auxv)
		return false;
	for (size_t i = 0; i < count; i++)
		core->auxv[i] = cf_number(desc.data + i * word, word);
	core->auxv_size = count;
	return true;
}

static void take_info(struct cf_process *core, struct cf_bytes desc)
{
	const struct layout *layout = &layouts[core->wide];

	if (desc.size < layout->info_size)
		return;
	core->process_notes[0] = desc;
	memcpy(core->name, desc.data + layout->info_name, NAME_SIZE);
	memcpy(core->arguments, desc.data + layout->info_arguments, ARGUMENTS_SIZE);
}

static bool take(struct cf_process *core, unsigned type, struct cf_bytes desc)
{
	struct cf_thread *thread = last_thread(core);

	switch (type) {
	case NT_PRSTATUS:
		return add_thread(core, desc);
	case NT_PRPSINFO:
		take_info(core, desc);
		break;
	case NT_AUXV:
		return add_auxv(core, desc);
	case NT_FILE:
		core->process_notes[1] = desc;
		break;
	case NT_SIGINFO:
		if (thread && desc.size >= 128)
			thread->info = desc;
		break;
	case NT_FPREGSET:
		if (thread && desc.size >= (core->wide ? FLOAT_SIZE_64 : FLOAT_SIZE_32))
			thread->floating = (struct cf_bytes){desc.data, core->wide ? FLOAT_SIZE_64 : FLOAT_SIZE_32};
		break;
	case NT_X86_XSTATE:
		if (thread && desc.size >= XSAVE_MIN)
			thread->extended = desc;
		break;
	default:
		break;
	}
	return true;
}

int cf_read_notes(struct cf_process *core, const GElf_Phdr *segment, struct utrace_error *error)
{
	uint64_t size = segment->p_filesz;
	Elf_Data *data;
	GElf_Nhdr header;
	size_t at = 0;
	size_t name;
	size_t desc;
	size_t next;

	if (segment->p_offset >= core->size)
		return UTRACE_OK;
	if (size > core->size - segment->p_offset)
		size = core->size - segment->p_offset;
	data = elf_getdata_rawchunk(core->elf, (int64_t)segment->p_offset, size,
				    segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	while (data && (next = gelf_getnote(data, at, &header, &name, &desc)) > 0) {
		const char *owner = (const char *)data->d_buf + name;
		bool known = (header.n_namesz == 5 && memcmp(owner, "CORE", 5) == 0) ||
			     (header.n_namesz == 6 && memcmp(owner, "LINUX", 6) == 0);

		if (known && !take(core, header.n_type,
				   (struct cf_bytes){(const unsigned char *)data->d_buf + desc, header.n_descsz}))
			return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the notes of a core file.");
		at = next;
	}
	return UTRACE_OK;
}

/* siginfo_t of a 32-bit program: the union begins right behind the three numbers. (arch/x86/include/asm/compat.h) */
static void widen_info(const unsigned char *from, siginfo_t *info)
{
	info->si_signo = (int)cf_number(from, 4);
	info->si_errno = (int)cf_number(from + 4, 4);
	info->si_code = (int)cf_number(from + 8, 4);
	if (info->si_code > 0 && info->si_code != SI_KERNEL &&
	    (info->si_signo == SIGSEGV || info->si_signo == SIGBUS || info->si_signo == SIGILL ||
	     info->si_signo == SIGFPE || info->si_signo == SIGTRAP)) {
		info->si_addr = (void *)(uintptr_t)cf_number(from + 12, 4); // NOLINT(performance-no-int-to-ptr)
		return;
	}
	info->si_pid = (pid_t)cf_number(from + 12, 4);
	info->si_uid = (uid_t)cf_number(from + 16, 4);
}

bool cf_info(const struct cf_process *core, siginfo_t *info)
{
	struct cf_bytes bytes = core->thread_count ? core->threads[0].info : (struct cf_bytes){NULL, 0};

	memset(info, 0, sizeof(*info));
	if (!bytes.data)
		return false;
	if (core->wide)
		memcpy(info, bytes.data, sizeof(*info) < bytes.size ? sizeof(*info) : bytes.size);
	else
		widen_info(bytes.data, info);
	return true;
}
