#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes what packagers make of values-O0: values-id (stripped; the debug information by build ID in FOLDER), values-mini (symbols only,
# in .gnu_debugdata), values-dwz (shared debug information).
# usage: separate.sh OBJCOPY DWZ XZ FOLDER, in the folder of values-O0
set -eu

objcopy=$1
dwz=$2
xz=$3
folder=$4

id=$(readelf -n values-O0 | sed -n 's/.*Build ID: //p')
place=$folder/.build-id/$(echo "$id" | cut -c1-2)
mkdir -p "$place"
"$objcopy" --only-keep-debug values-O0 "$place/$(echo "$id" | cut -c3-).debug"
"$objcopy" --strip-all values-O0 values-id

rm -f values-mini values-dwz values-dwz2 values-shared.debug
if [ -n "$xz" ]; then
	"$objcopy" --strip-debug values-O0 values-symbols
	"$objcopy" --only-keep-debug values-symbols values-symbols.debug
	"$xz" -c values-symbols.debug >values-symbols.xz
	"$objcopy" --strip-all --add-section .gnu_debugdata=values-symbols.xz values-O0 values-mini
	rm -f values-symbols values-symbols.debug values-symbols.xz
fi
if [ -n "$dwz" ]; then
	cp values-O0 values-dwz
	cp values-O0 values-dwz2
	"$dwz" -m values-shared.debug -M "$PWD/values-shared.debug" values-dwz values-dwz2 2>/dev/null || rm -f values-dwz values-dwz2
fi
