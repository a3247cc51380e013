/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jit_host.c - a program that makes code while it runs and tells debuggers of it (gdb's manual, "JIT Compilation Interface"): the code of
 * the object file argv[1] is copied into executable memory, and the object, with the address in it, is registered.
 *
 * Descriptor 0: "c" calls the code, which waits for a byte in the middle; "u" takes the registration back; else the end.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct jit_code_entry {
	struct jit_code_entry *next, *prev;
	const char *file;
	uint64_t size;
};
struct jit_descriptor {
	uint32_t version, action;
	struct jit_code_entry *relevant, *first;
};

struct jit_descriptor __jit_debug_descriptor = {.version = 1};
static struct jit_code_entry entry;
static int (*code)(int (*wait)(int number), int given);

__attribute__((noinline)) void __jit_debug_register_code(void)
{
	__asm__ volatile("" ::: "memory");
}

static void tell(uint32_t action, struct jit_code_entry *first)
{
	__jit_debug_descriptor.first = first;
	__jit_debug_descriptor.relevant = &entry;
	__jit_debug_descriptor.action = action;
	__jit_debug_register_code();
}

static char next_byte(void)
{
	char byte;

	return read(0, &byte, 1) == 1 ? byte : 'e';
}

static int jit_wait(int number)
{
	printf("waiting\n");
	fflush(stdout);
	return next_byte() == 'w' ? number : 0;
}

static int make(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat status;
	Elf64_Ehdr *header;
	Elf64_Shdr *sections;
	const char *names;
	char *file;

	if (fd < 0 || fstat(fd, &status))
		return 0;
	file = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	header = (Elf64_Ehdr *)(void *)file;
	sections = (Elf64_Shdr *)(void *)(file + header->e_shoff);
	names = file + sections[header->e_shstrndx].sh_offset;
	for (int i = 0; i < header->e_shnum; i++) {
		Elf64_Shdr *section = &sections[i];
		char *place;

		if (strcmp(names + section->sh_name, ".text") != 0)
			continue;
		place = mmap(NULL, section->sh_size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);
		memcpy(place, file + section->sh_offset, section->sh_size);
		section->sh_addr = (uintptr_t)place;
		memcpy(&code, &place, sizeof(place));
	}
	entry.file = file;
	entry.size = (uint64_t)status.st_size;
	return code != NULL;
}

int main(int argc, char **argv)
{
	int sum = 0;
	char byte;

	if (argc < 2 || !make(argv[1]))
		return 2;
	tell(1, &entry);
	printf("ready\n");
	printf("text %lx\n", (unsigned long)code);
	fflush(stdout);
	while ((byte = next_byte()) == 'c' || byte == 'u') {
		if (byte == 'c')
			sum += code(jit_wait, 14);
		else
			tell(2, NULL);
		printf("done\n");
		fflush(stdout);
	}
	return sum < 0;
}
