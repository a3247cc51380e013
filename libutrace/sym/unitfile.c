/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/unitfile.c - one split unit of a package as a file in memory, for libdw.
 *
 * The unit's contributions become the sections.  What a split unit takes from its skeleton comes along: its part of .debug_addr,
 * where a base of 0 is what libdw assumes, and its base address, for which the unit's identity makes room:
 *   DWARF 5   the 8 bytes in the header, as that of an ordinary unit is shorter: its entry moves up, and what lies behind stays where it is
 *   DWARF 4   the 8 bytes of DW_AT_GNU_dwo_id, whose value moves into the abbreviation
 * The strings, which all units share, are mapped behind, not copied.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sym/package.h"

/* Columns of the index. (DWARF 5, table 7.1; those of the GNU form up to 6 are the same but for TYPES) */
enum { IN_INFO = 1, IN_TYPES = 2, IN_ABBREV = 3, IN_LINE = 4, IN_LOCATIONS = 5, IN_STR_OFFSETS = 6, IN_RNGLISTS = 8 };
enum { HEADER_5 = 20, HEADER_5_PLAIN = 12, HEADER_4 = 11, ROOM = 8, SECTIONS_MAX = 12 };

struct piece {
	const char *name;
	unsigned char *data;
	size_t size;
};

struct maker {
	const struct ut__unit_parts *parts;
	struct piece pieces[SECTIONS_MAX];
	size_t count;
	struct ut__section strings;
	uint64_t low_pc;
	uint32_t low_pc_index; /* in .debug_addr */
	bool failed;
};

/* A copy, with so much room behind it. */
static struct piece *add(struct maker *maker, const char *name, const struct ut__section *from, size_t room)
{
	struct piece *piece = &maker->pieces[maker->count];

	if (maker->count == SECTIONS_MAX || !(piece->data = calloc(1, from->size + room + 1))) {
		maker->failed = true;
		return NULL;
	}
	if (from->size)
		memcpy(piece->data, from->data, from->size);
	piece->name = name;
	piece->size = from->size;
	maker->count++;
	return piece;
}

static struct ut__section part(const struct maker *maker, const struct ut__index *index, int64_t row, uint32_t kind,
			       const char *name)
{
	struct ut__section whole = ut__elf_section(maker->parts->elf, name);

	return ut__index_part(index, row, kind, &whole);
}

static struct ut__section own_part(const struct maker *maker, uint32_t kind, const char *name)
{
	return part(maker, maker->parts->units, maker->parts->row, kind, name);
}

/* ---- abbreviations ---- */

static const unsigned char *read_leb(const unsigned char *at, const unsigned char *end, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; at && at < end && shift < 64; shift += 7) {
		*value |= (uint64_t)(*at & 0x7f) << shift;
		if (!(*at++ & 0x80))
			return at;
	}
	return NULL;
}

/* Past an attribute's value in the unit's own entry; NULL: a form that such entries do not have. */
static const unsigned char *skip_value(uint64_t form, const unsigned char *at, const unsigned char *end,
				       unsigned address_size)
{
	static const uint8_t sizes[] = {
		[DW_FORM_data1] = 1,  [DW_FORM_flag] = 1,       [DW_FORM_strx1] = 1,  [DW_FORM_addrx1] = 1,
		[DW_FORM_data2] = 2,  [DW_FORM_strx2] = 2,      [DW_FORM_addrx2] = 2, [DW_FORM_strx3] = 3,
		[DW_FORM_addrx3] = 3, [DW_FORM_data4] = 4,      [DW_FORM_strp] = 4,   [DW_FORM_line_strp] = 4,
		[DW_FORM_strx4] = 4,  [DW_FORM_sec_offset] = 4, [DW_FORM_addrx4] = 4, [DW_FORM_data8] = 8,
	};
	uint64_t ignored;

	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		return at;
	case DW_FORM_udata:
	case DW_FORM_sdata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_rnglistx:
	case DW_FORM_loclistx:
	case DW_FORM_GNU_str_index:
	case DW_FORM_GNU_addr_index:
		return read_leb(at, end, &ignored);
	case DW_FORM_string:
		at = memchr(at, 0, (size_t)(end - at));
		return at ? at + 1 : NULL;
	case DW_FORM_addr:
		return (size_t)(end - at) >= address_size ? at + address_size : NULL;
	default:
		if (form >= sizeof(sizes) || !sizes[form] || end - at < sizes[form])
			return NULL;
		return at + sizes[form];
	}
}

/* What was found of the unit's own entry; offsets in its abbreviations and in .debug_info. */
struct entry {
	size_t attributes_end; /* where the pair of zeros is */
	size_t end;            /* past the entry */
	size_t id_pair;        /* of DW_AT_GNU_dwo_id, 0: none; its pair takes three bytes */
	size_t id;
};

/* The declaration of a code: where its attributes begin. */
static const unsigned char *find_declaration(const struct piece *abbrev, uint64_t wanted)
{
	const unsigned char *at = abbrev->data;
	const unsigned char *end = at + abbrev->size;
	uint64_t code;
	uint64_t value;
	uint64_t form;

	while ((at = read_leb(at, end, &code)) && code) {
		at = read_leb(at, end, &value);
		if (!at || at++ >= end)
			return NULL;
		if (code == wanted)
			return at;
		do {
			at = read_leb(read_leb(at, end, &value), end, &form);
			if (form == DW_FORM_implicit_const)
				at = read_leb(at, end, &(uint64_t){0});
		} while (at && (value || form));
	}
	return NULL;
}

static bool find_entry(const struct piece *info, size_t header, const struct piece *abbrev, unsigned address_size,
		       struct entry *entry)
{
	const unsigned char *end = info->data + info->size;
	const unsigned char *last = abbrev->data + abbrev->size;
	const unsigned char *pair;
	const unsigned char *value;
	uint64_t attribute;
	uint64_t form;

	*entry = (struct entry){0};
	value = info->size > header ? read_leb(info->data + header, end, &attribute) : NULL;
	pair = value ? find_declaration(abbrev, attribute) : NULL;
	while (pair && value) {
		const unsigned char *next = read_leb(read_leb(pair, last, &attribute), last, &form);

		if (next && form == DW_FORM_implicit_const)
			next = read_leb(next, last, &(uint64_t){0});
		if (!next)
			return false;
		entry->attributes_end = (size_t)(pair - abbrev->data);
		entry->end = (size_t)(value - info->data);
		if (!attribute && !form)
			return true;
		if (attribute == DW_AT_GNU_dwo_id && form == DW_FORM_data8) {
			entry->id_pair = entry->attributes_end;
			entry->id = entry->end;
		}
		pair = next;
		value = skip_value(form, value, end, address_size);
	}
	return false;
}

/* Puts bytes in the place of others. */
static void replace(struct piece *piece, size_t at, size_t old, const unsigned char *with, size_t size)
{
	memmove(piece->data + at + size, piece->data + at + old, piece->size - at - old);
	memcpy(piece->data + at, with, size);
	piece->size += size - old;
}

/* ---- the unit with a base address ---- */

/* An ordinary unit: without identity, its own entry has 8 bytes more, for an address by index and the place of its files' names. */
static bool change_5(struct maker *maker, struct piece *info, struct piece *abbrev)
{
	static const unsigned char pairs[] = {DW_AT_low_pc, DW_FORM_addrx4, DW_AT_stmt_list, DW_FORM_sec_offset};
	struct entry entry;

	if (!find_entry(info, HEADER_5, abbrev, maker->parts->address_size, &entry))
		return false;
	info->data[6] = DW_UT_compile;
	memset(info->data + 8, 0, 4);
	memmove(info->data + HEADER_5_PLAIN, info->data + HEADER_5, entry.end - HEADER_5);
	memset(info->data + entry.end - ROOM, 0, ROOM);
	memcpy(info->data + entry.end - ROOM, &maker->low_pc_index, sizeof(maker->low_pc_index));
	replace(abbrev, entry.attributes_end, 0, pairs, sizeof(pairs));
	return true;
}

/* It stays a split unit, by which libdw knows the form of its location lists. */
static bool change_4(struct maker *maker, struct piece *info, struct piece *abbrev)
{
	unsigned char pairs[24] = {DW_AT_low_pc, DW_FORM_data8, 0xb1, 0x42, DW_FORM_implicit_const};
	unsigned address_size = maker->parts->address_size;
	struct entry entry;
	size_t size = 5;
	int64_t id;

	if (!find_entry(info, HEADER_4, abbrev, address_size, &entry) || !entry.id_pair)
		return false;
	memset(info->data + 6, 0, 4);
	memcpy(&id, info->data + entry.id, sizeof(id));
	for (bool more = true; more; size++) {
		unsigned char low = id & 0x7f;

		id >>= 7;
		more = !((id == 0 && !(low & 0x40)) || (id == -1 && (low & 0x40)));
		pairs[size] = (unsigned char)(low | (more ? 0x80 : 0));
	}
	/* Without an address of 8 bytes it stays a number, which libdw takes for none. */
	if (address_size == ROOM)
		pairs[1] = DW_FORM_addr;
	memcpy(info->data + entry.id, &maker->low_pc, ROOM);
	replace(abbrev, entry.id_pair, 3, pairs, size);
	return true;
}

/* Types that the same compilation made, which alone have the unit's abbreviations and strings. */
static void add_types(struct maker *maker, struct piece *info, bool is_5)
{
	const struct ut__index *types = maker->parts->types;
	struct ut__section abbrev = own_part(maker, IN_ABBREV, ".debug_abbrev.dwo");
	struct piece *into = info;

	for (uint32_t row = 0; row < types->rows; row++) {
		struct ut__section its = part(maker, types, row, IN_ABBREV, ".debug_abbrev.dwo");
		struct ut__section unit = is_5 ? part(maker, types, row, IN_INFO, ".debug_info.dwo")
					       : part(maker, types, row, IN_TYPES, ".debug_types.dwo");
		unsigned char *more;

		if (its.data != abbrev.data || unit.size < HEADER_5)
			continue;
		if (!is_5 && into == info && !(into = add(maker, ".debug_types", &(struct ut__section){0}, 0)))
			return;
		more = realloc(into->data, into->size + unit.size + 1);
		if (!more) {
			maker->failed = true;
			return;
		}
		into->data = more;
		memcpy(more + into->size, unit.data, unit.size);
		if (is_5)
			more[into->size + 6] = DW_UT_type;
		memset(more + into->size + (is_5 ? 8 : 6), 0, 4);
		into->size += unit.size;
	}
}

/* ---- what the skeleton has ---- */

/* From the unit's base in a section to that of the unit that comes next. */
static struct ut__section base_part(const struct maker *maker, unsigned attribute, const char *name)
{
	struct ut__file *file = maker->parts->file;
	struct ut__section whole = ut__elf_section(file->debug.elf ? &file->debug : &file->main, name);
	struct ut__units *units = ut__file_units(file, NULL);
	uint64_t base = 0;
	uint64_t end = whole.size;

	if (!ut__die_number(maker->parts->skeleton, attribute, &base) || base > whole.size)
		return (struct ut__section){0};
	for (size_t i = 0; units && i < units->count; i++) {
		uint64_t other;

		if (ut__die_number(&units->all[i].skeleton, attribute, &other) && other > base && other < end)
			end = other;
	}
	return (struct ut__section){.data = whole.data + base, .size = end - base};
}

static void add_addresses(struct maker *maker, bool is_5)
{
	struct ut__section addresses = base_part(maker, is_5 ? DW_AT_addr_base : DW_AT_GNU_addr_base, ".debug_addr");
	unsigned size = maker->parts->address_size;
	struct piece *piece;

	addresses.size -= size ? addresses.size % size : 0;
	piece = add(maker, ".debug_addr", &addresses, sizeof(uint64_t));
	if (!piece || !size || size > sizeof(maker->low_pc))
		return;
	maker->low_pc_index = (uint32_t)(piece->size / size);
	memcpy(piece->data + piece->size, &maker->low_pc, size);
	piece->size += size;
}

static bool gather(struct maker *maker)
{
	bool is_5 = maker->parts->units->version == 5;
	struct ut__section info = own_part(maker, IN_INFO, ".debug_info.dwo");
	struct ut__section abbrev = own_part(maker, IN_ABBREV, ".debug_abbrev.dwo");
	struct ut__section line = own_part(maker, IN_LINE, ".debug_line.dwo");
	struct ut__section offsets = own_part(maker, IN_STR_OFFSETS, ".debug_str_offsets.dwo");
	struct ut__section locations = own_part(maker, IN_LOCATIONS, is_5 ? ".debug_loclists.dwo" : ".debug_loc.dwo");
	struct ut__section ranges = is_5 ? own_part(maker, IN_RNGLISTS, ".debug_rnglists.dwo")
					 : base_part(maker, DW_AT_GNU_ranges_base, ".debug_ranges");
	struct piece *of_info;
	struct piece *of_abbrev;
	uint32_t length = 0;

	if (info.size > HEADER_5)
		memcpy(&length, info.data, sizeof(length));
	/* Units of 4 GiB and more have another header. */
	if (!length || length > info.size - 4)
		return false;
	add_addresses(maker, is_5);
	of_info = add(maker, ".debug_info", &info, 0);
	of_abbrev = add(maker, ".debug_abbrev", &abbrev, 2 * HEADER_5);
	(void)add(maker, ".debug_line", &line, 0);
	(void)add(maker, ".debug_str_offsets", &offsets, 0);
	(void)add(maker, is_5 ? ".debug_loclists" : ".debug_loc", &locations, 0);
	(void)add(maker, is_5 ? ".debug_rnglists" : ".debug_ranges", &ranges, 0);
	if (maker->failed || !(is_5 ? change_5 : change_4)(maker, of_info, of_abbrev))
		return false;
	if (maker->parts->types->section.data)
		add_types(maker, of_info, is_5);
	return !maker->failed;
}

/* ---- the file ---- */

static size_t round_up(size_t size, size_t to)
{
	return (size + to - 1) / to * to;
}

/* Headers, names, and what has been gathered; then, from a page on, what is mapped. */
static size_t small_size(const struct maker *maker)
{
	size_t size = sizeof(Elf64_Ehdr) + (maker->count + 3) * (sizeof(Elf64_Shdr) + 32);

	for (size_t i = 0; i < maker->count; i++)
		size += round_up(maker->pieces[i].size, 8);
	return round_up(size, (size_t)sysconf(_SC_PAGESIZE));
}

/* The strings' place in the package; where they were decompressed, they are copied. */
static bool map_strings(const struct maker *maker, char *at, size_t before)
{
	size_t length;
	const char *raw = elf_rawfile(maker->parts->elf->elf, &length);
	const char *data = (const char *)maker->strings.data;

	if (!data || !raw || data < raw || data + maker->strings.size > raw + length) {
		if (data)
			memcpy(at + before, data, maker->strings.size);
		return true;
	}
	return mmap(at, before + maker->strings.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
		    maker->parts->elf->fd, (off_t)(data - raw - (ptrdiff_t)before)) != MAP_FAILED;
}

static void write_headers(const struct maker *maker, char *image, size_t strings_at)
{
	Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)image;
	Elf64_Shdr *section = (Elf64_Shdr *)(void *)(image + sizeof(*header));
	char *names = (char *)(section + maker->count + 3);
	size_t name = 1;
	size_t at = (size_t)(names - image) + (maker->count + 3) * 32;

	*header = (Elf64_Ehdr){.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			       .e_type = ET_EXEC,
			       .e_machine = (Elf64_Half)maker->parts->file->machine,
			       .e_version = EV_CURRENT,
			       .e_ehsize = sizeof(*header),
			       .e_shoff = sizeof(*header),
			       .e_shentsize = sizeof(*section),
			       .e_shnum = (Elf64_Half)(maker->count + 3),
			       .e_shstrndx = 1};
	section[1] = (Elf64_Shdr){
		.sh_type = SHT_STRTAB, .sh_offset = (Elf64_Off)(names - image), .sh_size = (maker->count + 3) * 32};
	for (size_t i = 0; i <= maker->count; i++) {
		bool is_strings = i == maker->count;
		const char *text = is_strings ? ".debug_str" : maker->pieces[i].name;

		section[i + 2] = (Elf64_Shdr){.sh_name = (Elf64_Word)name,
					      .sh_type = SHT_PROGBITS,
					      .sh_addralign = 1,
					      .sh_offset = is_strings ? strings_at : at,
					      .sh_size = is_strings ? maker->strings.size : maker->pieces[i].size};
		name += strlen(strcpy(names + name, text)) + 1;
		if (is_strings)
			break;
		if (maker->pieces[i].size)
			memcpy(image + at, maker->pieces[i].data, maker->pieces[i].size);
		at += round_up(maker->pieces[i].size, 8);
	}
}

static bool open_image(struct ut__unit_file *made)
{
	Dwarf_CU *cu;

	made->elf = elf_memory(made->image, made->size);
	made->dwarf = made->elf ? dwarf_begin_elf(made->elf, DWARF_C_READ, NULL) : NULL;
	return made->dwarf && !dwarf_get_units(made->dwarf, NULL, &cu, NULL, NULL, &made->die, NULL) &&
	       dwarf_tag(&made->die) == DW_TAG_compile_unit;
}

static struct ut__unit_file *write_image(const struct maker *maker)
{
	struct ut__unit_file *made = calloc(1, sizeof(*made));
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t small = small_size(maker);
	size_t length;
	const char *raw = elf_rawfile(maker->parts->elf->elf, &length);
	size_t before = raw ? (size_t)((uintptr_t)maker->strings.data - (uintptr_t)raw) % page : 0;

	if (!made)
		return NULL;
	made->size = small + round_up(before + maker->strings.size, page);
	made->image = mmap(NULL, made->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (made->image == MAP_FAILED) {
		free(made);
		return NULL;
	}
	write_headers(maker, made->image, small + before);
	if (map_strings(maker, made->image + small, before) && open_image(made))
		return made;
	ut__unit_file_free(made);
	return NULL;
}

struct ut__unit_file *ut__unit_file_make(const struct ut__unit_parts *parts)
{
	struct maker maker = {.parts = parts, .strings = ut__elf_section(parts->elf, ".debug_str.dwo")};
	struct ut__unit_file *made = NULL;
	Dwarf_Addr low = 0;

	if (!dwarf_lowpc(parts->skeleton, &low))
		maker.low_pc = low;
	if (gather(&maker))
		made = write_image(&maker);
	for (size_t i = 0; i < maker.count; i++)
		free(maker.pieces[i].data);
	return made;
}

void ut__unit_file_free(struct ut__unit_file *made)
{
	if (!made)
		return;
	(void)dwarf_end(made->dwarf);
	(void)elf_end(made->elf);
	(void)munmap(made->image, made->size);
	free(made);
}
