#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# debuggers.sh strace|gdb|ltrace PROGRAMS: Debian's debuggers, which know nothing of utrace, tell the same of a program
# whether nobody else watches it, a session records it, or a session stops it at every event.
set -eu
tool=$1
programs=$2
debuggee=$programs/debuggee

# What differs between any two runs: ids, addresses, times, and when a child's end is told.
plain() {
	sed -E '/^--- SIGCHLD /d; s/ +=/ =/; s/si_([us])time=[0-9]+( .. [0-9.]+ s ..)?/si_\1time=N/g; s/0x[0-9a-f]+/ADDR/g; s/\b[0-9]{2,}\b/N/g; s/^(\[pid +)?[0-9]+\]? +//; /^warning: /d; /^\[New |^\[Switching|^\[Detaching|exited\]$/d;
		/^Using host libthread_db|^\[Thread debugging|^This GDB|^Download/d'
}

strace_it() {
	rm -f strace.out*
	"$@" strace -ff -e 'trace=!futex,getrandom,madvise,brk,mmap,munmap,mprotect' -o strace.out "$debuggee" || echo "status $?"
	cat strace.out* # in the order of their pids
}

gdb_it() {
	"$@" gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'handle SIGUSR1 nostop noprint pass' -ex 'break add' -ex 'run' -ex 'bt' -ex 'info args' \
		-ex 'finish' -ex 'watch counter' -ex 'continue' -ex 'delete' -ex 'stepi' -ex 'continue' "$debuggee" 2>&1 || echo "status $?"
}

ltrace_it() {
	"$@" ltrace -e 'raise+snprintf+puts+strlen' -o ltrace.out "$debuggee" || echo "status $?"
	cat ltrace.out
}

"${tool}_it" env | plain >alone
"${tool}_it" "$programs/record" | plain >recorded
"${tool}_it" "$programs/record" -s | plain >stopped
grep -q '[0-9]' alone
diff alone recorded
diff alone stopped
cat alone
