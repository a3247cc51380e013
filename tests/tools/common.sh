# SPDX-License-Identifier: BSD-2-Clause
# What the tests of mini-strace share: a folder of their own to work in, and `check`.  Sourced with $1: mini-strace.
# shellcheck shell=sh disable=SC2034 # used by those that source it

exec 3>&- 4>&- 5>&- # the patterns know the numbers of descriptors
tool=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

fail() {
	echo "FAILED: $1"
	shift
	for file in "$@"; do
		echo "--- $file"
		head -20 "$file"
	done
	failed=1
}

# About what, expected exit status, pattern that must be in the trace, pattern that must not (or ''), then options and program.
# The trace is stderr and, if there is one, `file`.
check() {
	about=$1 want=$2 present=$3 absent=$4
	shift 4
	status=0
	timeout 60 "$tool" "$@" >out 2>trace || status=$?
	[ ! -e file ] || cat file >>trace
	rm -f file
	if [ $status != "$want" ]; then
		fail "$about: status $status, expected $want" trace
	elif ! grep -qE -e "$present" trace; then
		fail "$about: not there: $present" trace
	elif [ -n "$absent" ] && grep -qE -e "$absent" trace; then
		fail "$about: must not be there: $absent" trace
	else
		echo "ok: $about"
	fi
}

# Waits until a command succeeds, 20 s at most.
await() {
	for _ in $(seq 200); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	fail "waited in vain for: $*"
}
