// SPDX-License-Identifier: GPL-2.0-only
/*
 * What records of system calls carry of the thread's memory: by kind, source, phase and ABI;
 * bounds, faults, and who may not.
 */
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "../kselftest_harness.h"
#include "session.h"

#define ENTRY	UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY)
#define EXIT	UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT)

#define ARG(n)			{ UTRACE_FROM_ARG, n, 0 }
#define RESULT			{ UTRACE_FROM_RESULT, 0, 0 }
#define U32(take, offset)	{ UTRACE_FROM_U32, take, offset }
#define U64(take, offset)	{ UTRACE_FROM_U64, take, offset }

/* Room for the greatest record. */
#define BIG	(128 << 10)

struct request {
	struct utrace_capture capture;
	struct utrace_take takes[UTRACE_TAKES];
};

/* The victim is a fork: what it names is here at the same address. */
static const char text[] = "/no/such/file";
static char buffer[100];
static const char *const strings[] = { text, "two", "", NULL };
static int fds[2];
static char *at_end;		/* three bytes before memory that can't be read */

FIXTURE(capture)
{
	struct session session;
	struct act *work;
	struct utrace_policy policy;
	struct utrace_record *rec;
	pid_t pid;
};

FIXTURE_SETUP(capture)
{
	long page = sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	ASSERT_EQ(session_open_with(&self->session, UTRACE_OPEN_BACKPRESSURE, 0), 0);
	ASSERT_NE(memory, MAP_FAILED);
	ASSERT_EQ(mprotect(memory + page, page, PROT_NONE), 0);
	at_end = memory + page - 3;
	memcpy(at_end, "abc", 3);
	self->work = shared_page();
	self->rec = malloc(BIG);
}

FIXTURE_TEARDOWN(capture)
{
	session_close(&self->session);
	if (self->pid)
		kill_and_reap(self->pid);
	free(self->rec);
}

static int set_bytes(struct session *session, const void *data, size_t size)
{
	struct utrace_command cmd = {
		.cmd = UTRACE_CMD_SET_CAPTURE, .data = (uintptr_t)data, .size = size
	};

	return command(session, &cmd);
}

/* One capture with all its takes that are not empty. */
static int set_capture(struct session *session, struct request *request)
{
	while (request->capture.count < UTRACE_TAKES &&
	       request->takes[request->capture.count].max)
		request->capture.count++;
	return set_bytes(session, request, sizeof(request->capture) +
			 request->capture.count * sizeof(request->takes[0]));
}

static int victim_with_pipe(void *arg)
{
	/* victim() has closed everything. */
	return pipe(fds) ? 1 : victim_act(arg);
}

/* Starts a victim whose calls are recorded in these phases. */
static void start(struct __test_metadata *_metadata, FIXTURE_DATA(capture) *self, uint64_t record,
		  long (*run)(void))
{
	self->policy.record = record;
	self->work->run = run;
	self->pid = victim(victim_with_pipe, self->work);
	ASSERT_TRUE(await_value(&self->work->ready, 1));
	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_TREE, 0, &self->policy), 1);
	__atomic_store_n(&self->work->go, 1, __ATOMIC_RELEASE);
}

static bool await_call(FIXTURE_DATA(capture) *self, uint32_t event, long nr)
{
	while (await_bytes(&self->session, self->rec, BIG))
		if (self->rec->event == event && self->rec->syscall.nr == nr)
			return true;
	return false;
}

/* Piece number @n, or NULL. */
static const struct utrace_piece *piece(const struct utrace_record *rec, int n)
{
	uint64_t at = rec->syscall.pieces;
	const struct utrace_piece *found;

	for (; at && at < rec->size; at += (sizeof(*found) + found->size + 7) & ~7ULL) {
		found = (const void *)((const char *)rec + at);
		if (!n--)
			return found;
	}
	return NULL;
}

static bool piece_is(const struct utrace_record *rec, int n, int take, const void *addr,
		     const void *bytes, uint32_t size, uint16_t flags)
{
	const struct utrace_piece *found = piece(rec, n);

	return found && found->take == take && found->addr == (uintptr_t)addr &&
	       found->size == size && found->flags == flags && !memcmp(found + 1, bytes, size);
}

static long call_open(void)
{
	return syscall(SYS_openat, AT_FDCWD, text, O_RDONLY, 0);
}

TEST_F(capture, string)
{
	struct request request = {
		.capture = { .nr = SYS_openat },
		.takes = { { .kind = UTRACE_TAKE_STRING, .addr = ARG(1), .max = 4096 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY | EXIT, call_open);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_openat));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, text, text, sizeof(text), 0));
	EXPECT_EQ(piece(self->rec, 1), NULL);
	EXPECT_EQ(self->rec->flags, 0);
	EXPECT_EQ(self->rec->size % 8, 0);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_EXIT, SYS_openat));
	EXPECT_EQ(self->rec->syscall.pieces, 0);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_exit_group));
	EXPECT_EQ(self->rec->syscall.pieces, 0);
}

TEST_F(capture, string_truncated)
{
	struct request request = {
		.capture = { .nr = SYS_openat },
		.takes = { { .kind = UTRACE_TAKE_STRING, .addr = ARG(1), .max = 5 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_open);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_openat));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, text, text, 5, UTRACE_PIECE_TRUNCATED));
	EXPECT_EQ(self->rec->flags, 0);
}

static long call_at_end(void)
{
	syscall(SYS_openat, AT_FDCWD, at_end, O_RDONLY, 0);
	syscall(SYS_chdir, 1);
	syscall(SYS_chroot, -1L);
	return syscall(SYS_rmdir, NULL);
}

/* Memory that ends or is not there: what there is of it, and no piece at NULL. */
TEST_F(capture, faults)
{
	struct request request = {
		.capture = { .nr = UTRACE_CALLS_OTHER },
		.takes = { { .kind = UTRACE_TAKE_STRING, .addr = ARG(0), .max = 4096 } },
	};
	struct request open = {
		.capture = { .nr = SYS_openat, .count = 2 },
		.takes = { { .kind = UTRACE_TAKE_STRING, .addr = ARG(1), .max = 4096 },
			   { .kind = UTRACE_TAKE_BYTES, .addr = ARG(1), .size = 8, .max = 8 } },
	};
	struct {
		char open[sizeof(open.capture) + 2 * sizeof(open.takes[0])];
		char other[sizeof(request.capture) + sizeof(request.takes[0])];
	} all;

	request.capture.count = 1;
	memcpy(all.open, &open, sizeof(all.open));
	memcpy(all.other, &request, sizeof(all.other));
	ASSERT_EQ(set_bytes(&self->session, &all, sizeof(all)), 0);
	start(_metadata, self, ENTRY, call_at_end);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_openat));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, at_end, "abc", 3, UTRACE_PIECE_FAULT));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, at_end, "abc", 3, UTRACE_PIECE_FAULT));
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_chdir));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, (void *)1, "", 0, UTRACE_PIECE_FAULT));
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_chroot));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, (void *)-1L, "", 0, UTRACE_PIECE_FAULT));
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_rmdir));
	EXPECT_EQ(piece(self->rec, 0), NULL);
}

static long call_write_read(void)
{
	syscall(SYS_write, fds[1], "0123456789", 10);
	syscall(SYS_read, -1, buffer, sizeof(buffer));
	return syscall(SYS_read, fds[0], buffer, sizeof(buffer));
}

/* The length is an argument at the entry, cut at the most that is wanted. */
TEST_F(capture, buffer_by_argument)
{
	struct request request = {
		.capture = { .nr = SYS_write },
		.takes = { { .addr = ARG(1), .count = ARG(2), .size = 1, .max = 64 },
			   { .addr = ARG(1), .count = ARG(2), .size = 1, .max = 4 },
			   { .addr = ARG(1), .size = 3, .max = 64 } },
	};
	const struct utrace_piece *first;

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_write_read);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_write));
	first = piece(self->rec, 0);
	ASSERT_NE(first, NULL);
	EXPECT_EQ(first->addr, self->rec->syscall.args[1]);
	EXPECT_TRUE(piece_is(self->rec, 0, 0, (void *)first->addr, "0123456789", 10, 0));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, (void *)first->addr, "0123", 4,
			     UTRACE_PIECE_TRUNCATED));
	EXPECT_TRUE(piece_is(self->rec, 2, 2, (void *)first->addr, "012", 3, 0));
	EXPECT_EQ(piece(self->rec, 3), NULL);
}

/* Or the result at the exit. A call that has failed has nothing to show, unless it is asked for. */
TEST_F(capture, buffer_by_result)
{
	struct request request = {
		.capture = { .nr = SYS_read, .flags = UTRACE_CAPTURE_EXIT },
		.takes = { { .addr = ARG(1), .count = RESULT, .size = 1, .max = 64 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, EXIT, call_write_read);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_EXIT, SYS_read));
	EXPECT_EQ(self->rec->syscall.is_error, 1);
	EXPECT_EQ(piece(self->rec, 0), NULL);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_EXIT, SYS_read));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, buffer, "0123456789", 10, 0));
}

TEST_F(capture, of_a_failed_call)
{
	struct request request = {
		.capture = { .nr = SYS_openat,
			     .flags = UTRACE_CAPTURE_EXIT | UTRACE_CAPTURE_FAILED },
		.takes = { { .addr = ARG(1), .size = 2, .max = 64 },
			   { .addr = ARG(1), .count = RESULT, .size = 1, .max = 64 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, EXIT, call_open);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_EXIT, SYS_openat));
	EXPECT_EQ(self->rec->syscall.is_error, 1);
	EXPECT_TRUE(piece_is(self->rec, 0, 0, text, "/n", 2, 0));
	EXPECT_EQ(piece(self->rec, 1), NULL);
}

static struct iovec vector[] = { { "abc", 3 }, { NULL, 0 }, { "defgh", 5 } };
static struct iovec into[] = { { buffer, 2 }, { buffer + 10, 4 }, { buffer + 20, 50 } };

static long call_vectors(void)
{
	syscall(SYS_writev, fds[1], vector, 3);
	return syscall(SYS_readv, fds[0], into, 3);
}

TEST_F(capture, iovec)
{
	struct request request = {
		.capture = { .nr = SYS_writev },
		.takes = { { .addr = ARG(1), .count = ARG(2), .size = 16, .max = 1024 },
			   { .addr = U64(0, 0), .count = U64(0, 8), .size = 1, .each = 16,
			     .max = 4 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_vectors);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_writev));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, vector, vector, sizeof(vector), 0));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, vector[0].iov_base, "abc", 3, 0));
	EXPECT_TRUE(piece_is(self->rec, 2, 1, vector[2].iov_base, "defg", 4,
			     UTRACE_PIECE_TRUNCATED));
	EXPECT_EQ(piece(self->rec, 3), NULL);
}

/* Eight bytes were read: two, four and two. */
TEST_F(capture, iovec_by_result)
{
	struct request request = {
		.capture = { .nr = SYS_readv, .flags = UTRACE_CAPTURE_EXIT },
		.takes = { { .addr = ARG(1), .count = ARG(2), .size = 16, .max = 1024 },
			   { .addr = U64(0, 0), .count = U64(0, 8), .limit = RESULT, .size = 1,
			     .each = 16, .max = 64 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, EXIT, call_vectors);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_EXIT, SYS_readv));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, buffer, "ab", 2, 0));
	EXPECT_TRUE(piece_is(self->rec, 2, 1, buffer + 10, "cdef", 4, 0));
	EXPECT_TRUE(piece_is(self->rec, 3, 1, buffer + 20, "gh", 2, 0));
	EXPECT_EQ(piece(self->rec, 4), NULL);
}

static long call_exec(void)
{
	return syscall(SYS_execve, text, strings, NULL);
}

TEST_F(capture, argv)
{
	struct request request = {
		.capture = { .nr = SYS_execve },
		.takes = { { .kind = UTRACE_TAKE_WORDS, .addr = ARG(1), .size = 8, .max = 1024 },
			   { .kind = UTRACE_TAKE_STRING, .addr = U64(0, 0), .each = 8,
			     .max = 64 },
			   { .kind = UTRACE_TAKE_WORDS, .addr = ARG(1), .size = 8, .max = 19 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_exec);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_execve));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, strings, strings, sizeof(strings), 0));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, text, text, sizeof(text), 0));
	EXPECT_TRUE(piece_is(self->rec, 2, 1, strings[1], "two", 4, 0));
	EXPECT_TRUE(piece_is(self->rec, 3, 1, strings[2], "", 1, 0));
	EXPECT_TRUE(piece_is(self->rec, 4, 2, strings, strings, 16, UTRACE_PIECE_TRUNCATED));
	EXPECT_EQ(piece(self->rec, 5), NULL);
}

static const char name[] = "\1\0name";
static const char control[] = "control message";
static struct msghdr message = {
	.msg_name = (void *)name, .msg_namelen = sizeof(name), .msg_iov = vector, .msg_iovlen = 3,
	.msg_control = (void *)control, .msg_controllen = 7,
};

static long call_sendmsg(void)
{
	return syscall(SYS_sendmsg, -1, &message, 0);
}

/* A struct, what it points to, and what that points to. */
TEST_F(capture, message)
{
	struct request request = {
		.capture = { .nr = SYS_sendmsg },
		.takes = { { .addr = ARG(1), .size = sizeof(message), .max = 64 },
			   { .addr = U64(0, 0), .count = U32(0, 8), .size = 1, .max = 128 },
			   { .addr = U64(0, 16), .count = U64(0, 24), .size = 16, .max = 256 },
			   { .addr = U64(2, 0), .count = U64(2, 8), .size = 1, .each = 16,
			     .max = 64 },
			   { .addr = U64(0, 32), .count = U64(0, 40), .size = 1, .max = 64 },
			   { .addr = ARG(1), .count = U32(0, 8), .size = 2, .max = 64 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_sendmsg);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_sendmsg));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, &message, &message, sizeof(message), 0));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, name, name, sizeof(name), 0));
	EXPECT_TRUE(piece_is(self->rec, 2, 2, vector, vector, sizeof(vector), 0));
	EXPECT_TRUE(piece_is(self->rec, 3, 3, vector[0].iov_base, "abc", 3, 0));
	EXPECT_TRUE(piece_is(self->rec, 4, 3, vector[2].iov_base, "defgh", 5, 0));
	EXPECT_TRUE(piece_is(self->rec, 5, 4, control, "control", 7, 0));
	EXPECT_TRUE(piece_is(self->rec, 6, 5, &message, &message, 2 * sizeof(name), 0));
	EXPECT_EQ(piece(self->rec, 7), NULL);
}

static long call_fcntl(void)
{
	syscall(SYS_fcntl, fds[0], F_SETFD, text);
	syscall(SYS_fcntl, fds[0], F_GETLK, text);
	return syscall(SYS_fcntl, fds[1], F_GETFD, text);
}

/* By an argument, the first that fits. */
TEST_F(capture, select)
{
	struct {
		struct utrace_capture first;
		struct utrace_take take;
		struct utrace_capture second;
		struct utrace_capture rest;
		struct utrace_take rest_take;
	} all = {
		.first = { .nr = SYS_fcntl, .count = 1, .select = { { 1, ~0U, F_GETLK } } },
		.take = { .addr = ARG(2), .size = 1, .max = 8 },
		.second = { .nr = SYS_fcntl, .select = { { 1, ~0U, F_GETFD }, { 0, 0, 0 } } },
		.rest = { .nr = SYS_fcntl, .count = 1 },
		.rest_take = { .addr = ARG(2), .size = 2, .max = 8 },
	};

	ASSERT_EQ(set_bytes(&self->session, &all, sizeof(all)), 0);
	start(_metadata, self, ENTRY, call_fcntl);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_fcntl));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, text, "/n", 2, 0));
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_fcntl));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, text, "/", 1, 0));
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_fcntl));
	EXPECT_EQ(piece(self->rec, 0), NULL);
}

static struct {
	uint32_t base;
	uint32_t length;
} *vector32;

static long call_compat(void)
{
	long ret;

	/* i386 writev */
	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (146), "b" (fds[1]), "c" (vector32), "d" (1), "S" (0), "D" (0)
		     : "r8", "r9", "r10", "r11", "memory");
	return ret;
}

TEST_F(capture, compat)
{
	struct request request = {
		.capture = { .nr = 146, .abi = UTRACE_CALL_COMPAT },
		.takes = { { .addr = ARG(1), .count = ARG(2), .size = 8, .max = 1024 },
			   { .addr = U32(0, 0), .count = U32(0, 4), .size = 1, .each = 8,
			     .max = 64 } },
	};

	vector32 = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(vector32, MAP_FAILED);
	strcpy((char *)(vector32 + 8), "thirty-two");
	vector32->base = (uintptr_t)(vector32 + 8);
	vector32->length = 6;
	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_compat);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, 146));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, vector32, vector32, 8, 0));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, vector32 + 8, "thirty", 6, 0));
	EXPECT_EQ(reap(self->pid), 0);
	EXPECT_EQ(self->work->result, 6);
}

static char large[200000];

static long call_large(void)
{
	syscall(SYS_write, -1, large, sizeof(large));
	return syscall(SYS_write, -1, large, 16);
}

/* A record is no more than a quarter of the ring, and is told to be incomplete. */
TEST_F(capture, small_ring)
{
	struct request request = {
		.capture = { .nr = SYS_write },
		.takes = { { .addr = ARG(1), .count = ARG(2), .size = 1, .max = 65536 },
			   { .addr = ARG(1), .size = 16, .max = 16 } },
	};

	session_close(&self->session);
	ASSERT_EQ(session_open_with(&self->session, UTRACE_OPEN_BACKPRESSURE, 4096), 0);
	memset(large, 'x', sizeof(large));
	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_large);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_write));
	EXPECT_EQ(self->rec->flags, UTRACE_REC_INCOMPLETE);
	EXPECT_LE(self->rec->size, 1024);
	ASSERT_NE(piece(self->rec, 0), NULL);
	EXPECT_GT(piece(self->rec, 0)->size, 512);
	EXPECT_EQ(piece(self->rec, 0)->flags, UTRACE_PIECE_TRUNCATED);
	EXPECT_EQ(piece(self->rec, 1), NULL);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_write));
	EXPECT_EQ(self->rec->flags, 0);
	EXPECT_TRUE(piece_is(self->rec, 0, 0, large, large, 16, 0));
	EXPECT_TRUE(piece_is(self->rec, 1, 1, large, large, 16, 0));
}

/* The most that there can be. */
TEST_F(capture, large)
{
	struct request request = {
		.capture = { .nr = SYS_write },
		.takes = { { .addr = ARG(1), .count = ARG(2), .size = 1, .max = 65000 } },
	};

	session_close(&self->session);
	ASSERT_EQ(session_open_with(&self->session, UTRACE_OPEN_BACKPRESSURE, 1 << 20), 0);
	memset(large, 'x', sizeof(large));
	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_large);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_write));
	EXPECT_EQ(self->rec->flags, 0);
	EXPECT_TRUE(piece_is(self->rec, 0, 0, large, large, 65000, UTRACE_PIECE_TRUNCATED));
}

static long call_many(void)
{
	int i;

	for (i = 0; i < 2000; i++) {
		buffer[0] = i;
		buffer[1] = i >> 8;
		syscall(SYS_write, -1, buffer, i % 100);
	}
	return 0;
}

/* Nothing is lost or out of order, and nobody is stopped, in a ring that is full all the time. */
TEST_F(capture, many)
{
	struct request request = {
		.capture = { .nr = SYS_write },
		.takes = { { .addr = ARG(1), .size = 2, .max = 2 },
			   { .addr = ARG(1), .count = ARG(2), .size = 1, .max = 100 } },
	};
	const struct utrace_piece *found;
	int i;

	session_close(&self->session);
	ASSERT_EQ(session_open_with(&self->session, UTRACE_OPEN_BACKPRESSURE, 4096), 0);
	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_many);
	for (i = 0; i < 2000; i++) {
		const char expected[2] = { i, i >> 8 };

		ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_write));
		ASSERT_TRUE(piece_is(self->rec, 0, 0, buffer, expected, 2, 0));
		found = piece(self->rec, 1);
		ASSERT_EQ(found ? found->size : 0, i % 100);
	}
	EXPECT_EQ(self->session.ring->lost, 0);
}

/* A stop has no pieces: memory can be read at it. */
TEST_F(capture, not_at_stops)
{
	struct request request = {
		.capture = { .nr = SYS_openat },
		.takes = { { .kind = UTRACE_TAKE_STRING, .addr = ARG(1), .max = 4096 } },
	};

	ASSERT_EQ(set_capture(&self->session, &request), 0);
	self->policy.stop = ENTRY;
	start(_metadata, self, 0, call_open);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_openat));
	EXPECT_EQ(self->rec->flags, UTRACE_REC_STOPPED);
	EXPECT_EQ(self->rec->syscall.pieces, 0);
}

/* Set anew and taken away while the calls go on. */
TEST_F(capture, replaced)
{
	struct request request = {
		.capture = { .nr = SYS_write },
		.takes = { { .addr = ARG(1), .size = 2, .max = 2 } },
	};
	int i, with = 0;

	start(_metadata, self, ENTRY, call_many);
	for (i = 0; i < 2000; i++) {
		if (i % 50 == 0)
			ASSERT_EQ(i % 100 ? set_bytes(&self->session, NULL, 0) :
					    set_capture(&self->session, &request), 0);
		ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_write));
		with += self->rec->syscall.pieces != 0;
	}
	EXPECT_GT(with, 0);
}

static long call_undumpable(void)
{
	syscall(SYS_openat, AT_FDCWD, text, O_RDONLY, 0);
	syscall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
	return syscall(SYS_openat, AT_FDCWD, text, O_RDONLY, 0);
}

/* Of memory that the opener may not read any more there is nothing. */
TEST_F(capture, denied)
{
	struct request request = {
		.capture = { .nr = SYS_openat },
		.takes = { { .kind = UTRACE_TAKE_STRING, .addr = ARG(1), .max = 4096 } },
	};

	if (geteuid() == 0) {
		ASSERT_EQ(setgroups(0, NULL), 0);
		ASSERT_EQ(setresgid(65534, 65534, 65534), 0);
		ASSERT_EQ(setresuid(65534, 65534, 65534), 0);
		/* It was lost with the ids; the victim inherits it. */
		ASSERT_EQ(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
		session_close(&self->session);
		ASSERT_EQ(session_open(&self->session), 0);
	}
	ASSERT_EQ(set_capture(&self->session, &request), 0);
	start(_metadata, self, ENTRY, call_undumpable);
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_openat));
	EXPECT_TRUE(piece_is(self->rec, 0, 0, text, text, sizeof(text), 0));
	ASSERT_TRUE(await_call(self, UTRACE_EV_SYSCALL_ENTRY, SYS_openat));
	EXPECT_EQ(self->rec->flags, UTRACE_REC_INCOMPLETE);
	EXPECT_EQ(piece(self->rec, 0), NULL);
}

static const struct utrace_take good_take = { .addr = ARG(1), .size = 1, .max = 1 };

/* A request with one good take and then this one. */
static int try_take(struct session *session, struct utrace_take take, uint16_t flags)
{
	struct request request = { .capture = { .nr = 1, .flags = flags, .count = 2 } };

	request.takes[0] = good_take;
	request.takes[1] = take;
	return set_bytes(session, &request, sizeof(request.capture) + 2 * sizeof(take));
}

#define TAKE(...)	try_take(&self->session, (struct utrace_take){ __VA_ARGS__ }, 0)

TEST_F(capture, bad_takes)
{
	struct utrace_take result = { .addr = ARG(1), .count = RESULT, .size = 1, .max = 1 };

	EXPECT_EQ(TAKE(.addr = ARG(1), .size = 1, .max = 1), 0);
	EXPECT_EQ(TAKE(.addr = U64(0, 65535), .each = 4, .size = 1, .max = 1), 0);
	EXPECT_EQ(TAKE(.kind = 3, .addr = ARG(1), .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.reserved = 1, .addr = ARG(1), .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = ARG(6), .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = { UTRACE_FROM_ARG, 1, 1 }, .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = { UTRACE_FROM_U64 + 1, 0, 0 }, .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = U64(1, 0), .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = ARG(1), .count = U32(1, 0), .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = U64(0, 0), .each = 3, .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = ARG(1), .each = 8, .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = ARG(1), .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = ARG(1), .size = 1), -EINVAL);
	EXPECT_EQ(TAKE(.addr = ARG(1), .size = 1, .max = 65537), -EINVAL);
	EXPECT_EQ(TAKE(.kind = UTRACE_TAKE_STRING, .addr = ARG(1), .size = 1, .max = 1), -EINVAL);
	EXPECT_EQ(TAKE(.kind = UTRACE_TAKE_STRING, .addr = ARG(1), .count = ARG(1), .max = 1),
		  -EINVAL);
	EXPECT_EQ(TAKE(.kind = UTRACE_TAKE_WORDS, .addr = ARG(1), .size = 2, .max = 8), -EINVAL);
	EXPECT_EQ(TAKE(.kind = UTRACE_TAKE_WORDS, .addr = ARG(1), .size = 8, .max = 7), -EINVAL);
	EXPECT_EQ(try_take(&self->session, result, 0), -EINVAL);
	EXPECT_EQ(try_take(&self->session, result, UTRACE_CAPTURE_EXIT), 0);
	EXPECT_EQ(try_take(&self->session, good_take, UTRACE_CAPTURE_FAILED), -EINVAL);
	EXPECT_EQ(try_take(&self->session, good_take, 4), -EINVAL);
}

TEST_F(capture, bad_captures)
{
	struct request good = { .capture = { .nr = 1, .count = 1 }, .takes = { good_take } };
	size_t size = sizeof(good.capture) + sizeof(good.takes[0]);
	struct request bad = good;

	EXPECT_EQ(set_bytes(&self->session, &good, size), 0);
	EXPECT_EQ(set_bytes(&self->session, &good, size - 1), -EINVAL);
	EXPECT_EQ(set_bytes(&self->session, &good, size + 8), -EINVAL);
	EXPECT_EQ(set_bytes(&self->session, NULL, size), -EFAULT);
	EXPECT_EQ(set_bytes(&self->session, &good, 1ULL << 40), -E2BIG);
	bad.capture.abi = UTRACE_CALL_ABIS;
	EXPECT_EQ(set_bytes(&self->session, &bad, size), -EINVAL);
	bad = good;
	bad.capture.nr = UTRACE_CALLS_OTHER + 1;
	EXPECT_EQ(set_bytes(&self->session, &bad, size), -EINVAL);
	bad = good;
	bad.capture.reserved = 1;
	EXPECT_EQ(set_bytes(&self->session, &bad, size), -EINVAL);
	bad = good;
	bad.capture.select[1].arg = 6;
	EXPECT_EQ(set_bytes(&self->session, &bad, size), -EINVAL);
	bad = good;
	bad.capture.count = UTRACE_TAKES + 1;
	EXPECT_EQ(set_bytes(&self->session, &bad, sizeof(bad)), -EINVAL);
	bad.capture.count = ~0U;
	EXPECT_EQ(set_bytes(&self->session, &bad, sizeof(bad)), -EINVAL);
}

TEST_HARNESS_MAIN
