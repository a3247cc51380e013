#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Crashes are reported with their stacks, the program dies as without the tool, and what does not crash is left alone.
# $1: crash-catch.
set -eu
# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"

cat >crash.c <<'END'
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void handler(int signal) { _exit(signal == SIGSEGV ? 7 : 8); }

static int at_fault(volatile int *pointer) { return *pointer + 1; }

static pthread_barrier_t all;

static void *waits(void *data)
{
	pthread_barrier_wait(&all);
	pause();
	return data;
}

static int crash(const char *how)
{
	if (!strcmp(how, "null"))
		return at_fault((int *)16);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "term"))
		raise(SIGTERM);
	return 3;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc > 2 && !strcmp(argv[2], "handled"))
		signal(SIGSEGV, handler);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0});
	pthread_barrier_init(&all, NULL, 4);
	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, waits, NULL);
	pthread_barrier_wait(&all);
	if (argc > 2 && !strcmp(argv[2], "waits")) {
		write(1, "up\n", 3);
		read(0, &thread, 1);
	}
	return crash(argc > 1 ? argv[1] : "");
}
END
# About what, expected exit status, program: of which nothing is to be said.
silent() {
	about=$1 want=$2
	shift 2
	status=0
	timeout 60 "$tool" "$@" >out 2>report || status=$?
	if [ $status = "$want" ] && ! [ -s report ]; then
		echo "ok: $about"
	else
		fail "$about: status $status, expected $want, and no report" report
	fi
}

cc -g -O0 -pthread -o crash crash.c

check "a fault" 139 'SIGSEGV .Segmentation fault. at address 0x10' '' ./crash null
check "where it was, by source line" 139 '#0 .* at_fault at .*crash.c:10' '' ./crash null
check "who called" 139 '#2 .* main at .*crash.c' '' ./crash null
check "abort" 134 'SIGABRT' '' ./crash abort
silent "what has a handler is no crash" 7 ./crash null handled
silent "nor is what ends without a core" 143 ./crash term
silent "an exit status" 3 ./crash none
check "a child's crash" 0 'SIGSEGV' '' sh -c './crash null; test $? = 139'
check "report into a file" 139 'Modules' '' -o file ./crash null
check "no such program" 125 'no-such-program' '' no-such-program
check "no such process" 125 'There is no process 999999999' '' -p 999999999
check "neither program nor process" 125 'usage' ''
[ "$("$tool" ./crash null 2>&1 | grep -c ' waits ')" = 3 ] || fail "each other thread's stack"

# One that runs already, told of while it is let go and while it is watched.
mkfifo in
./crash null waits <in >up &
program=$!
exec 6>in
while ! [ -s up ]; do sleep 0.01; done
"$tool" -o report -c . -p $program &
catcher=$!
while ! grep -q "^TracerPid:.*[1-9]" /proc/$program/status; do sleep 0.01; done
echo >&6
status=0
wait $program || status=$?
[ $status = 139 ] || fail "attached: the program's status $status" report
wait $catcher || fail "attached: the tool's status" report
grep -q at_fault report || fail "attached: no report" report
grep -q "Core file ./core.$program" report || fail "a core file" report
[ "$(head -c 4 core.$program | tail -c 3)" = ELF ] || fail "the core file is no ELF file"

exit $failed
