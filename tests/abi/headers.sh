#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each public header compiles by itself, in C and in C++, without a warning.  $1: the C compiler.
set -eu

cc=$1
for header in include/utrace/*.h; do
	name=utrace/${header##*/}
	printf '#include <%s>\n#include <%s>\n' "$name" "$name" |
		"$cc" -x c -std=gnu11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -
	if command -v c++ >/dev/null; then
		printf '#include <%s>\n#include <%s>\n' "$name" "$name" |
			c++ -x c++ -std=c++17 -Wall -Wextra -Werror -Iinclude -fsyntax-only -
	fi
done
