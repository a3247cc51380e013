/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_gdb.c - arbitrary bytes as mini-gdb's command lines: without a program, with one, and on a core file.  Every line is
 * answered or refused, and soon.
 *
 * The first byte says which of the three.  What would reach beyond the debugger (shells, other processes, files that are
 * written) is taken out by the linker (--wrap).  A libFuzzer target; run_gdb.c runs the same function on the corpus.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "breaks.h"
#include "command.h"
#include "run.h"
#include "script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_system(const char *command);
FILE *__wrap_popen(const char *command, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_chdir(const char *path);
int __wrap_utrace_spawn(utrace_session *session, const struct utrace_spawn_options *options, utrace_process **process,
			struct utrace_error *error);
int __wrap_utrace_attach(utrace_session *session, pid_t pid, const struct utrace_attach_options *options,
			 utrace_process **process, struct utrace_error *error);
int __wrap_utrace_core_write(utrace_process *process, int fd, const struct utrace_core_options *options,
			     struct utrace_error *error);

enum { WITH_PROGRAM = '1', WITH_CORE = '2', SECONDS_MAX = 2 };

int __wrap_system(const char *command)
{
	(void)command;
	return 0;
}

FILE *__wrap_popen(const char *command, const char *mode)
{
	(void)command;
	(void)mode;
	return NULL;
}

/* Regular files, to read. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	struct stat status;

	return *mode == 'r' && !strchr(mode, '+') && !stat(path, &status) && S_ISREG(status.st_mode)
		       ? __real_fopen(path, mode)
		       : NULL;
}

int __wrap_chdir(const char *path)
{
	(void)path;
	return -1;
}

static int refuse(struct utrace_error *error)
{
	if (error)
		*error = (struct utrace_error){.status = UTRACE_DENIED, .text = "not while fuzzing"};
	return UTRACE_DENIED;
}

int __wrap_utrace_spawn(utrace_session *session, const struct utrace_spawn_options *options, utrace_process **process,
			struct utrace_error *error)
{
	(void)session;
	(void)options;
	*process = NULL;
	return refuse(error);
}

int __wrap_utrace_attach(utrace_session *session, pid_t pid, const struct utrace_attach_options *options,
			 utrace_process **process, struct utrace_error *error)
{
	(void)session;
	(void)pid;
	(void)options;
	*process = NULL;
	return refuse(error);
}

int __wrap_utrace_core_write(utrace_process *process, int fd, const struct utrace_core_options *options,
			     struct utrace_error *error)
{
	(void)process;
	(void)fd;
	(void)options;
	return refuse(error);
}

/* Made once, so that the program's file is read once. */
static utrace_session *session;
static utrace_symbols *symbols;
static FILE *nowhere;
static volatile bool interrupted;

/* A loop that the input asks for is ended as a person would: with Ctrl-C. */
static void on_time(int signal)
{
	(void)signal;
	interrupted = true;
}

static void prepare(struct gdb *gdb)
{
	struct itimerval limit = {.it_value = {.tv_sec = SECONDS_MAX}, .it_interval = {.tv_sec = SECONDS_MAX}};
	struct sigaction action = {.sa_handler = on_time, .sa_flags = SA_RESTART};

	if (!session) {
		if (!debugger_open(gdb))
			abort();
		session = gdb->session;
		symbols = gdb->symbols;
		nowhere = __real_fopen("/dev/null", "we");
		(void)sigaction(SIGVTALRM, &action, NULL);
	} else {
		gdb->session = session;
		gdb->symbols = symbols;
		debugger_begin(gdb);
	}
	gdb->out = nowhere;
	gdb->interrupted = &interrupted;
	interrupted = false;
	(void)setitimer(ITIMER_VIRTUAL, &limit, NULL);
}

static void load(struct gdb *gdb, char with)
{
	const char *core = getenv("UTRACE_FUZZ_CORE");

	if (with != WITH_PROGRAM && with != WITH_CORE)
		return;
	(void)set_file(gdb, UTRACE_VICTIMS "/values-static");
	if (with == WITH_CORE && core)
		(void)script_run_top(gdb, arena_print(&gdb->kept, "core-file %s", core));
}

static void clear(struct gdb *gdb)
{
	core_close(gdb);
	while (gdb->breakpoints)
		breakpoint_delete(gdb, gdb->breakpoints);
	debugger_end(gdb);
	if (gdb->core_session)
		utrace_session_close(gdb->core_session);
	arena_clear(&gdb->arena);
	arena_clear(&gdb->kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gdb gdb = {.batch = true};
	FILE *input;

	prepare(&gdb);
	if (size < 2)
		return 0;
	load(&gdb, (char)data[0]);
	input = fmemopen((void *)(uintptr_t)(data + 1), size - 1, "r");
	if (input) {
		FILE *before = stdin;

		stdin = input;
		script_run_input(&gdb);
		stdin = before;
		(void)fclose(input);
	}
	clear(&gdb);
	return 0;
}
