#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# package.sh CC DWP VERSION SOURCES OUTPUT: a program whose split units are in a package, OUTPUT.dwp, and nowhere else.  SOURCES are
# separated by blanks.
set -eu
rm -rf "$5.split"
mkdir -p "$5.split"
cd "$5.split"
objects=
for source in $4; do
	object=$(basename "$source" .c).o
	"$1" -D_GNU_SOURCE -O2 -g "-gdwarf-$3" -gsplit-dwarf -fdebug-types-section -c "$source" -o "$object"
	objects="$objects $object"
done
# shellcheck disable=SC2086
"$1" $objects -o "$5" -ldl
rm -f "$5.dwp"
"$2" -e "$5" -o "$5.dwp"
cd /
rm -rf "$5.split"
