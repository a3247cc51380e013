/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/ifunc.c - what a GNU indirect function stands for in a process: its symbol is that of a resolver, whose choice the dynamic linker (or
 * the start of a static program) has stored in the slots through which the function is called. (System V ABI, AMD64 supplement,
 * "R_X86_64_IRELATIVE"; sourceware.org/glibc/wiki/GNU_IFUNC)
 *
 * Nothing is run in the tracee to find out.  Until a slot has been filled there is no answer.
 */
#include <string.h>

#include "sym/sym.h"

struct search {
	utrace_module *owner;
	const char *name;
	uint64_t resolver; /* at run time */
	uint64_t target;
};

static bool is_irelative(int machine, uint32_t type)
{
	return machine == EM_X86_64 ? type == R_X86_64_IRELATIVE : type == R_386_IRELATIVE;
}

/* A slot that is still to be filled leads to the linkage table that it belongs to, or to the resolver. */
static bool accept(struct search *search, const utrace_module *user, uint64_t slot)
{
	utrace_image *image = user->image;
	uint64_t value = 0;
	const char *section;

	if (ut__image_read(image, slot + user->bias, &value, user->file->bits / 8, NULL) || !value ||
	    value == search->resolver || ut__mapped_at(image, value) != search->owner ||
	    !ut__image_is_code(image, value))
		return false;
	section = utrace_module_section_at(search->owner, value);
	if (section && (strncmp(section, ".plt", 4) == 0 || strncmp(section, ".iplt", 5) == 0))
		return false;
	search->target = value;
	return true;
}

/* Where the resolver's address stands for a relocation without symbol: beside it, or in the slot as the file has it. */
static uint64_t addend_of(const struct ut__file *file, const GElf_Shdr *header, const GElf_Rela *relocation)
{
	uint64_t value = 0;

	if (header->sh_type == SHT_RELA)
		return (uint64_t)relocation->r_addend;
	return ut__file_bytes(file, relocation->r_offset, &value, file->bits / 8) ? value : 0;
}

static bool is_about(const struct search *search, const utrace_module *user, const GElf_Shdr *header,
		     const GElf_Rela *relocation)
{
	const struct ut__file *file = user->file;
	const char *name;

	if (is_irelative(file->machine, (uint32_t)GELF_R_TYPE(relocation->r_info)))
		return user == search->owner && addend_of(file, header, relocation) + user->bias == search->resolver;
	if (!GELF_R_SYM(relocation->r_info))
		return false;
	name = ut__elf_symbol_name(file->main.elf, header->sh_link, GELF_R_SYM(relocation->r_info));
	return name && strcmp(name, search->name) == 0;
}

static bool search_relocations(struct search *search, const utrace_module *user, Elf_Scn *scn, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	bool has_addends = header->sh_type == SHT_RELA;
	GElf_Rela relocation;
	GElf_Rel without;

	for (int i = 0; data; i++) {
		if (has_addends ? !gelf_getrela(data, i, &relocation) : !gelf_getrel(data, i, &without))
			return false;
		if (!has_addends)
			relocation = (GElf_Rela){.r_offset = without.r_offset, .r_info = without.r_info};
		if (is_about(search, user, header, &relocation) && accept(search, user, relocation.r_offset))
			return true;
	}
	return false;
}

static bool search_module(struct search *search, utrace_module *user)
{
	struct ut__file *file = ut__module_file(user, NULL);
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	if (!file || (file->machine != EM_X86_64 && file->machine != EM_386))
		return false;
	while ((scn = elf_nextscn(file->main.elf, scn))) {
		if (gelf_getshdr(scn, &header) && (header.sh_flags & SHF_ALLOC) &&
		    (header.sh_type == SHT_RELA || header.sh_type == SHT_REL) &&
		    search_relocations(search, user, scn, &header))
			return true;
	}
	return false;
}

bool ut__ifunc_target(utrace_module *module, const char *name, uint64_t resolver, uint64_t *target)
{
	struct search search = {.owner = module, .name = name, .resolver = resolver + module->bias};
	utrace_image *image = module->image;
	bool found;

	if (!image->process)
		return false;
	found = search_module(&search, module);
	for (size_t i = 0; i < image->mapped_count && !found; i++)
		found = image->modules[i] != module && search_module(&search, image->modules[i]);
	*target = search.target - module->bias;
	return found;
}
