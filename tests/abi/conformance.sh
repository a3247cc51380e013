#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every test that docs/conformance.md names exists in the file that it names.
set -eu

awk '{
	n = split($0, words, /[ ,;|()`]+/)
	for (i = 1; i <= n; i++) {
		if (words[i] ~ /^[a-z_]+:$/)
			suite = substr(words[i], 1, length(words[i]) - 1)
		else if (words[i] ~ /^test_/)
			print suite, words[i]
	}
}' docs/conformance.md | {
	count=0
	failed=0
	while read -r suite name; do
		count=$((count + 1))
		grep -q "^static void $name(" "tests/conformance/test_$suite.c" || {
			echo "$suite has no $name"
			failed=1
		}
	done
	[ "$count" -gt 100 ] || { echo "only $count tests were found in the table"; failed=1; }
	exit "$failed"
}
