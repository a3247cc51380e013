/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/plt.c - names for the stubs of the procedure linkage table, which have no symbols: each jumps through a slot
 * that a relocation names.
 * (AMD64 and Intel386 supplements of the System V ABI, "Procedure Linkage Table")
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sym/sym.h"
#include "util/array.h"

enum { STUB = 16, SHORT_STUB = 8 };

struct slot {
	uint64_t address;
	const char *name;
};

struct slots {
	struct slot *all;
	size_t count, room;
};

static void add_slot(struct slots *slots, uint64_t address, const char *name)
{
	if (!ut__grow(&slots->all, &slots->room, slots->count, sizeof(*slots->all)))
		return;
	slots->all[slots->count++] = (struct slot){address, name};
}

const char *ut__elf_symbol_name(Elf *elf, size_t table_index, size_t symbol_index)
{
	Elf_Scn *scn = elf_getscn(elf, table_index);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	GElf_Shdr header;
	GElf_Sym symbol;

	if (!data || !gelf_getshdr(scn, &header) || !gelf_getsym(data, (int)symbol_index, &symbol))
		return NULL;
	return elf_strptr(elf, header.sh_link, symbol.st_name);
}

static void read_relocations(Elf *elf, Elf_Scn *scn, const GElf_Shdr *header, struct slots *slots)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Rela rela;
	GElf_Rel rel;

	for (int i = 0; data; i++) {
		uint64_t info;
		uint64_t offset;
		const char *name;

		if (header->sh_type == SHT_RELA ? !gelf_getrela(data, i, &rela) : !gelf_getrel(data, i, &rel))
			return;
		info = header->sh_type == SHT_RELA ? rela.r_info : rel.r_info;
		offset = header->sh_type == SHT_RELA ? rela.r_offset : rel.r_offset;
		name = GELF_R_SYM(info) ? ut__elf_symbol_name(elf, header->sh_link, GELF_R_SYM(info)) : NULL;
		if (name && *name)
			add_slot(slots, offset, name);
	}
}

static int compare(const void *left, const void *right)
{
	const struct slot *a = left;
	const struct slot *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static void read_slots(const struct ut__file *file, struct slots *slots)
{
	Elf *elf = file->main.elf;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(elf, scn))) {
		if (gelf_getshdr(scn, &header) && (header.sh_flags & SHF_ALLOC) &&
		    (header.sh_type == SHT_RELA || header.sh_type == SHT_REL))
			read_relocations(elf, scn, &header, slots);
	}
	if (slots->count)
		qsort(slots->all, slots->count, sizeof(*slots->all), compare);
}

/* The slot that a stub's indirect jump goes through: ff 25 disp32, relative to what follows (i386: absolute), or ff
 * a3 disp32 from the table. */
static bool find_jump(const struct ut__file *file, const unsigned char *code, size_t size, uint64_t address,
		      uint64_t got, uint64_t *slot)
{
	for (size_t i = 0; i + 6 <= size; i++) {
		int32_t displacement;

		if (code[i] != 0xff || (code[i + 1] != 0x25 && code[i + 1] != 0xa3))
			continue;
		memcpy(&displacement, code + i + 2, sizeof(displacement));
		if (file->bits == 64)
			*slot = address + i + 6 + (uint64_t)(int64_t)displacement;
		else if (code[i + 1] == 0xa3)
			*slot = (uint32_t)(got + (uint64_t)(int64_t)displacement);
		else
			*slot = (uint32_t)displacement;
		return true;
	}
	return false;
}

static void add_stub(struct ut__plt_stub **stubs, size_t *count, uint64_t address, size_t length, const char *name)
{
	struct ut__plt_stub *more = reallocarray(*stubs, *count + 1, sizeof(*more));
	char *full = NULL;

	if (!more)
		return;
	*stubs = more;
	if (asprintf(&full, "%s@plt", name) < 0)
		return;
	more[(*count)++] = (struct ut__plt_stub){address, length, full};
}

static void read_stubs(const struct ut__file *file, const char *section_name, size_t step, const struct slots *slots,
		       struct ut__plt_stub **stubs, size_t *count)
{
	struct ut__section section = ut__elf_section(&file->main, section_name);
	struct ut__section got = ut__elf_section(&file->main, ".got.plt");

	if (!got.address)
		got = ut__elf_section(&file->main, ".got");
	for (size_t at = 0; section.data && at + step <= section.size; at += step) {
		struct slot key = {0};
		const struct slot *slot;

		if (!find_jump(file, section.data + at, step, section.address + at, got.address, &key.address))
			continue;
		slot = bsearch(&key, slots->all, slots->count, sizeof(key), compare);
		if (slot)
			add_stub(stubs, count, section.address + at, step, slot->name);
	}
}

size_t ut__file_plt(const struct ut__file *file, struct ut__plt_stub **stubs)
{
	struct slots slots = {0};
	size_t count = 0;

	*stubs = NULL;
	if (file->machine != EM_X86_64 && file->machine != EM_386)
		return 0;
	read_slots(file, &slots);
	if (slots.count) {
		read_stubs(file, ".plt", STUB, &slots, stubs, &count);
		read_stubs(file, ".plt.sec", STUB, &slots, stubs, &count);
		read_stubs(file, ".plt.got", SHORT_STUB, &slots, stubs, &count);
	}
	free(slots.all);
	return count;
}
