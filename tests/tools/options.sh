#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each option of mini-strace, once, by what it must and must not print.  $1: mini-strace.
set -eu

exec 3>&- 4>&- 5>&- # the patterns below know the numbers of descriptors
tool=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# what it is about, expected exit status, pattern that must be in the trace, pattern that must not, then options and program
check() {
	about=$1 want=$2 present=$3 absent=$4
	shift 4
	status=0
	"$tool" "$@" >out 2>trace || status=$?
	[ ! -e file ] || cat file >>trace
	rm -f file
	if [ $status != "$want" ] || ! grep -qE -e "$present" trace || { [ -n "$absent" ] && grep -qE -e "$absent" trace; }; then
		echo "FAILED: $about: status $status, expected $want; must have: $present; must not have: $absent"
		head -20 trace
		failed=1
	else
		echo "ok: $about"
	fi
}

check 'first line is execve' 0 '^execve\("/[^"]*true", \["true"\], 0x[0-9a-f]+ /\* [0-9]+ vars \*/\) = 0$' '' true
check 'exit status' 3 '^\+\+\+ exited with 3 \+\+\+$' '' sh -c 'exit 3'
check 'alignment' 0 '^close\(3\)                                = 0$' '' cat /dev/null
check 'errno names' 1 '= -1 ENOENT \(No such file or directory\)$' '' cat /nonexistent
check 'trace=' 0 '^openat\(AT_FDCWD, "/dev/null", O_RDONLY\) = 3$' '^(read|mmap|execve)' -e trace=openat cat /dev/null
check 'trace=!' 0 '^openat' '^(read|mmap)\(' -e 'trace=!read,mmap' cat /dev/null
check 'trace=%class' 0 '^openat' '^(read|mmap|close)\(' -e trace=%file cat /dev/null
check 'trace=none' 0 'exited with 0' '^[a-z]' -e trace=none true
check '-o' 0 '^close\(3\) +=' '' -o file cat /dev/null
check '-f' 0 '^\[pid +[0-9]+\] ' '' -f sh -c 'true & wait; /bin/true'
check 'no -f' 0 '^clone|^vfork|^fork' '^\[pid' sh -c '/bin/true; true'
check 'signal' 143 '^--- SIGTERM \{si_signo=SIGTERM, si_code=SI_USER, si_pid=[0-9]+, si_uid=[0-9]+\} ---$' '' sh -c 'kill -TERM $$'
check 'killed' 143 '^\+\+\+ killed by SIGTERM \+\+\+$' '' sh -c 'kill -TERM $$'
check 'signal=none' 143 'killed by SIGTERM' '^---' -e signal=none sh -c 'kill -TERM $$'
check '-s' 0 '"hello"\.\.\.' '' -s 5 sh -c 'echo hello world'
check '-t' 0 '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9] execve' '' -t true
check '-T' 0 ' <[0-9]+\.[0-9]{6}>$' '' -T true
check '-y' 0 '^read\([0-9]+</dev/null>' '' -y cat /dev/null
check '-c' 0 '^% time +seconds +usecs/call +calls +errors syscall$' '^execve\(' -c true
check '-q' 0 'execve' 'attached' -q -f sh -c 'true & wait'
check 'unknown option' 1 'mini-strace' 'execve' --no-such-option true
check 'no program' 1 'mini-strace: ' 'execve' ./no-such-program

# Attached, and let go by a signal: the program goes on.
sh -c 'i=0; while [ $i -lt 40 ]; do i=$((i + 1)); sleep 0.05; done; echo whole' >victim.out &
victim=$!
"$tool" -f -o attached -p $victim &
tracer=$!
while ! grep -qs wait4 attached; do sleep 0.05; done
kill -TERM $tracer
wait $tracer || true
wait $victim
grep -q whole victim.out || { echo 'FAILED: -p: the program did not go on'; failed=1; }
exit $failed
