#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every file that can carry a comment says under which licence it stands.
set -eu

missing=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.sh' '*.awk' '*.tbl' '*.cmake' '*.txt' '*.S' '*.map' '*.py' dev .ci/run bench/run |
	grep -v '^LICENSES/' | xargs grep -L 'SPDX-License-Identifier: ' || true)
[ -z "$missing" ] || { echo "no SPDX line in:"; echo "$missing"; exit 1; }
