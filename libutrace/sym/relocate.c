/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/relocate.c - relocatable objects as if they had been linked where they lie: addresses of sections, what refers to them in debug
 * information and unwind tables, and symbols. (System V ABI, chapter 4, "Relocation"; AMD64 supplement, table 4.9; i386
 * supplement, "Relocation Types")
 *
 * Compilers at run time hand over such objects, and kernels load them.  Code and data are in the tracee's memory and relocated by whoever
 * put them there, so only what is read here is changed, in a copy of the file that is this module's own.
 */
#include <string.h>

#include "sym/sym.h"

/* What a kind of relocation writes. */
struct kind {
	uint32_t type;
	uint8_t size; /* bytes */
	bool is_relative;
};

static const struct kind kinds_64[] = {
	{R_X86_64_64, 8, false},       {R_X86_64_32, 4, false},   {R_X86_64_32S, 4, false},
	{R_X86_64_PC32, 4, true},      {R_X86_64_PC64, 8, true},  {R_X86_64_DTPOFF64, 8, false},
	{R_X86_64_DTPOFF32, 4, false}, {R_X86_64_PLT32, 4, true},
};
static const struct kind kinds_32[] = {
	{R_386_32, 4, false},
	{R_386_PC32, 4, true},
	{R_386_TLS_LDO_32, 4, false},
};

static const struct kind *find_kind(int machine, uint32_t type)
{
	const struct kind *kinds = machine == EM_X86_64 ? kinds_64 : kinds_32;
	size_t count =
		machine == EM_X86_64 ? sizeof(kinds_64) / sizeof(*kinds_64) : sizeof(kinds_32) / sizeof(*kinds_32);

	for (size_t i = 0; i < count; i++) {
		if (kinds[i].type == type)
			return &kinds[i];
	}
	return NULL;
}

static const char *section_name(Elf *elf, const GElf_Shdr *header)
{
	size_t strings;
	const char *name = elf_getshdrstrndx(elf, &strings) ? NULL : elf_strptr(elf, strings, header->sh_name);

	return name ? name : "";
}

/* ---- sections ---- */

static void place_section(Elf *elf, Elf_Scn *scn, const struct utrace_module_options *options)
{
	const char *name;
	GElf_Shdr header;

	if (!gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_ALLOC))
		return;
	name = section_name(elf, &header);
	if (options->text && strcmp(name, ".text") == 0)
		header.sh_addr = options->text;
	for (size_t i = 0; i < options->section_count; i++) {
		if (strcmp(options->sections[i].name, name) == 0)
			header.sh_addr = options->sections[i].address;
	}
	(void)gelf_update_shdr(scn, &header);
}

/*
 * Unwind tables refer to code within 2 GiB.  Those that lie nowhere in the tracee are read here as if they lay where the code is, and are
 * no part of what is loaded.
 */
static void place_unwind_tables(Elf *elf)
{
	uint64_t code = 0;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(elf, scn))) {
		if (gelf_getshdr(scn, &header) && (header.sh_flags & SHF_EXECINSTR) && header.sh_addr)
			code = header.sh_addr;
	}
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &header) || header.sh_addr ||
		    strcmp(section_name(elf, &header), ".eh_frame") != 0)
			continue;
		header.sh_addr = code;
		header.sh_flags &= ~(uint64_t)SHF_ALLOC;
		(void)gelf_update_shdr(scn, &header);
	}
}

static uint64_t section_address(Elf *elf, size_t index)
{
	Elf_Scn *scn = index && index < SHN_LORESERVE ? elf_getscn(elf, index) : NULL;
	GElf_Shdr header;

	return scn && gelf_getshdr(scn, &header) ? header.sh_addr : 0;
}

/* ---- what refers to them ---- */

struct relocation {
	uint64_t offset;
	uint32_t symbol, type;
	int64_t addend;
	bool has_addend; /* else it stands where it is to be written */
};

static bool read_relocation(Elf_Data *data, int index, bool has_addend, struct relocation *relocation)
{
	GElf_Rela with;
	GElf_Rel without;

	if (has_addend && !gelf_getrela(data, index, &with))
		return false;
	if (!has_addend && !gelf_getrel(data, index, &without))
		return false;
	if (!has_addend)
		with = (GElf_Rela){.r_offset = without.r_offset, .r_info = without.r_info};
	*relocation = (struct relocation){.offset = with.r_offset,
					  .symbol = (uint32_t)GELF_R_SYM(with.r_info),
					  .type = (uint32_t)GELF_R_TYPE(with.r_info),
					  .addend = with.r_addend,
					  .has_addend = has_addend};
	return true;
}

/* One section's relocations: of `target`, whose bytes are `data`, by the symbols in `symbols`. */
struct work {
	struct ut__elf *elf;
	int machine;
	Elf_Data *symbols;
	Elf_Data *data;
	uint64_t address;
};

static int apply(const struct work *work, const struct relocation *relocation, struct utrace_error *error)
{
	const struct kind *kind = find_kind(work->machine, relocation->type);
	unsigned char *place = (unsigned char *)work->data->d_buf + relocation->offset;
	uint64_t value = 0;
	GElf_Sym symbol = {0};

	if (!relocation->type) /* R_..._NONE */
		return UTRACE_OK;
	if (!kind)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0,
				"%s has a relocation of type %u in what it says of its code.", work->elf->path,
				relocation->type);
	if (relocation->offset > work->data->d_size || kind->size > work->data->d_size - relocation->offset ||
	    (relocation->symbol && !gelf_getsym(work->symbols, (int)relocation->symbol, &symbol)))
		return ut__fail(error, UTRACE_INVALID, 0, "%s has a relocation outside of its section.",
				work->elf->path);
	if (relocation->has_addend)
		value = (uint64_t)relocation->addend;
	else
		memcpy(&value, place, kind->size);
	value += symbol.st_value;
	if (GELF_ST_TYPE(symbol.st_info) != STT_TLS)
		value += section_address(work->elf->elf, symbol.st_shndx);
	if (kind->is_relative)
		value -= work->address + relocation->offset;
	memcpy(place, &value, kind->size);
	return UTRACE_OK;
}

/* Whether this library reads the section, and nobody has relocated it. */
static bool is_read_here(Elf *elf, const GElf_Shdr *target)
{
	return !(target->sh_flags & SHF_ALLOC) || strcmp(section_name(elf, target), ".eh_frame") == 0;
}

static int relocate_section(struct work *work, Elf_Scn *scn, const GElf_Shdr *header, struct utrace_error *error)
{
	Elf *elf = work->elf->elf;
	Elf_Scn *target = elf_getscn(elf, header->sh_info);
	Elf_Scn *symbols = elf_getscn(elf, header->sh_link);
	Elf_Data *data = elf_getdata(scn, NULL);
	struct relocation relocation;
	int status = UTRACE_OK;
	GElf_Shdr its;

	if (!header->sh_info || !target || !gelf_getshdr(target, &its) || its.sh_type == SHT_NOBITS ||
	    !is_read_here(elf, &its))
		return UTRACE_OK;
	/* What is compressed is relocated as it is without. */
	if ((its.sh_flags & SHF_COMPRESSED) && elf_compress(target, 0, 0) < 0)
		return ut__fail(error, UTRACE_INVALID, 0, "A section of %s can't be decompressed: %s.", work->elf->path,
				elf_errmsg(-1));
	work->symbols = symbols ? elf_getdata(symbols, NULL) : NULL;
	work->data = elf_getdata(target, NULL);
	work->address = its.sh_addr;
	if (!data || !work->symbols || !work->data || !work->data->d_buf)
		return ut__fail(error, UTRACE_INVALID, 0, "The relocations of %s can't be read.", work->elf->path);
	for (int i = 0; !status && read_relocation(data, i, header->sh_type == SHT_RELA, &relocation); i++)
		status = apply(work, &relocation, error);
	return status;
}

/* ---- symbols ---- */

static void place_symbols(Elf *elf, Elf_Scn *scn)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		uint64_t address = section_address(elf, symbol.st_shndx);

		if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE ||
		    GELF_ST_TYPE(symbol.st_info) == STT_TLS)
			continue;
		/* What lies nowhere has no address that could be told. */
		if (!address)
			symbol.st_shndx = SHN_UNDEF;
		symbol.st_value += address;
		(void)gelf_update_sym(data, i, &symbol);
	}
}

int ut__elf_relocate(struct ut__elf *elf, const struct utrace_module_options *options, struct utrace_error *error)
{
	struct work work = {.elf = elf};
	int status = UTRACE_OK;
	Elf_Scn *scn = NULL;
	GElf_Ehdr header;
	GElf_Shdr section;

	if (!gelf_getehdr(elf->elf, &header))
		return ut__fail(error, UTRACE_INVALID, 0, "%s is no ELF file that can be read: %s.", elf->path,
				elf_errmsg(-1));
	work.machine = header.e_machine;
	while ((scn = elf_nextscn(elf->elf, scn)))
		place_section(elf->elf, scn, options);
	place_unwind_tables(elf->elf);
	while (!status && (scn = elf_nextscn(elf->elf, scn))) {
		if (gelf_getshdr(scn, &section) && (section.sh_type == SHT_RELA || section.sh_type == SHT_REL))
			status = relocate_section(&work, scn, &section, error);
	}
	while (!status && (scn = elf_nextscn(elf->elf, scn))) {
		if (gelf_getshdr(scn, &section) && section.sh_type == SHT_SYMTAB)
			place_symbols(elf->elf, scn);
	}
	return status;
}
