/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Executes itself, or what it is told to, in the ways that the kernel has.  exec_ways WAY [FILE [ERROR]]
 *   run FILE            executes FILE with the argument "report"
 *   fails FILE ERROR    the same, which must fail with this errno
 *   huge                with more arguments than there may be, which must fail
 *   deleted             a copy of itself that is deleted before
 *   memory              a copy of itself in a memfd
 *   thread COUNT        by one thread of many, the others of which make threads all the while
 *   report [...]        "uid REAL EFFECTIVE name NAME"
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "att_common.h"

static void report(void)
{
	char name[17] = "";

	CHECK(!prctl(PR_GET_NAME, name));
	say("uid %d %d name %s\n", getuid(), geteuid(), name);
}

static void run(char *file)
{
	char *const argv[] = {file, (char *)"report", NULL};

	execv(file, argv);
}

static void copy_self(int to)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat status;

	CHECK(from >= 0 && to >= 0 && !fstat(from, &status));
	CHECK(sendfile(to, from, NULL, (size_t)status.st_size) == status.st_size);
	CHECK(!fchmod(to, 0755) && !close(from));
}

static void run_descriptor(int fd)
{
	char *const argv[] = {(char *)"exec_ways", (char *)"report", NULL};

	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	fail("execveat", __LINE__);
}

static void run_deleted(void)
{
	char path[] = "/tmp/utrace-test-XXXXXX";
	int written = mkostemp(path, O_CLOEXEC), fd;

	copy_self(written);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && !close(written) && !unlink(path));
	run_descriptor(fd);
}

static void run_memory(void)
{
	int fd = memfd_create("utrace-test", MFD_CLOEXEC);

	copy_self(fd);
	run_descriptor(fd);
}

static void run_huge(void)
{
	size_t size = 4 << 20;
	char *text = malloc(size);
	char *argv[3] = {(char *)"/bin/true", text, NULL};

	CHECK(text);
	memset(text, 'x', size - 1);
	text[size - 1] = 0;
	CHECK(execv("/bin/true", argv) == -1 && errno == E2BIG);
	free(text);
}

static void *nothing(void *unused)
{
	return unused;
}

static void *make_threads(void *unused)
{
	pthread_t thread;

	for (;;) {
		if (!pthread_create(&thread, NULL, nothing, NULL))
			pthread_join(thread, NULL);
	}
	return unused;
}

static void *run_self(void *path)
{
	run(path);
	fail("execv", __LINE__);
	return NULL;
}

static void run_by_thread(char *self, int count)
{
	pthread_t thread;

	for (int i = 0; i < count; i++)
		CHECK(!pthread_create(&thread, NULL, make_threads, NULL));
	CHECK(wait_byte() == 'g');
	CHECK(!pthread_create(&thread, NULL, run_self, self));
	make_threads(NULL);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";

	if (!strcmp(way, "run")) {
		run(argv[2]);
		fail("execv", __LINE__);
	} else if (!strcmp(way, "fails")) {
		run(argv[2]);
		CHECK(errno == atoi(argv[3]));
	} else if (!strcmp(way, "huge")) {
		run_huge();
	} else if (!strcmp(way, "deleted")) {
		run_deleted();
	} else if (!strcmp(way, "memory")) {
		run_memory();
	} else if (!strcmp(way, "thread")) {
		run_by_thread(argv[0], atoi(argv[2]));
	}
	report();
	return 0;
}
