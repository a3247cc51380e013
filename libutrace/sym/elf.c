/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/elf.c - ELF symbols by address and by name. (System V ABI, "Symbol Table")
 *
 * The table has what .symtab says, of the file or of its debug file; else .dynsym and what .gnu_debugdata adds; and
 * the stubs of the linkage table.  It is sorted by address, and of several at one address the last is the best name.
 * Names point into the files, which live as long as the table.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/sym.h"
#include "util/array.h"

struct entry {
	uint64_t address;
	uint64_t length;
	const char *name;
	uint8_t kind; /* enum utrace_symbol_kind */
	uint8_t binding;
};

/* A name without the version that linkers add to it in .symtab: "memcpy@@GLIBC_2.14". */
struct version_cut {
	struct version_cut *next;
	char name[];
};

struct ut__symbol_table {
	struct entry *entries;
	size_t count, room;
	uint64_t *reach; /* reach[i]: the largest end of entries[0..i], so that a search back knows where to stop */
	struct ut__plt_stub *stubs;
	size_t stub_count;
	struct version_cut *cuts;
};

void ut__symbol_table_free(struct ut__symbol_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->stub_count; i++)
		free(table->stubs[i].name);
	while (table->cuts) {
		struct version_cut *next = table->cuts->next;

		free(table->cuts);
		table->cuts = next;
	}
	free(table->stubs);
	free(table->entries);
	free(table->reach);
	free(table);
}

static uint8_t kind_of(unsigned char type)
{
	switch (type) {
	case STT_FUNC:
		return UTRACE_SYMBOL_FUNCTION;
	case STT_OBJECT:
	case STT_COMMON:
		return UTRACE_SYMBOL_OBJECT;
	case STT_TLS:
		return UTRACE_SYMBOL_TLS;
	case STT_GNU_IFUNC:
		return UTRACE_SYMBOL_IFUNC;
	default:
		return UTRACE_SYMBOL_OTHER;
	}
}

static bool add(struct ut__symbol_table *table, const struct entry *entry)
{
	if (!ut__grow(&table->entries, &table->room, table->count, sizeof(*table->entries)))
		return false;
	table->entries[table->count++] = *entry;
	return true;
}

static bool is_wanted(const GElf_Sym *symbol, const char *name)
{
	unsigned char type = GELF_ST_TYPE(symbol->st_info);

	return name && *name && symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS && type != STT_FILE &&
	       type != STT_SECTION;
}

static const char *without_version(struct ut__symbol_table *table, const char *name)
{
	const char *version = strstr(name, "@@");
	struct version_cut *cut = version ? malloc(sizeof(*cut) + (size_t)(version - name) + 1) : NULL;

	if (!cut)
		return name;
	cut->next = table->cuts;
	table->cuts = cut;
	memcpy(cut->name, name, (size_t)(version - name));
	cut->name[version - name] = '\0';
	return cut->name;
}

static bool add_symbol(struct ut__symbol_table *table, const GElf_Sym *symbol, const char *name)
{
	struct entry entry = {.address = symbol->st_value,
			      .length = symbol->st_size,
			      .kind = kind_of(GELF_ST_TYPE(symbol->st_info)),
			      .binding = GELF_ST_BIND(symbol->st_info)};

	if (!is_wanted(symbol, name))
		return true;
	entry.name = without_version(table, name);
	return add(table, &entry);
}

/* Every symbol of the sections of this type; false if there is no such section with symbols in it. */
static bool add_section(struct ut__symbol_table *table, const struct ut__elf *elf, uint32_t type)
{
	size_t before = table->count;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while (elf->elf && (scn = elf_nextscn(elf->elf, scn))) {
		Elf_Data *data;
		GElf_Sym symbol;

		if (!gelf_getshdr(scn, &header) || header.sh_type != type || !header.sh_entsize)
			continue;
		data = elf_getdata(scn, NULL);
		for (int i = 1; data && gelf_getsym(data, i, &symbol); i++) {
			if (!add_symbol(table, &symbol, elf_strptr(elf->elf, header.sh_link, symbol.st_name)))
				return false;
		}
	}
	return table->count > before;
}

/* The dynamic symbols by way of PT_DYNAMIC, for images that have no sections. The number of them is that of DT_HASH's
 * chains, or lies between DT_SYMTAB and DT_STRTAB, which linkers put one after the other. */
static void add_dynamic(struct ut__symbol_table *table, struct ut__file *file)
{
	uint64_t tags[64] = {0};
	char entry[sizeof(Elf64_Sym)];
	const size_t entry_size = file->bits == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	const size_t word = file->bits / 8;
	size_t length;
	const char *raw = elf_rawfile(file->main.elf, &length);

	for (size_t i = 0; i < file->segment_count; i++) {
		uint64_t pair[2] = {0, 0};

		if (file->segments[i].p_type != PT_DYNAMIC)
			continue;
		for (uint64_t at = file->segments[i].p_vaddr;; at += 2 * word) {
			uint64_t tag = 0;

			if (ut__file_bytes(file, at, &tag, word) != word || !tag ||
			    ut__file_bytes(file, at + word, &pair[1], word) != word)
				break;
			if (tag < 64)
				tags[tag] = pair[1];
		}
	}
	if (!raw || !tags[DT_SYMTAB] || tags[DT_STRTAB] < tags[DT_SYMTAB])
		return;
	for (uint64_t at = tags[DT_SYMTAB] + entry_size; at + entry_size <= tags[DT_STRTAB]; at += entry_size) {
		GElf_Sym symbol;
		uint64_t name;

		if (ut__file_bytes(file, at, entry, entry_size) != entry_size)
			return;
		if (file->bits == 64) {
			memcpy(&symbol, entry, sizeof(symbol));
		} else {
			Elf32_Sym small;

			memcpy(&small, entry, sizeof(small));
			symbol = (GElf_Sym){small.st_name,  small.st_info,  small.st_other,
					    small.st_shndx, small.st_value, small.st_size};
		}
		name = tags[DT_STRTAB] + symbol.st_name;
		if (name < length && memchr(raw + name, 0, length - name) && !add_symbol(table, &symbol, raw + name))
			return;
	}
}

static void add_stubs(struct ut__symbol_table *table, struct ut__file *file)
{
	table->stub_count = ut__file_plt(file, &table->stubs);
	for (size_t i = 0; i < table->stub_count; i++) {
		struct entry entry = {.address = table->stubs[i].address,
				      .length = table->stubs[i].length,
				      .name = table->stubs[i].name,
				      .kind = UTRACE_SYMBOL_PLT};

		if (!add(table, &entry))
			return;
	}
}

/*
 * By address, then the better name later: code and data before marks, those with a length first, then the last by alphabet,
 * so that "read" goes before "__read". That is the choice of gdb, whose users know these names.
 */
static int compare(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	int order;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	order = (a->kind != UTRACE_SYMBOL_OTHER) - (b->kind != UTRACE_SYMBOL_OTHER);
	if (!order)
		order = (a->length != 0) - (b->length != 0);
	return order ? order : strcmp(a->name, b->name);
}

static void finish(struct ut__symbol_table *table)
{
	uint64_t reach = 0;

	if (table->count)
		qsort(table->entries, table->count, sizeof(*table->entries), compare);
	table->reach = calloc(table->count ? table->count : 1, sizeof(*table->reach));
	for (size_t i = 0; table->reach && i < table->count; i++) {
		uint64_t end = table->entries[i].address + table->entries[i].length;

		if (table->entries[i].kind != UTRACE_SYMBOL_TLS && end > reach)
			reach = end;
		table->reach[i] = reach;
	}
}

static struct ut__symbol_table *load(struct ut__file *file)
{
	struct ut__symbol_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	if (!add_section(table, &file->main, SHT_SYMTAB)) {
		ut__file_find_debug(file);
		if (!add_section(table, &file->debug, SHT_SYMTAB)) {
			struct ut__elf *mini = ut__file_mini(file);

			if (mini)
				(void)add_section(table, mini, SHT_SYMTAB);
			if (!add_section(table, &file->main, SHT_DYNSYM))
				add_dynamic(table, file);
		}
	}
	add_stubs(table, file);
	finish(table);
	return table;
}

static struct ut__symbol_table *need(struct ut__file *file)
{
	if (!file->table)
		file->table = load(file);
	return file->table && file->table->reach ? file->table : NULL;
}

static void fill(struct utrace_symbol *symbol, const struct entry *entry)
{
	*symbol = (struct utrace_symbol){.size = sizeof(*symbol),
					 .name = entry->name,
					 .address = entry->address,
					 .length = entry->length,
					 .kind = entry->kind,
					 .is_global = entry->binding != STB_LOCAL || entry->kind == UTRACE_SYMBOL_PLT};
}

/* The first entry past the address. */
static size_t upper_bound(const struct ut__symbol_table *table, uint64_t address)
{
	size_t low = 0;
	size_t high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->entries[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool same_segment(const struct ut__file *file, uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < file->segment_count; i++) {
		const GElf_Phdr *segment = &file->segments[i];

		if (segment->p_type == PT_LOAD && a - segment->p_vaddr < segment->p_memsz)
			return b - segment->p_vaddr < segment->p_memsz;
	}
	return false;
}

bool ut__file_symbol_at(struct ut__file *file, uint64_t address, struct utrace_symbol *symbol)
{
	struct ut__symbol_table *table = need(file);
	const struct entry *nearest = NULL;

	if (!table)
		return false;
	for (size_t i = upper_bound(table, address); i-- > 0;) {
		const struct entry *entry = &table->entries[i];

		if (entry->kind == UTRACE_SYMBOL_TLS)
			continue;
		if (address - entry->address < entry->length) {
			fill(symbol, entry);
			return true;
		}
		if (!nearest && !entry->length)
			nearest = entry;
		if (table->reach[i] <= address)
			break;
	}
	if (!nearest || !same_segment(file, address, nearest->address))
		return false;
	fill(symbol, nearest);
	return true;
}

int ut__file_symbol_each(struct ut__file *file, const char *name, utrace_symbol_callback *callback, void *data)
{
	struct ut__symbol_table *table = need(file);

	for (size_t i = 0; table && i < table->count; i++) {
		struct utrace_symbol symbol;
		int answer;

		if (name && strcmp(table->entries[i].name, name) != 0)
			continue;
		fill(&symbol, &table->entries[i]);
		answer = callback(&symbol, data);
		if (answer)
			return answer;
	}
	return 0;
}

int utrace_symbol_at(utrace_image *image, uint64_t address, struct utrace_symbol *symbol, struct utrace_error *error)
{
	struct utrace_symbol full;
	utrace_module *module;
	uint64_t elf_address = 0;
	int status;

	ut__sym_lock(image->symbols);
	status = ut__image_find(image, address, &module, &elf_address, error);
	if (!status && !ut__file_symbol_at(module->file, elf_address, &full))
		status = ut__fail(error, UTRACE_NOT_FOUND, 0, "No symbol of %s covers the address %#llx.", module->name,
				  (unsigned long long)address);
	if (!status) {
		full.module = module;
		full.address += module->bias;
		status = ut__store(symbol, &full, sizeof(full), error);
	}
	ut__sym_unlock(image->symbols);
	return status;
}

struct each {
	utrace_module *module;
	utrace_symbol_callback *callback;
	void *data;
};

static int each_symbol(const struct utrace_symbol *symbol, void *data)
{
	const struct each *each = data;
	struct utrace_symbol full = *symbol;

	full.module = each->module;
	if (full.kind != UTRACE_SYMBOL_TLS)
		full.address += each->module->bias;
	return each->callback(&full, each->data);
}

int utrace_symbol_each(utrace_image *image, utrace_module *module, const char *name, utrace_symbol_callback *callback,
		       void *data)
{
	int answer = 0;

	ut__sym_lock(image->symbols);
	if (ut__image_need_maps(image, NULL))
		answer = 0;
	for (size_t i = 0; i < image->module_count && !answer; i++) {
		struct each each = {image->modules[i], callback, data};

		if ((!module || module == each.module) && ut__module_file(each.module, NULL))
			answer = ut__file_symbol_each(each.module->file, name, each_symbol, &each);
	}
	ut__sym_unlock(image->symbols);
	return answer;
}

const char *utrace_module_section_at(utrace_module *module, uint64_t address)
{
	const char *name = NULL;
	struct ut__file *file;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	size_t names;

	ut__sym_lock(module->image->symbols);
	file = ut__module_file(module, NULL);
	if (file && elf_getshdrstrndx(file->main.elf, &names) == 0)
		while (!name && (scn = elf_nextscn(file->main.elf, scn)))
			if (gelf_getshdr(scn, &header) && (header.sh_flags & SHF_ALLOC) &&
			    !(header.sh_flags & SHF_TLS) && address - module->bias - header.sh_addr < header.sh_size)
				name = elf_strptr(file->main.elf, names, header.sh_name);
	ut__sym_unlock(module->image->symbols);
	return name;
}

int utrace_section_each(utrace_module *module, utrace_section_callback *callback, void *data)
{
	struct ut__file *file;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	size_t names;
	int answer = 0;

	ut__sym_lock(module->image->symbols);
	file = ut__module_file(module, NULL);
	if (file && elf_getshdrstrndx(file->main.elf, &names) == 0)
		while (!answer && (scn = elf_nextscn(file->main.elf, scn))) {
			struct utrace_section section = {.size = sizeof(section)};

			if (!gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_ALLOC))
				continue;
			section.name = elf_strptr(file->main.elf, names, header.sh_name);
			section.start = header.sh_addr + module->bias;
			section.end = section.start + header.sh_size;
			if (section.name)
				answer = callback(&section, data);
		}
	ut__sym_unlock(module->image->symbols);
	return answer;
}
