#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# sharing.sh three|editors|mini-gdb|gdb BUILD: several tools on one process, on the kernel backend; each comes and goes without the
# others' notice. In a guest whose kernel has the system call.
set -eu
what=$1
build=$2
export UTRACE_BACKEND=kernel
strace=$build/bin/mini-strace

fail() {
	echo "$1"
	grep -n '' -- *.log *.err *.out | tail -n 200
	exit 1
}

# Until the condition holds; a tool that never comes is the caller's time limit's concern.
until_true() {
	while ! sh -c "$1"; do sleep 0.05; done
}

mkfifo orders
"$build/tests/victims/share_server" <orders >answers.out &
server=$!
exec 3>orders

# $1: name of the log, more: mini-strace's options. Returns when it is attached.
watch() {
	log=$1
	shift
	"$strace" -p "$server" -o "$log.log" "$@" 2>"$log.err" 3>&- &
	eval "tracer_$log=$!"
	until_true "grep -q attached $log.err"
}

serve() {
	printf '%s' "$1" >&3
	until_true "grep -q 'served $2\$' answers.out"
}

leave() {
	exec 3>&-
	wait "$server" || fail "the server did not end well: $?"
}

count() {
	grep -c "$2" "$1.log" || true
}

expect() {
	[ "$(count "$1" "$2")" = "$3" ] || fail "$1 has $(count "$1" "$2") times '$2', and not $3"
}

three() {
	watch writes -e trace=write
	watch kills -e trace=kill
	watch reads -e trace=read
	serve aaaaa 5
	# shellcheck disable=SC2154
	kill -INT "$tracer_kills"
	wait "$tracer_kills" || true
	serve bbbbb 10
	leave
	# shellcheck disable=SC2154
	wait "$tracer_writes" "$tracer_reads"
	expect writes '"served [0-9]*\\n", *[0-9]*) *= ' 10
	expect writes 'kill(' 0
	expect kills 'kill([0-9]*, 0) *= 0' 5
	# The first was under way when it was attached.
	expect reads '"[ab]", 1) *= 1' 9
	expect reads 'read resumed>) *= 1' 1
	for log in writes reads; do expect $log '+++ exited with 0 +++' 1; done
}

# Two change calls, each its own, and a third sees what is made of them.
editors() {
	watch kills -e trace=kill -e inject=kill:retval=0
	watch stats -e trace=newfstatat -e inject=newfstatat:retval=0
	watch both -e trace=kill,newfstatat
	serve aaa 3
	leave
	# shellcheck disable=SC2154
	wait "$tracer_kills" "$tracer_stats" "$tracer_both"
	expect kills 'kill([0-9]*, 0) *= 0 (INJECTED)' 3
	expect stats 'newfstatat(.*) *= 0 (INJECTED)' 3
	expect both 'kill([0-9]*, 0) *= 0$' 3
	expect both 'newfstatat(.*) *= 0$' 3
	for log in kills stats both; do expect $log '+++ exited with 0 +++' 1; done
}

# A debugger comes, stops the server at serve(), looks, and goes; mini-strace sees all calls, before, meanwhile and afterwards.
with_debugger() {
	watch calls -e trace=write
	serve a 1
	"$@" >debugger.out 2>&1 3>&- &
	debugger=$!
	# Its breakpoint is a byte in the server's memory, which only this way can be seen without it.
	until_true "grep -q 'Breakpoint 1' debugger.out"
	sleep 1
	serve b 2
	wait $debugger || fail "the debugger failed"
	serve c 3
	leave
	# shellcheck disable=SC2154
	wait "$tracer_calls"
	grep -q 'serve (number=.*2)' debugger.out || fail "the debugger did not come to the function"
	expect calls '"served [0-9]*\\n", *[0-9]*) *= ' 3
	expect calls '+++ exited with 0 +++' 1
}

case $what in
three) three ;;
editors) editors ;;
mini-gdb) with_debugger "$build/bin/mini-gdb" -batch -p "$server" -ex 'break serve' -ex continue -ex bt -ex delete -ex detach ;;
gdb) with_debugger gdb -nx -batch -iex 'set debuginfod enabled off' -p "$server" -ex 'break serve' -ex continue -ex bt -ex delete -ex detach ;;
*) fail "which test?" ;;
esac
echo "ok $what"
