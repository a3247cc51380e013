#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Running processes: -p, letting go, exec by threads, -b, -D.  $1: mini-strace.
set -eu
# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"

# Counts to N in steps of 50 ms, then says so.
cat >count.sh <<'END'
i=0
while [ $i -lt "$1" ]; do i=$((i + 1)); sleep 0.05; done
echo "whole $2"
END

sh count.sh 60 attached >victim.out &
victim=$!
"$tool" -f -o trace -p $victim 2>said &
tracer=$!
await grep -q wait4 trace
kill -TERM $tracer
status=0
wait $tracer || status=$?
[ $status = 143 ] || fail "-p: ended by SIGTERM with status $status" said
wait $victim || fail '-p: the program did not end well'
grep -q 'whole attached' victim.out || fail '-p: the program did not go on' victim.out
grep -q "^mini-strace: Process $victim attached" said || fail '-p: attached, said' said
grep -q "^mini-strace: Process $victim detached" said || fail '-p: detached, said' said

cat >threads.py <<'END'
import threading, time
for i in range(2):
    threading.Thread(target=time.sleep, args=(600,)).start()
open('started', 'w').close()
END
python3 threads.py &
victim=$!
await test -e started
other=$(for thread in /proc/"$victim"/task/*; do basename "$thread"; done | tail -n 1)
for options in "-p $other" "-f -p $victim"; do
	# shellcheck disable=SC2086 # words
	"$tool" -o trace $options 2>said &
	tracer=$!
	await grep -q attached said
	kill -TERM $tracer
	wait $tracer || true
	grep -q "^mini-strace: Process $other detached" said || fail "$options: which thread was let go" said
done
[ "$(grep -c ' detached$' said)" = 3 ] || fail '-f -p: each thread that was let go' said
kill $victim
rm -f trace

sleep 3 &
victim=$!
"$tool" -p $victim 2>trace || fail '-p: status after the end'
grep -q '^restart_syscall(<\.\.\. resuming interrupted .* \.\.\.>) = 0$' trace || fail '-p: the call that was going on' trace
grep -q '^+++ exited with 0 +++$' trace || fail '-p: the end' trace

sh -c 'while :; do sleep 0.1; done' &
victim=$!
for options in -q -c; do
	"$tool" $options -p $victim 2>trace &
	tracer=$!
	sleep 1
	kill -TERM $tracer
	wait $tracer || true
	case $options in
	-c) grep -q ' total$' trace || fail '-c -p: no table at the end' trace ;;
	*) grep -q '<detached' trace || fail '-p on stderr: the last line' trace ;;
	esac
done
kill $victim

sleep 60 &
first=$!
sleep 60 &
second=$!
"$tool" -o trace -p "$first,$second" 2>said &
tracer=$!
await grep -q "Process $second attached" said
kill $first $second
wait $tracer || fail '-p A,B: status' said
for pid in $first $second; do
	grep -q "^$pid *+++ killed by SIGTERM" trace || fail '-p A,B: both' trace
done

sh count.sh 60 held >victim.out &
victim=$!
"$tool" -o trace -p $victim -q &
tracer=$!
await grep -q wait4 trace
kill -KILL $tracer
wait $victim || fail 'SIGKILL of the tracer: the program did not end well'
grep -q 'whole held' victim.out || fail 'SIGKILL of the tracer: the program did not go on'

check '-b execve' 0 '^\[pid +[0-9]+\] execve\("/bin/echo"|execve' 'write\(1' -f -b execve sh -c '/bin/echo inner; :'
grep -q inner out || fail '-b execve: the program goes on' out

# The program is a child of the caller's, and the tracer is not its parent.
cat >parent.sh <<'END'
"$1" $2 -o trace sh -c 'echo $PPID; exit 3' >ppid
echo "status $?"
echo $$ >self
END
for how in -D -DD -DDD --daemonize=session; do
	rm -f trace
	[ "$(sh parent.sh "$tool" "$how")" = 'status 3' ] || fail "$how: status"
	[ "$(cat ppid)" = "$(cat self)" ] || fail "$how: the parent" ppid self
	await grep -q 'exited with 3' trace
	head -1 trace | grep -q '^execve("/' || fail "$how: the first line" trace
done

cat >threads.py <<'END'
import os, threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
threading.Thread(target=os.execv, args=("/bin/true", ["true"])).start()
time.sleep(60)
END
check 'execve by another thread' 0 '^[0-9]+ +\+\+\+ superseded by execve in pid [0-9]+ \+\+\+$' '' -f -o file python3 threads.py
check 'thread-execve is quiet' 0 'exited' 'superseded' -e quiet=thread-execve -f -o file python3 threads.py

check 'stopped' 0 '^--- stopped by SIGSTOP ---$' '' \
	sh -c '(sleep 0.5; kill -CONT $$) & kill -STOP $$; wait'
exit "$failed"
