#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each option of mini-strace, by what it must and must not print, and wrong command lines.  $1: mini-strace.
set -eu
# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"

check 'first line is execve' 0 '^execve\("/[^"]*true", \["true"\], 0x[0-9a-f]+ /\* [0-9]+ vars \*/\) = 0$' '' true
check 'exit status' 3 '^\+\+\+ exited with 3 \+\+\+$' '' sh -c 'exit 3'
check 'alignment' 0 '^close\(3\)                                = 0$' '' cat /dev/null
check 'errno names' 1 '= -1 ENOENT \(No such file or directory\)$' '' cat /nonexistent
check 'exit_group' 0 '^exit_group\(0\)                           = \?$' '' true

# Which calls
check 'trace=' 0 '^openat\(AT_FDCWD, "/dev/null", O_RDONLY\) = 3$' '^(read|mmap|execve)' -e trace=openat cat /dev/null
check 'a list alone' 0 '^openat' '^(read|mmap|execve)' -e openat,close cat /dev/null
check '--trace' 0 '^openat' '^(read|mmap|execve)' --trace=openat cat /dev/null
check '-e t=' 0 '^openat' '^(read|mmap|execve)' -e t=openat cat /dev/null
check 'trace=!' 0 '^openat' '^(read|mmap)\(' -e 'trace=!read,mmap' cat /dev/null
check 'trace=!!' 0 '^openat' '^(read|mmap)\(' -e 'trace=!!openat' cat /dev/null
check 'trace=%class' 0 '^openat' '^(read|mmap|close)\(' -e trace=%file cat /dev/null
check 'a class without %' 0 '^openat' '^(read|mmap|close)\(' -e trace=file cat /dev/null
check 'trace=%%stat' 0 '^(newfstatat|fstat|statx)\(' '^(read|mmap|close)\(' -e trace=%%stat cat /dev/null
check 'trace=/regex' 0 '^(openat|open)\(' '^(read|mmap|close)\(' -e 'trace=/^open' cat /dev/null
check 'trace=?unknown' 0 '^openat' '^read' -e 'trace=?nonesuch,openat' cat /dev/null
check 'trace=@64' 0 '^openat' '^read' -e trace=openat@64,read@32 cat /dev/null
check 'trace=number' 0 '^close\(3\)' '^openat' -e trace=3@64 cat /dev/null
check 'trace=none' 0 'exited with 0' '^[a-z]' -e trace=none true
check 'unknown call' 1 "^mini-strace: invalid system call 'nonesuch'$" '^execve' -e trace=nonesuch true
check 'empty list' 1 "^mini-strace: invalid system call ''$" '^execve' -e trace= true
check 'wrong class' 1 "^mini-strace: invalid system call '%nonesuch'$" '^execve' -e trace=%nonesuch true
check 'wrong regex' 1 '^mini-strace: regcomp: ' '^execve' -e 'trace=/(' true
check 'wrong ABI' 1 "^mini-strace: incorrect personality designator 'x' in" '^execve' -e trace=open@x true
check '-P' 0 '^openat\(AT_FDCWD, "/etc/passwd"' '^(mmap|execve)|ld.so' -P /etc/passwd cat /etc/passwd
check '-P, by descriptor' 0 '^close\(3\)' '' -P /etc/passwd cat /etc/passwd
check '-P, another name of it' 0 '^mini-strace: Requested path "/etc/../etc/passwd" resolved into "/etc/passwd"$' '^mmap' \
	-P /etc/../etc/passwd cat /etc/passwd
check '-z' 1 '^openat' ' = -1 ' -z cat /nonexistent
check '-Z' 1 '^openat\(.*nonexistent.* = -1 ENOENT' ' = [0-9]|exit_group' -Z cat /nonexistent
check 'status=failed,unfinished' 1 '^exit_group\(1\) +=' ' = [0-9]' -e status=failed,unfinished cat /nonexistent
check 'wrong status' 1 "^mini-strace: invalid status 'x'$" '' -e status=x true
check '--syscall-limit' 5 '^openat' 'exited|libc' --syscall-limit=2 -e trace=openat,close sh -c 'exec 9<.; exit 5'

# Signals
check 'signal' 143 '^--- SIGTERM \{si_signo=SIGTERM, si_code=SI_USER, si_pid=[0-9]+, si_uid=[0-9]+\} ---$' '' sh -c 'kill -TERM $$'
check 'killed' 143 '^\+\+\+ killed by SIGTERM \+\+\+$' '' sh -c 'kill -TERM $$'
check 'signal=none' 143 '^kill\(' '^---|killed' -e signal=none sh -c 'kill -TERM $$'
check 'signal=!' 143 '^kill\(' '^--- SIGTERM|killed' -e 'signal=!term' sh -c 'kill -TERM $$'
check '--signal' 143 '^--- SIGTERM' '' --signal=SIGTERM,usr1 sh -c 'kill -TERM $$'
check 'wrong signal' 1 "^mini-strace: invalid signal 'FOO'$" '' -e signal=FOO true

# Lines
check '-f' 0 '^\[pid +[0-9]+\] ' '' -f sh -c 'true & wait; /bin/true'
check '-f tells who comes' 0 '^mini-strace: Process [0-9]+ attached$' '' -f sh -c '/bin/true & wait'
check '-f -o' 0 '^[0-9]+ +execve\(' '^\[pid' -f -o file sh -c '/bin/true & wait'
check 'unfinished, resumed' 0 '^\[pid +[0-9]+\] wait4\(-1,  <unfinished ...>$' '' -f sh -c '/bin/sleep 0.2; :'
check 'no -f' 0 '^clone|^vfork|^fork' '^\[pid' sh -c '/bin/true; true'
check '-o' 0 '^close\(3\) +=' '' -o file cat /dev/null
check '-o |command' 0 '^x' '^execve' -o '|sed s/^/x/ >file' true
check '-o !command' 0 '^x' '^execve' -o '!sed s/^/x/ >file' true
check '-o, folder missing' 1 "^mini-strace: Can't fopen '/nonexistent/x': No such file or directory$" '' -o /nonexistent/x true
check '-s' 0 '"hello"\.\.\.' '' -s 5 sh -c 'echo hello world'
check '--string-limit' 0 '"hel"\.\.\.' '' --string-limit=3 sh -c 'echo hello world'
check '-a' 0 '^close\(3\)   = 0$' '' -a 11 cat /dev/null
check '-a 0' 0 '^close\(3\) = 0$' '' --columns=0 cat /dev/null
check '-t' 0 '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9] execve' '' -t true
check '-tt' 0 '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6} execve' '' -tt true
check '-ttt' 0 '^[0-9]{10}\.[0-9]{6} execve' '' -ttt true
check '--timestamps' 0 '^[0-9]{10}\.[0-9]{9} execve' '' --timestamps=unix,ns true
check '--absolute-timestamps' 0 '^[0-9:]{8}\.[0-9]{3} execve' '' --absolute-timestamps=format:time,precision:ms true
check 'wrong --timestamps' 1 "^mini-strace: invalid --timestamps argument: 'x'$" '' --timestamps=x true
check '-r' 0 '^ {5}0\.[0-9]{6} brk' '' -r true
check '-r -t' 0 '^[0-9:]{8} \(\+ +0\.[0-9]{6}\) brk' '' -r -t true
check '-T' 0 ' <[0-9]+\.[0-9]{6}>$' '' -T true
check '--syscall-times=ns' 0 ' <[0-9]+\.[0-9]{9}>$' '' --syscall-times=ns true
check '-i' 0 '^\[[0-9a-f]{16}\] close\(3\)' '' -i true
check '-i at the end' 0 '^\[\?{16}\] \+\+\+ exited' '' -i true
check '-n' 0 '^\[   3\] close\(3\)' '' -n true
check '-n -i' 0 '^\[   3\] \[[0-9a-f]{16}\] close\(3\)' '' -i -n true
check '-y' 0 '^read\([0-9]+</dev/null>' '' -y cat /dev/null
check '-Y' 0 '^\[pid +[0-9]+<sh>\]' '' -Y -f sh -c '/bin/true & wait; :'
check '-q' 0 'execve' 'attached' -q -f sh -c 'true & wait'
check '-qq' 0 'execve' 'attached|exited' -qq -f sh -c 'true & wait'
check 'quiet=exit' 0 'attached' 'exited' -e quiet=exit -f sh -c '/bin/true & wait'
check '-E' 7 '' '' -E CODE=7 sh -c 'exit $CODE'
check '-E, removed' 1 '' '' -E HOME sh -c 'test -n "${HOME+set}"'
check '-d' 0 '^mini-strace: \[event\] syscall-entry' '' -d true
check '--color=always' 0 "$(printf '^\033\\[1mexecve\033\\[0m\\(')" '' --color=always true
check '--color=auto, no terminal' 0 '^execve' '' --color=auto true

# Counting
check '-c' 0 '^% time +seconds +usecs/call +calls +errors syscall$' '^execve\(' -c true
check '-c, total' 0 '^100.00 +[0-9.]+ +[0-9]+ +[0-9]+ +[0-9]* total$' '' -c true
check '-C' 0 '^100.00 ' '' -C true
check '-C prints lines too' 0 '^close\(3\)' '' -C true
check '-c -w' 0 '^ *[0-9.]+ +[0-9.]+ +[0-9]+ +1 +execve$' '' -c -w true
check '-U' 0 '^    calls syscall$' 'time' -c -U calls true
check '-U, all' 0 '^syscall +shortest  longest  usecs/call +calls +errors +seconds % time$' '' \
	-c -U name,min-time,max-time,avg-time,calls,errors,total-time,time-percent true
check '-U, unknown' 1 "^mini-strace: unknown column name: 'x'$" '' -c -U x true
"$tool" -c -w -S name -U name -o sorted true
sed '1,2d;/^---/,$d' sorted | LC_ALL=C sort -c || fail '-S name' sorted
check '-S, unknown' 1 "^mini-strace: invalid sortby: 'x'$" '' -c -S x true
check '-O, wrong' 1 "^mini-strace: invalid -O argument: 'x'$" '' -c -O x true
check '-w alone' 1 '^mini-strace: -w/--summary-wall-clock must be given with' '' -w true
check '-c -C' 1 'are mutually exclusive$' '' -c -C true
"$tool" -c -w -o counted sleep 0.3
awk '/nanosleep/ { found = $2 >= 0.3 } END { exit !found }' counted || fail '-w counts the time of a sleep' counted
"$tool" -c -o counted sleep 0.3
awk '/nanosleep/ { found = $2 < 0.2 } END { exit !found }' counted || fail '-c does not count the time of a sleep' counted

# -ff, -A
"$tool" -ff -o each sh -c '/bin/true & wait; :'
[ "$(find . -name 'each.*' | wc -l)" = 2 ] || fail '-ff: a file for each process'
! grep -q '^[0-9]\|unfinished' each.* || fail '-ff: no prefix, no cut lines' each.*
"$tool" -o twice true
"$tool" -A -o twice true
[ "$(grep -c ^execve twice)" = 2 ] || fail '-A appends' twice

# Wrong command lines
check 'unknown option' 1 "^mini-strace: unrecognized option '--no-such-option'$" 'execve' --no-such-option true
check 'the way to help' 1 "^Try 'mini-strace -h' for more information.$" 'execve' -Q true
check 'nothing to do' 1 '^mini-strace: must have PROG \[ARGS\] or -p PID$' ''
check 'no program' 1 "^mini-strace: Can't stat './no-such-program': No such file or directory$" 'execve' ./no-such-program
check 'no execve, -c' 1 ' 1         1 execve$' 'exited with' -c /etc/passwd
check 'no execve' 1 '^execve\("/etc/passwd", .* = -1 EACCES \(Permission denied\)$' '' /etc/passwd
check 'no number' 1 "^mini-strace: invalid -s argument: '1x'$" '' -s 1x true
check 'no pid' 1 "^mini-strace: Invalid process id: 'x'$" '' -p x
check 'no such process' 1 '^mini-strace: attach to 4194300: ' '' -p 4194300
check 'no such user' 1 "^mini-strace: Cannot find user 'no-such-user'$" '' -u no-such-user true
check '-b' 1 "^mini-strace: Syscall 'open' for -b isn't supported$" '' -b open true
check '-I' 1 "^mini-strace: invalid -I argument: '5'$" '' -I 5 true
check '-t --timestamps' 1 '^mini-strace: -t and --absolute-timestamps cannot be provided simultaneously$' '' -t --timestamps true
check '-ff -c' 1 'mutually exclusive$' '' -ff -c true
check '-D alone' 1 '^mini-strace: PROG \[ARGS\] must be specified with -D/--daemonize$' '' -D -p $$
"$tool" -h | grep -q -- '--json' || fail '-h'
"$tool" -V | grep -q '^mini-strace' || fail '-V'
exit "$failed"
