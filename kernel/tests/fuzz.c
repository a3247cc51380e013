// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls of utrace(2): operations, sizes, pointers, flags, commands, captures and conditions, some right, some nearly
 * right, some nonsense, from several threads at once and on the same sessions, against processes that make system calls,
 * threads and children, take signals, execute and die. Nothing may get stuck, and the kernel may not complain.
 *
 *	fuzz [SECONDS [SEED]]
 *
 * Runs in a pid namespace of its own, so that whatever number it makes up is one of its victims.
 */
#include "stress.h"

#include <linux/filter.h>
#include <sched.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/uio.h>

enum { SLOTS = 6, VICTIMS = 5, FUZZERS = 4, LAST_STOPS = 16 };
/* A thread's memory for commands and data, and behind it what can't be written: sizes are made up, too. */
enum { SCRATCH = 1 << 16, SLICE = SCRATCH / 16, GUARD = 1 << 26, MOST = 8 };

/* Sessions that all threads use. A slot's descriptor may be closed, or another one, at any time. */
struct slot {
	pthread_mutex_t lock; /* of the mapping */
	int fd;
	unsigned char *map;
	size_t mapped;
	uint64_t tail;
	uint64_t stops[LAST_STOPS][2]; /* cookie, stop: racy on purpose */
	unsigned int next;
};

static struct slot slots[SLOTS];
static pid_t victims[VICTIMS];
static volatile bool over;
static unsigned long counts[2]; /* done and refused */
static unsigned long done_by_command[UTRACE_CMD_COUNT];
static unsigned char *hole; /* a page, then none */

/* 64 bits with a liking for what is near a limit. */
static uint64_t number(void)
{
	static const uint64_t liked[] = {0,
					 1,
					 2,
					 3,
					 7,
					 8,
					 63,
					 64,
					 1023,
					 1024,
					 4095,
					 4096,
					 65535,
					 65536,
					 0x7fffffff,
					 1u << 31,
					 0xffffffff,
					 1ULL << 32,
					 1ULL << 40,
					 0x7fffffffffffffff,
					 1ULL << 63,
					 0xffff800000000000,
					 0xffffffff81000000,
					 UINT64_MAX - 7,
					 UINT64_MAX};

	if (dice(4) == 0)
		return (uint64_t)dice(1 << 24) << 40 ^ (uint64_t)dice(1 << 24) << 20 ^ dice(1 << 24);
	return liked[dice(sizeof(liked) / sizeof(liked[0]))] + (dice(8) ? 0 : dice(17) - 8);
}

static uint32_t bits(uint32_t of)
{
	if (dice(3) == 0)
		return 0;
	return dice(12) ? of & dice(1 << 24) : (uint32_t)number();
}

/* Mostly good memory, with what was in it or noise. */
static void *memory(unsigned char *scratch)
{
	switch (dice(16)) {
	case 0:
		return (void *)(uintptr_t)number();
	case 1:
		return NULL;
	case 2:
		return hole + 4096 - dice(64);
	default:
		return scratch + 8 * dice(64);
	}
}

static void noise(void *at, size_t size)
{
	for (size_t i = 0; i < size; i += 4) {
		uint32_t word = dice(4) ? dice(8) : (uint32_t)number();

		memcpy((char *)at + i, &word, size - i < 4 ? size - i : 4);
	}
}

static size_t near(size_t size)
{
	return dice(8) ? size : dice(2) ? size + dice(32) - 16 : (size_t)number();
}

static void make_policy(struct utrace_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->flags = bits(UTRACE_POLICY_CALLS | (dice(8) ? 0 : UTRACE_POLICY_KILL_ON_CLOSE));
	policy->record =
		EVENTS_ALL & ((uint64_t)dice(1 << 24) | (dice(4) ? UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) : 0));
	policy->stop = dice(2) ? EVENTS_ALL & dice(1 << 24) : 0;
	if (dice(20) == 0)
		policy->stop = number();
	if (policy->flags & UTRACE_POLICY_CALLS)
		for (unsigned int i = 0; i < sizeof(policy->calls) / 8; i++)
			((uint64_t *)policy->calls)[i] = dice(2) ? UINT64_MAX : number();
}

static void make_source(struct utrace_source *source, unsigned int take)
{
	source->from = (uint8_t)dice(5);
	source->index = (uint8_t)(source->from == UTRACE_FROM_ARG ? dice(6) : take ? dice(take) : 0);
	source->offset = (uint16_t)(source->from > UTRACE_FROM_RESULT ? dice(5) * 8 : 0);
	if (source->from == UTRACE_FROM_NONE || source->from == UTRACE_FROM_RESULT)
		source->index = 0;
}

static void make_take(struct utrace_take *take, unsigned int index)
{
	static const uint16_t strides[] = {0, 4, 8, 16, 64};

	memset(take, 0, sizeof(*take));
	take->kind = (uint8_t)dice(3);
	do
		make_source(&take->addr, index);
	while (take->addr.from == UTRACE_FROM_NONE || take->addr.from == UTRACE_FROM_RESULT ||
	       (take->addr.from > UTRACE_FROM_RESULT && !index));
	if (take->addr.from > UTRACE_FROM_RESULT)
		take->each = strides[dice(5)];
	take->max = dice(3) ? 8 + dice(256) : 1 + dice(65536);
	if (take->kind == UTRACE_TAKE_WORDS)
		take->size = dice(2) ? 4 : 8;
	if (take->kind != UTRACE_TAKE_BYTES)
		return;
	take->size = 1 + dice(32);
	make_source(&take->count, index);
	if (dice(2))
		make_source(&take->limit, index);
}

/* Returns its size. */
static size_t make_captures(unsigned char *at)
{
	unsigned char *end = at;

	for (unsigned int i = dice(6) + 1; i; i--) {
		struct utrace_capture capture = {.abi = (uint16_t)(dice(4) ? 0 : dice(3))};
		unsigned int count = dice(6);

		capture.nr = dice(3) ? dice(340) : UTRACE_CALLS_OTHER;
		capture.flags = (uint16_t)dice(2);
		if (capture.flags)
			capture.flags |= (uint16_t)(dice(2) * UTRACE_CAPTURE_FAILED);
		capture.count = count;
		if (dice(3) == 0)
			capture.select[0] = (struct utrace_select){dice(6), 3, dice(4)};
		memcpy(end, &capture, sizeof(capture));
		end += sizeof(capture);
		for (unsigned int j = 0; j < count; j++) {
			struct utrace_take take;

			make_take(&take, j);
			memcpy(end, &take, sizeof(take));
			end += sizeof(take);
		}
	}
	if (dice(6) == 0)
		at[dice((unsigned int)(end - at))] ^= (unsigned char)(1 << dice(8));
	return (size_t)(end - at);
}

static size_t make_program(struct sock_filter *program)
{
	unsigned int length = 1 + dice(12);

	for (unsigned int i = 0; i + 1 < length; i++) {
		if (dice(2))
			program[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * dice(50));
		else
			program[i] = (struct sock_filter)BPF_JUMP(BPF_JMP | (dice(2) ? BPF_JGT : BPF_JSET) | BPF_K,
								  dice(64), (uint8_t)dice(length - i - 1),
								  (uint8_t)dice(length - i - 1));
	}
	program[length - 1] = (struct sock_filter)BPF_STMT(BPF_RET | (dice(2) ? BPF_K : BPF_A), dice(3));
	if (dice(8) == 0)
		noise(&program[dice(length)], sizeof(*program));
	return length * sizeof(*program);
}

static void make_siginfo(siginfo_t *info)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = (int)(dice(8) ? 1 + dice(31) : dice(100));
	if (info->si_signo == SIGSTOP)
		info->si_signo = SIGCONT;
	info->si_code = (int)(dice(2) ? 0 : number());
}

/* What its data and size are, if they are to make sense. */
static void fill_data(struct utrace_command *command, unsigned char *scratch)
{
	command->data = (uintptr_t)scratch;
	switch (command->cmd) {
	case UTRACE_CMD_SET_POLICY:
		make_policy((struct utrace_policy *)scratch);
		command->size = sizeof(struct utrace_policy);
		break;
	case UTRACE_CMD_SET_CAPTURE:
		command->size = dice(6) ? make_captures(scratch) : 0;
		break;
	case UTRACE_CMD_SET_CONDITION:
		command->size = dice(3) ? make_program((struct sock_filter *)scratch) : 0;
		command->value = dice(UTRACE_EV_COUNT);
		break;
	case UTRACE_CMD_SIGNAL:
		make_siginfo((siginfo_t *)scratch);
		command->size = UTRACE_SIGINFO_SIZE;
		break;
	case UTRACE_CMD_SET_CALL:
		*(struct utrace_call *)scratch = (struct utrace_call){.nr = (int64_t)(dice(2) ? 39 : dice(400) - 5)};
		command->size = sizeof(struct utrace_call);
		break;
	case UTRACE_CMD_REGSET_GET:
	case UTRACE_CMD_REGSET_SET:
		command->addr = (uint64_t[]){1, 2, 0x202, 0x200, 0x46e62b7f}[dice(5)];
		command->size = dice(4096);
		break;
	case UTRACE_CMD_MEM_READ:
	case UTRACE_CMD_MEM_WRITE:
		command->addr = dice(4) ? (uintptr_t)hole + dice(4096) : number();
		command->size = dice(3 * 4096);
		break;
	case UTRACE_CMD_WATCHPOINT:
		command->addr = (uintptr_t)hole + 8 * dice(64);
		command->size = 1u << dice(4);
		command->value = dice(UTRACE_WATCHPOINTS + 1);
		break;
	default:
		command->size = 0;
	}
}

static void make_command(struct utrace_command *command, struct slot *slot, unsigned char *scratch)
{
	static const uint32_t with[] = {
		[UTRACE_CMD_RESUME] = UTRACE_WITH_STEP | UTRACE_WITH_BLOCK,
		[UTRACE_CMD_STOP] = UTRACE_WITH_INTERRUPT,
		[UTRACE_CMD_SIGNAL] = UTRACE_WITH_DROP | UTRACE_WITH_REPLACE | UTRACE_WITH_INJECT,
		[UTRACE_CMD_WATCHPOINT] = UTRACE_WITH_WRITE | UTRACE_WITH_ACCESS | UTRACE_WITH_EXECUTE,
		[UTRACE_CMD_COUNT] = 0,
	};
	unsigned int known = dice(LAST_STOPS);

	memset(command, 0, sizeof(*command));
	command->cmd = dice(3) ? dice(UTRACE_CMD_COUNT) : UTRACE_CMD_RESUME;
	if (command->cmd == UTRACE_CMD_KILL && dice(8))
		command->cmd = UTRACE_CMD_STOP;
	command->target = dice(3) ? slot->stops[known][0] : dice(40);
	command->stop = dice(3) ? slot->stops[known][1] : dice(200);
	if (dice(8)) {
		uint32_t all = with[command->cmd];

		command->flags = all & dice(1 << 9);
		fill_data(command, scratch);
		if (command->cmd == UTRACE_CMD_WAKE || command->cmd >= UTRACE_CMD_SET_CAPTURE)
			command->target = 0;
		return;
	}
	command->cmd = dice(4) ? command->cmd : (uint32_t)number();
	command->flags = bits(0x1ff);
	command->addr = number();
	command->data = (uintptr_t)memory(scratch);
	command->size = number();
	command->value = (int64_t)number();
	command->reserved = dice(10) ? 0 : 1;
}

static long call(uint32_t op, int fd, void *arg, size_t size)
{
	long result = syscall(UTRACE_NR, op, fd, arg, size, dice(50) ? 0 : (uint32_t)number());

	__atomic_add_fetch(&counts[result < 0], 1, __ATOMIC_RELAXED);
	return result;
}

static void submit(struct slot *slot, unsigned char *scratch)
{
	struct utrace_command *commands = (struct utrace_command *)scratch;
	struct utrace_submit_args args = {.commands = (uintptr_t)commands,
					  .count = 1 + dice(MOST),
					  .flags = dice(4) ? 0 : bits(3),
					  .timeout = dice(2000000),
					  .command_size = sizeof(commands[0])};
	unsigned int count = args.count;

	for (unsigned int i = 0; i < count; i++)
		make_command(&commands[i], slot, scratch + (i + 1) * SLICE);
	if (dice(12) == 0) {
		args.commands = (uintptr_t)memory(scratch);
		args.count = dice(2) ? count : (uint32_t)number() & 0xfff;
		args.command_size = (uint32_t)near(sizeof(commands[0]));
		args.timeout = (int64_t)dice(100000) - 2;
		if (args.timeout < 0)
			args.flags &= ~(uint32_t)UTRACE_SUBMIT_WAIT;
	}
	if (call(UTRACE_OP_SUBMIT, slot->fd, &args, near(sizeof(args))) != (long)count)
		return;
	for (unsigned int i = 0; i < count; i++)
		if (!commands[i].error && commands[i].cmd < UTRACE_CMD_COUNT)
			__atomic_add_fetch(&done_by_command[commands[i].cmd], 1, __ATOMIC_RELAXED);
}

static void attach(struct slot *slot, unsigned char *scratch)
{
	struct utrace_policy *policy = (struct utrace_policy *)scratch;
	struct utrace_attach_args args = {.flags = bits(7), .scope = dice(3), .pidfd = -1};

	args.tid = (uint32_t)(dice(4) ? victims[dice(VICTIMS)] : (pid_t)dice(64));
	if (dice(8)) {
		make_policy(policy);
		args.policy = (uintptr_t)policy;
		args.policy_size = sizeof(*policy);
	} else {
		args.policy = (uintptr_t)memory(scratch);
		args.policy_size = (uint32_t)near(sizeof(*policy));
		args.scope = dice(5);
		args.pidfd = (int32_t)dice(64) - 1;
	}
	call(UTRACE_OP_ATTACH, slot->fd, &args, near(sizeof(args)));
}

static void close_slot(struct slot *slot)
{
	if (slot->map)
		munmap(slot->map, slot->mapped);
	slot->map = NULL;
	if (slot->fd >= 0)
		close(slot->fd);
	slot->fd = -1;
}

static void reopen(struct slot *slot)
{
	struct utrace_open_args args = {.flags = dice(2), .ring_size = dice(2) ? 4096u << dice(7) : 0};
	int fd;

	if (dice(10) == 0)
		args.ring_size = (uint32_t)number();
	fd = (int)call(UTRACE_OP_OPEN, -1, &args, near(sizeof(args)));
	if (fd < 0)
		return;
	pthread_mutex_lock(&slot->lock);
	close_slot(slot);
	slot->fd = fd;
	slot->tail = 0;
	slot->mapped = 4096 + (args.ring_size ? args.ring_size : 256 * 1024);
	slot->map = mmap(NULL, slot->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (slot->map == MAP_FAILED)
		slot->map = NULL;
	pthread_mutex_unlock(&slot->lock);
}

/* Remembers the stops of what came, or writes nonsense where the kernel reads. */
static void drain(struct slot *slot)
{
	struct utrace_ring *ring;

	pthread_mutex_lock(&slot->lock);
	ring = (struct utrace_ring *)slot->map;
	while (ring && slot->tail != __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE)) {
		size_t size = slot->mapped - 4096;
		const struct utrace_record *record = (const void *)(slot->map + 4096 + (slot->tail & (size - 1)));
		uint32_t length = record->size;

		if (length < 8 || length & 7 || length > size)
			break;
		if (record->event != UTRACE_EV_PAD && record->flags & UTRACE_REC_STOPPED) {
			slot->stops[slot->next % LAST_STOPS][0] = record->task;
			slot->stops[slot->next++ % LAST_STOPS][1] = record->stop;
		}
		slot->tail += length;
		__atomic_store_n(&ring->tail, slot->tail, __ATOMIC_RELEASE);
	}
	if (ring && dice(100) == 0) {
		noise(slot->map, sizeof(*ring));
		__atomic_store_n(&ring->tail, dice(2) ? slot->tail : number(), __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&slot->lock);
}

/* So that not everything stands still for long. */
static void resume_all(struct slot *slot)
{
	for (unsigned int i = 0; i < LAST_STOPS; i++) {
		struct utrace_command command = {
			.cmd = UTRACE_CMD_RESUME, .target = slot->stops[i][0], .stop = slot->stops[i][1]};
		struct utrace_submit_args args = {
			.commands = (uintptr_t)&command, .count = 1, .command_size = sizeof(command)};

		call(UTRACE_OP_SUBMIT, slot->fd, &args, sizeof(args));
	}
}

static void query(unsigned char *scratch)
{
	call(UTRACE_OP_QUERY, dice(8) ? -1 : (int)dice(20), memory(scratch), near(sizeof(struct utrace_query_args)));
}

static void nonsense(unsigned char *scratch)
{
	unsigned char *arg = memory(scratch);

	noise(scratch, 4096);
	/* Not a wait without an end: nobody would be left to end it. */
	if (arg >= scratch && arg < scratch + 4096)
		arg[offsetof(struct utrace_submit_args, flags)] &= ~UTRACE_SUBMIT_WAIT;
	call(dice(2) ? dice(5) : (uint32_t)number(), (int)dice(24) - 1, arg, near(64));
}

static void *fuzz(void *unused)
{
	unsigned char *scratch = mmap(NULL, SCRATCH + GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)unused;
	EXPECT(scratch != MAP_FAILED && mprotect(scratch, SCRATCH, PROT_READ | PROT_WRITE) == 0);
	while (!over) {
		struct slot *slot = &slots[dice(SLOTS)];

		switch (dice(24)) {
		case 0:
			if (dice(4) == 0)
				reopen(slot);
			break;
		case 1:
		case 2:
			attach(slot, scratch);
			break;
		case 3:
			query(scratch);
			break;
		case 4:
			nonsense(scratch);
			break;
		case 5:
		case 6:
			resume_all(slot);
			break;
		case 7:
			poll(&(struct pollfd){.fd = slot->fd, .events = POLLIN}, 1, (int)dice(3));
			break;
		case 8:
		case 9:
		case 10:
			drain(slot);
			break;
		default:
			submit(slot, scratch);
		}
	}
	return NULL;
}

static void *thread_of_victim(void *unused)
{
	struct iovec vector[2] = {{hole, 16}, {hole + 4090, 16}};

	(void)unused;
	for (unsigned int i = 0; i < 50; i++) {
		syscall(SYS_writev, -1, vector, 2);
		syscall(SYS_getcwd, hole, 64);
		hole[dice(4096)] = (unsigned char)i;
	}
	return NULL;
}

static void on_signal(int signo)
{
	(void)signo;
}

static void act(const char *self)
{
	char *argv[] = {(char *)self, (char *)"--victim", NULL};
	pthread_t thread;
	pid_t child;

	switch (dice(10)) {
	case 0:
		if (pthread_create(&thread, NULL, thread_of_victim, NULL) == 0)
			pthread_join(thread, NULL);
		break;
	case 1:
		child = dice(2) ? fork() : vfork();
		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
		break;
	case 2:
		raise(dice(2) ? SIGUSR1 : SIGCHLD);
		break;
	case 3:
		if (dice(20) == 0)
			execv(self, argv);
		break;
	case 4:
		pause_us(dice(500));
		break;
	case 5:
		syscall(SYS_openat, -1, hole + 4096 - dice(16), 0, 0);
		break;
	default:
		thread_of_victim(NULL);
	}
}

static void make_hole(void)
{
	/* In every victim at the same place. */
	hole = mmap((void *)0x700000000000, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0);
	EXPECT(hole != MAP_FAILED);
	mprotect(hole + 4096, 4096, PROT_NONE);
	memset(hole, 'h', 4096);
}

static void run_victim(const char *self)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGUSR1, on_signal);
	for (;;)
		act(self);
}

static void respawn(const char *self)
{
	for (unsigned int i = 0; i < VICTIMS; i++) {
		if (victims[i] && !kill(victims[i], 0) && dice(200))
			continue;
		if (victims[i])
			kill(victims[i], SIGKILL);
		victims[i] = fork();
		if (victims[i] == 0) {
			alarm(0);
			close_range(3, ~0U, 0);
			run_victim(self);
		}
	}
}

/* The first of the namespace: whoever lost a parent is its child. */
static int run(const char *self, int seconds)
{
	long long end = now_ms() + seconds * 1000LL;
	pthread_t threads[FUZZERS];
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	for (unsigned int i = 0; i < SLOTS; i++) {
		pthread_mutex_init(&slots[i].lock, NULL);
		slots[i].fd = -1;
		reopen(&slots[i]);
	}
	respawn(self);
	for (unsigned int i = 0; i < FUZZERS; i++)
		EXPECT(pthread_create(&threads[i], NULL, fuzz, NULL) == 0);
	while (now_ms() < end) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		respawn(self);
		pause_us(20000);
	}
	over = true;
	for (unsigned int i = 0; i < FUZZERS; i++)
		pthread_join(threads[i], NULL);
	/* Held or not, SIGKILL ends them. */
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	for (unsigned int i = 0; i < SLOTS; i++)
		close_slot(&slots[i]);
	printf("%lu calls done, %lu refused; commands that were carried out:", counts[0], counts[1]);
	for (unsigned int i = 0; i < UTRACE_CMD_COUNT; i++)
		printf(" %lu", done_by_command[i]);
	printf("\n");
	/* A fuzzer that gets nothing done tests nothing. */
	for (unsigned int i = 0; i < UTRACE_CMD_COUNT; i++)
		if (!done_by_command[i] && seconds >= 20)
			printf("command %u was never carried out\n", i);
	return counts[0] > 100 && done_by_command[UTRACE_CMD_RESUME] && done_by_command[UTRACE_CMD_SET_CAPTURE] ? 0 : 1;
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 30, status;
	pid_t first;

	make_hole();
	if (argc > 1 && !strcmp(argv[1], "--victim"))
		run_victim("/proc/self/exe");
	EXPECT(unshare(CLONE_NEWPID) == 0);
	watchdog_start((unsigned int)seconds + 90);
	first = fork();
	EXPECT(first >= 0);
	if (first == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run("/proc/self/exe", seconds));
	}
	EXPECT(waitpid(first, &status, 0) == first);
	if (status)
		fprintf(stderr, "ended with status %#x\n", (unsigned int)status);
	return status != 0;
}
