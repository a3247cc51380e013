/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash-catch/main.c - a crash catcher: runs a program, or watches one that runs, with all its children, and when one of them is
 * about to die of a fault, says where each of its threads was, and may write a core file.
 *
 * Nothing is loaded into the program, no handler is installed in it, and until the fault it is not stopped once: the kernel
 * tells of signals only.  It then dies as it would have.
 *
 * A process goes through: watched -> crashing (all its threads are asked to stop) -> reported (they run on, into their end).
 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Why a process stands still: it is the process's data from its fatal signal to its end. */
struct crash {
	utrace_thread *thread;
	siginfo_t info;
	bool reported;
};

struct catcher {
	utrace_session *session;
	utrace_symbols *symbols;
	FILE *report;
	const char *core_folder; /* NULL: none is written */
	pid_t program;           /* whose end is the tool's exit status; 0 with -p */
	int status;
};

/* For the handler, which may do no more than this. */
static utrace_session *woken;
static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
	utrace_session_wake(woken);
}

static void fail(const char *what, const struct utrace_error *error)
{
	fprintf(stderr, "crash-catch: %s: %s\n", what, error->text);
	exit(125);
}

/* One of those that end a process with a core by default. (signal(7)) */
static bool is_fault(int signal)
{
	static const int faults[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
				     SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (faults[i] == signal)
			return true;
	}
	return false;
}

/* Whether the process ignores the signal or has a handler for it: proc(5), SigIgn and SigCgt. */
static bool is_handled(pid_t pid, int signal)
{
	unsigned long long mask, handled = 0;
	char path[64], line[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "SigIgn: %llx", &mask) == 1 || sscanf(line, "SigCgt: %llx", &mask) == 1)
			handled |= mask;
	}
	if (file)
		(void)fclose(file);
	return handled >> (signal - 1) & 1;
}

static void write_core(const struct catcher *catcher, const struct crash *crash)
{
	const struct utrace_core_write_options options = {
		.size = sizeof(options), .thread = crash->thread, .info = &crash->info};
	utrace_process *process = utrace_thread_process(crash->thread);
	struct utrace_error error = {0};
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/core.%d", catcher->core_folder, utrace_process_pid(process));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		fprintf(catcher->report, "\nNo core file %s: %s\n", path, strerror(errno));
		return;
	}
	if (utrace_core_write(process, fd, &options, &error))
		fprintf(catcher->report, "\nNo whole core file %s: %s\n", path, error.text);
	else
		fprintf(catcher->report, "\nCore file %s\n", path);
	(void)close(fd);
}

/* Once all its threads stand still. */
static void report_when_still(const struct catcher *catcher, utrace_process *process)
{
	struct crash *crash = utrace_process_data(process);

	if (utrace_process_is_stopped(process, NULL) != 1)
		return;
	crash->reported = true;
	report_write(catcher->report, catcher->symbols, crash->thread, &crash->info);
	if (catcher->core_folder)
		write_core(catcher, crash);
	(void)fflush(catcher->report);
	(void)utrace_process_resume(process, NULL);
}

static void begin_crash(const struct catcher *catcher, const struct utrace_event *event)
{
	struct crash *crash = calloc(1, sizeof(*crash));

	if (!crash || utrace_process_stop(event->process, UTRACE_STOP_NOW, NULL) < 0) {
		free(crash);
		(void)utrace_thread_resume(event->thread, NULL, NULL);
		return;
	}
	crash->thread = utrace_thread_ref(event->thread);
	crash->info = event->u.signal.info;
	utrace_process_set_data(event->process, crash);
	report_when_still(catcher, event->process);
}

static void forget(utrace_process *process)
{
	struct crash *crash = utrace_process_data(process);

	utrace_process_set_data(process, NULL);
	if (!crash)
		return;
	utrace_thread_unref(crash->thread);
	free(crash);
}

static void ended(struct catcher *catcher, const struct utrace_event *event)
{
	forget(event->process);
	if (event->pid == catcher->program && event->u.exit.cause != UTRACE_EXIT_DETACHED)
		catcher->status = event->u.exit.wait_status;
}

static void handle(struct catcher *catcher, const struct utrace_event *event)
{
	const struct crash *crash = utrace_process_data(event->process);
	int signal = event->reason == UTRACE_EVENT_SIGNAL ? event->u.signal.info.si_signo : 0;

	if (event->reason == UTRACE_EVENT_PROCESS_END) {
		ended(catcher, event);
		return;
	}
	if (crash && !crash->reported) {
		report_when_still(catcher, event->process);
		return;
	}
	if (!(event->flags & UTRACE_EVENT_HELD))
		return;
	if (!crash && is_fault(signal) && !is_handled(event->pid, signal))
		begin_crash(catcher, event);
	else
		(void)utrace_thread_resume(event->thread, NULL, NULL);
}

/* As the program ended, so does the tool, without a core of its own. */
static int exit_status(const struct catcher *catcher)
{
	if (WIFSIGNALED(catcher->status))
		return 128 + WTERMSIG(catcher->status);
	return WEXITSTATUS(catcher->status);
}

static void catch_interrupts(utrace_session *session, bool attached)
{
	struct sigaction action = {.sa_handler = attached ? on_signal : SIG_IGN};

	woken = session;
	/* A program that was started here gets the terminal's signals itself, and decides. */
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGQUIT, &action, NULL);
	action.sa_handler = on_signal;
	(void)sigaction(SIGTERM, &action, NULL);
}

static void run(struct catcher *catcher)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error;
	int got;

	while (!interrupted) {
		got = utrace_session_next(catcher->session, &event, -1, &error);
		if (got == 1)
			handle(catcher, &event);
		else if (got == 0 && utrace_session_process_count(catcher->session, NULL) <= 0)
			break;
		else if (got < 0 && got != UTRACE_INTERRUPTED)
			fail("waiting", &error);
	}
	utrace_event_clear(&event);
}

static void watch(struct catcher *catcher, pid_t pid, char **argv)
{
	const struct utrace_event_masks events = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL)};
	const struct utrace_attach_options attach = {.size = sizeof(attach), .events = events};
	const struct utrace_spawn_options spawn = {.size = sizeof(spawn),
						   .argv = (const char *const *)argv,
						   .events = events,
						   .end_policy = UTRACE_END_LET_RUN};
	utrace_process *process;
	struct utrace_error error;

	if (pid ? utrace_attach(catcher->session, pid, &attach, &process, &error)
		: utrace_spawn(catcher->session, &spawn, &process, &error))
		fail(pid ? "attach" : argv[0], &error);
	catcher->program = pid ? 0 : utrace_process_pid(process);
	utrace_process_unref(process);
	/* Only now: the program would inherit what is ignored. */
	catch_interrupts(catcher->session, pid);
}

static void usage(FILE *out)
{
	fputs("usage: crash-catch [-o FILE] [-c FOLDER] -p PID | PROGRAM [ARGUMENT...]\n"
	      "  -o FILE    append reports to FILE, not to standard error\n"
	      "  -c FOLDER  write a core file FOLDER/core.PID of each crash\n"
	      "  -p PID     watch a process that runs, until SIGINT or SIGTERM\n",
	      out);
}

static pid_t parse_pid(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (*end || pid <= 0 || pid > INT32_MAX) {
		fprintf(stderr, "crash-catch: '%s' is no process id\n", text);
		exit(125);
	}
	return (pid_t)pid;
}

static FILE *open_report(const char *path)
{
	FILE *file = fopen(path, "ae");

	if (!file) {
		fprintf(stderr, "crash-catch: %s: %s\n", path, strerror(errno));
		exit(125);
	}
	return file;
}

int main(int argc, char **argv)
{
	const struct utrace_session_options how = {
		.size = sizeof(how), .threading = UTRACE_THREADS_BOUND, .no_spin = 1};
	struct catcher catcher = {.report = stderr};
	struct utrace_error error;
	pid_t pid = 0;
	int option;

	while ((option = getopt(argc, argv, "+o:c:p:h")) != -1) {
		switch (option) {
		case 'o':
			catcher.report = open_report(optarg);
			break;
		case 'c':
			catcher.core_folder = optarg;
			break;
		case 'p':
			pid = parse_pid(optarg);
			break;
		default:
			usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 125;
		}
	}
	if ((pid != 0) == (optind < argc)) {
		usage(stderr);
		return 125;
	}
	if (utrace_session_open(&how, &catcher.session, &error) ||
	    utrace_symbols_create(NULL, &catcher.symbols, &error))
		fail("start", &error);
	watch(&catcher, pid, argv + optind);
	run(&catcher);
	utrace_session_close(catcher.session);
	utrace_symbols_unref(catcher.symbols);
	return exit_status(&catcher);
}
