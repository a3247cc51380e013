#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mini-strace -k prints the stacks that strace -k prints: the same files and offsets; names too, where both take them from the
# same symbols.  $1: mini-strace; $2: the folder of victims.
set -eu

tool=$1
victims=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# $1: how the victim was built
compare() {
	echo e | strace -k -e trace=write -o "$work/theirs" "$victims/stack_walk-$1" >/dev/null
	echo e | "$tool" -k -e trace=write -o "$work/ours" "$victims/stack_walk-$1" >/dev/null
	for file in theirs ours; do
		sed -n 's/^ > \(.*\)(.*) \[\(.*\)\]$/\1 \2/p' "$work/$file" >"$work/$file.frames"
		grep "stack_walk-$1(" "$work/$file" >"$work/$file.names" || true
	done
	[ "$(wc -l <"$work/ours.frames")" -ge 12 ] || { echo "$1: too few frames"; cat "$work/ours"; exit 1; }
	diff -u "$work/theirs.frames" "$work/ours.frames"
	diff -u "$work/theirs.names" "$work/ours.names"
}

for way in O0 O2 nopie; do
	compare $way
done
