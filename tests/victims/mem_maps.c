/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings of every kind, whose addresses it tells; after a byte it says what it finds in them now.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "att_common.h"

#define PAGE 4096

static __attribute__((noinline)) int constant_function(void)
{
	int value;

	/* An immediate in the text, which is read-only, for the tracer to change. */
	__asm__ volatile(".globl text_value\n\tmovl $0x11111111, %0\ntext_value:" : "=a"(value));
	return value;
}

extern char text_value[];

/* Two pages of letters, then none. */
static char *map_before_hole(void)
{
	char *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(pages != MAP_FAILED && !munmap(pages + 2 * PAGE, PAGE));
	memset(pages, 'a', PAGE);
	memset(pages + PAGE, 'b', PAGE);
	memset(pages + 3 * PAGE, 'd', PAGE);
	return pages;
}

static char *map_none(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(page != MAP_FAILED);
	strcpy(page, "behind the door");
	CHECK(!mprotect(page, PAGE, PROT_NONE));
	return page;
}

/* A file's page that may not be written by anybody through this mapping: shared and of a descriptor for reading. */
static char *map_shared(void)
{
	char name[] = "/tmp/mem_maps.XXXXXX";
	int writable = mkstemp(name), readable;
	char *page;

	CHECK(writable >= 0 && write(writable, "shared text", 12) == 12);
	readable = open(name, O_RDONLY);
	CHECK(readable >= 0 && !unlink(name));
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, readable, 0);
	CHECK(page != MAP_FAILED);
	close(writable);
	return page;
}

static void *stay(void *unused)
{
	int byte = wait_byte();

	if (byte == 'x') {
		/* /proc/self is the leader, which has no program any more. */
		char *const argv[] = {"/proc/thread-self/exe", "new", NULL};

		execv(argv[0], argv);
	}
	say("ok stayed\n");
	syscall(SYS_exit_group, 0);
	return unused;
}

static char version[16] = "old program";

int main(int argc, char **argv)
{
	/* The hole comes last, or another mapping would fill it. */
	char *none = map_none(), *shared = map_shared(), *hole = map_before_hole();
	bool leader_exits = argc > 1 && !strcmp(argv[1], "leader");
	pthread_t thread;

	if (argc > 1 && !strcmp(argv[1], "new"))
		strcpy(version, "new program");
	say("hole %lx none %lx shared %lx text %lx version %lx\n", (unsigned long)hole, (unsigned long)none,
	    (unsigned long)shared, (unsigned long)text_value - 4, (unsigned long)version);
	if (leader_exits) {
		CHECK(!pthread_create(&thread, NULL, stay, NULL));
		syscall(SYS_exit, 0);
	}
	if (wait_byte() == 'x')
		execl("/proc/self/exe", "mem_maps", "new", NULL);
	CHECK(!mprotect(none, PAGE, PROT_READ));
	say("hole %c%c none %.20s shared %s text %x\n", hole[0], hole[2 * PAGE - 1], none, shared,
	    (unsigned)constant_function());
	say("ok\n");
	return 0;
}
