#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the library exports, what the headers declare and what the version script lists is the same.  $1: libutrace.so
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat include/utrace/*.h | tr '\n' ' ' | grep -oE 'UTRACE_API[^;(]*\(' | grep -oE 'utrace_[a-z0-9_]+\($' | tr -d '(' | sort -u >"$work/declared"
nm -D --defined-only "$1" | awk '$2 == "T" || $2 == "D" || $2 == "R" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/exported"
grep -oE 'utrace_[a-z0-9_]+' libutrace/libutrace.map | sort -u >"$work/listed"
[ -s "$work/declared" ] || { echo "found no declarations"; exit 1; }
diff "$work/declared" "$work/exported" || { echo "declared (<) and exported (>) differ"; exit 1; }
diff "$work/declared" "$work/listed" || { echo "declared (<) and listed in the version script (>) differ"; exit 1; }
