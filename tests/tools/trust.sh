#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Whatever becomes of the tool or its output, the program that it watched is not harmed.  $1: mini-strace.
set -eu
# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"

cat >count.sh <<'END'
i=0
while [ $i -lt 8 ]; do i=$((i + 1)); sleep 0.05; done
echo whole >finished
exit 9
END

# A signal for the tool, expected exit status of the tool, options.
survives() {
	signal=$1 want=$2
	shift 2
	rm -f finished ready
	"$tool" "$@" sh -c 'echo >ready; . ./count.sh' sh >out 2>trace &
	tracer=$!
	# A shell's background job ignores SIGINT, and so would the tool before it has its own mind.
	await test -e ready
	kill "-$signal" $tracer
	status=0
	wait $tracer || status=$?
	[ $status = "$want" ] || fail "SIG$signal, $*: status $status, expected $want" trace
	await test -s finished
	echo "ok: SIG$signal, $*"
}
for options in -f -c '-f -e trace=openat' '-e trace=openat'; do
	# shellcheck disable=SC2086 # words
	survives TERM 143 $options
	# shellcheck disable=SC2086
	survives INT 130 $options
done
survives HUP 129 -f
survives QUIT 131 -f
survives TERM 9 -f -o log
survives INT 9 -f -o log
survives TERM 9 -I 3 -f
survives TERM 143 -I 1 -f
survives TERM 143 -I 2 -o log -f
# A filter inside the kernel can't outlive its tracer, so here SIGKILL is not survived; without it, it is.
survives KILL 137 -f
survives KILL 137 -o log
survives KILL 137 -f -e trace=openat --seccomp-bpf=never
survives KILL 137 -e trace=openat

# Output that breaks: said once, and the program's status is ours.
breaks() {
	about=$1
	shift
	rm -f finished
	status=0
	"$tool" "$@" sh -c '. ./count.sh' >out 2>said || status=$?
	[ $status = 9 ] || fail "$about: status $status" said
	[ -s finished ] || fail "$about: the program did not end well" said
	[ "$(grep -c unprinted said)" = 1 ] || fail "$about: said once" said
	echo "ok: $about"
}
breaks 'full disk' -f -o /dev/full
breaks 'full disk, filtered' -f -e trace=openat,close -o /dev/full
breaks 'broken pipe' -f -o '|head -1 >first'
breaks 'broken pipe, filtered' -f -e trace=openat,close -o '|head -1 >first'
(
	ulimit -f 8
	trap '' XFSZ
	breaks 'largest file' -f -o large
	exit "$failed"
) || failed=1
rm -f finished
"$tool" -f sh -c '. ./count.sh' 2>&1 >out | head -1 >first
await test -s finished

# Nothing of what the tool leaves behind runs on.
! pgrep -f "$work" >/dev/null || fail 'processes are left'
exit "$failed"
