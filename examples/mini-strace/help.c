/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/help.c - what -h and -V print.
 */
#include "help.h"

#include <stdio.h>
#include <utrace/utrace.h>

static const char help[] =
	"Usage: mini-strace [OPTIONS] { -p PID | PROG [ARGS] }\n"
	"Options mean what they mean to strace 6.1; those marked * are new.\n"
	"\n"
	"Tracees\n"
	"  -p PID, --attach=PID          trace a running process; a list in one -p, or several\n"
	"  -f, --follow-forks            follow children and, with -p, all threads\n"
	"  -ff                           -f, and with -o FILE one FILE.PID for each\n"
	"  -E VAR=VAL, -E VAR, --env=    set, or remove, in the environment of PROG\n"
	"  -u USER, --user=USER          run PROG as this user, with its groups\n"
	"  -b execve, --detach-on=execve let a process go when it starts another program\n"
	"  -D, -DD, -DDD, --daemonize[=grandchild|pgroup|session]\n"
	"                                PROG is the caller's own child, and the tracer stands aside\n"
	"  -I N, --interruptible=N       which signals end the tracer: 1 anywhere, 2 waiting, 3 never, 4 never_tstp\n"
	"  --seccomp-bpf[=never]         let the kernel leave out what -e trace= does (on by itself with -f PROG, see "
	"below)\n"
	"* --one-cpu=auto|yes|no         share a CPU with a program that makes call after call, several times faster: "
	"where "
	"it\n"
	"                                can be hidden and undone (auto), everywhere, nowhere\n"
	"* --syscall-limit=N             let all go after N calls\n"
	"\n"
	"Which calls and signals\n"
	"  -e trace=SET, --trace=SET     [!][?]{NAME|%GROUP|/REGEX|all}[@64|@32|@x32],... or none\n"
	"     groups: %clock %creds %desc %file %fstat %fstatfs %ipc %lstat %memory %net %process %pure %signal\n"
	"             %stat %%stat %statfs %%statfs\n"
	"  -e signal=SET, --signal=SET   signals to print\n"
	"  -e status=SET, --status=SET   successful, failed, unfinished, unavailable, detached\n"
	"  -z, -Z                        successful, failed only\n"
	"  -P PATH, --trace-path=PATH    calls that access PATH\n"
	"\n"
	"Lines\n"
	"  -o FILE, --output=FILE        write there, not to stderr; '|COMMAND' or '!COMMAND' pipes\n"
	"  -A, --output-append-mode      append to it\n"
	"* --json                        a JSON object a line\n"
	"* --color[=auto|always|never]   colours; auto: on a terminal, unless NO_COLOR is set\n"
	"  -a N, --columns=N             column of results (40)\n"
	"  -i, -n                        instruction pointer, number of the call\n"
	"  -t, -tt, -ttt, --absolute-timestamps[=[none|time|unix][,s|ms|us|ns]]\n"
	"  -r, --relative-timestamps[=PRECISION], -T, --syscall-times[=PRECISION]\n"
	"  -q, -qq, -qqq, -e quiet=SET   attach, exit, path-resolution, personality, thread-execve\n"
	"  -s N, --string-limit=N        longest string (32)\n"
	"  -v, -e abbrev=SET             nothing, or less, is abbreviated\n"
	"  -e verbose=SET, -e raw=SET    calls whose structs are shown; whose arguments are plain numbers\n"
	"  -e read=SET, -e write=SET     descriptors whose data is dumped\n"
	"  -x, -xx, --strings-in-hex[=non-ascii-chars|non-ascii|all]\n"
	"  -X FORMAT                     constants: raw, abbrev, verbose\n"
	"  -y, -yy, -e decode-fds=SET    path, socket, dev, pidfd\n"
	"  -Y, --decode-pids=SET         comm, pidns\n"
	"\n"
	"Counting\n"
	"  -c, -C, --summary-only, --summary   a table at the end, instead of or after the lines\n"
	"  -w, --summary-wall-clock            time from entry to exit, not time in the kernel\n"
	"  -O TIME, --summary-syscall-overhead subtract this from each call\n"
	"  -S COLUMN, --summary-sort-by=       order; -U COLUMNS, --summary-columns= which\n"
	"     columns: time-percent total-time min-time max-time avg-time calls errors name\n"
	"\n"
	"Tampering\n"
	"  -e inject=SET[:error=E|:retval=N][:signal=S][:syscall=NAME][:delay_enter=T][:delay_exit=T]\n"
	"           [:poke_enter=@argN=HEX,...][:poke_exit=@argN=HEX,...][:when=FIRST[..LAST][+[STEP]]]\n"
	"  -e fault=SET[:error=E][:when=...]   inject with ENOSYS\n"
	"\n"
	"  -d, --debug   events on stderr     -h, --help     -V, --version\n"
	"\n"
	"With -f, a PROG whose calls are chosen with -e trace= has the filter inside the kernel, and what is left out "
	"costs nothing.\n"
	"The kernel keeps a filter for as long as the program runs: so the program ends if this tracer is killed by "
	"SIGKILL, and\n"
	"after SIGINT or SIGTERM the tracer stays, silent, until the program has ended. --seccomp-bpf=never avoids "
	"both.\n";

void help_print(void)
{
	(void)fputs(help, stdout);
}

void version_print(void)
{
	uint32_t version = utrace_version();

	(void)printf("mini-strace, libutrace %u.%u.%u\n", version >> 16, version >> 8 & 0xff, version & 0xff);
}
