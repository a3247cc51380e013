#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who may include whom (docs/design.md): a line for each layer, with the include paths that it may use.
set -eu

status=0

# $1: folder; $2: extended regular expression of what may stand in quotes
quoted() {
	for file in "$1"/*.c "$1"/*.h; do
		[ -e "$file" ] || continue
		bad=$(sed -n 's/^#include "\(.*\)".*/\1/p' "$file" | grep -vE "^($2)$" || true)
		[ -z "$bad" ] || { echo "$file must not include: $bad"; status=1; }
	done
}

quoted libutrace/util 'util/[a-z]+\.h'
quoted libutrace/arch 'arch/[a-z0-9_]+\.h|util/[a-z]+\.h'
quoted libutrace/syscall 'syscalls(_index)?\.inc'
quoted libutrace/core 'core/[a-z]+\.h|backend/(backend|sink)\.h|arch/arch\.h|util/[a-z]+\.h'
quoted libutrace/backend 'core/(object|spawn)\.h|backend/[a-z]+\.h|arch/arch\.h|util/[a-z]+\.h'
quoted libutrace/backend/kernel 'backend/(backend|sink|child|denied|flags|instruction|target)\.h|backend/kernel/kernel\.h|core/(filter|spawn)\.h|arch/arch\.h|util/[a-z]+\.h'
quoted libutrace/backend/ptrace 'backend/(backend|sink|child|denied|flags|instruction|target)\.h|backend/ptrace/ptrace\.h|core/(filter|spawn)\.h|arch/arch\.h|util/[a-z]+\.h'
quoted libutrace/backend/core 'backend/sink\.h|backend/core/core\.h|util/[a-z]+\.h'
quoted libutrace/sym 'sym/[a-z]+\.h|util/[a-z]+\.h'
quoted libutrace/step 'step/[a-z]+\.h'
quoted libutrace/dump 'dump/dump\.h|util/[a-z]+\.h'
quoted libutrace/load 'util/status\.h'
quoted libutrace/unwind 'unwind/[a-z]+\.h|sym/[a-z]+\.h|util/[a-z]+\.h'
quoted libutrace/compile 'compile/[a-z]+\.h|unwind/unwind\.h|sym/[a-z]+\.h|util/[a-z]+\.h'
for tool in examples/*/; do
	quoted "${tool%/}" '([a-z]+/)?[a-z_0-9]+\.h'
done

# The decoders know the options that are theirs to show by, and nothing of the tool around them.
quoted examples/mini-strace/decode 'decode/[a-z_]+\.h|options\.h|tables\.h'

# util and the table know nothing of tracing, but what an error is; nobody but backends.c names a backend.
if grep '<utrace/' libutrace/util/* | grep -v '<utrace/error\.h>'; then
	echo "libutrace/util must not know the public headers"
	status=1
fi
if grep -lE 'ut__backend_[a-z]+;|"backend/ptrace' libutrace/core/* libutrace/arch/* libutrace/util/*; then
	echo "only libutrace/backend/backends.c names the backends"
	status=1
fi
if grep -nE '<(sys/ptrace|linux/ptrace)\.h>' -r libutrace/core libutrace/arch libutrace/util libutrace/syscall libutrace/sym libutrace/unwind include examples; then
	echo "only the ptrace backend knows ptrace"
	status=1
fi
if grep -rnE 'ptrace\(' examples --include=*.c | grep -v '"'; then
	echo "the tools use libutrace"
	status=1
fi
exit $status
