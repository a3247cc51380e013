#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# --json: every line is an object that says what happened, with values of their own types.  $1: mini-strace.
set -eu
# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"

cat >check.py <<'END'
import json, sys
lines = [json.loads(line) for line in open("trace")]
calls = [line for line in lines if line["type"] == "syscall"]
def the(name, **wanted):
    found = [c for c in calls if c["name"] == name and all(c["args"].get(k) == v for k, v in wanted.items())]
    assert found, "no %s with %s" % (name, wanted)
    return found[0]
assert all({"type", "time", "pid", "tid"} <= set(line) for line in lines)
assert all({"name", "number", "abi", "args"} <= set(call) for call in calls)
first = calls[0]
assert first["name"] == "execve" and first["args"]["argv"][0] == "sh" and first["result"] == 0, first
failed = the("openat", filename="/nonexistent")
assert failed["result"] == -1 and failed["error"] == "ENOENT" and failed["errno"] == 2, failed
assert "O_RDONLY" in failed["args"]["flags"], failed
opened = the("openat", filename="/etc/passwd")
assert opened["result"] > 2 and opened["duration_ns"] > 0, opened
assert the("exit_group", error_code=3)["unfinished"] is True
assert len({line["pid"] for line in lines}) >= 2
signals = [line for line in lines if line["type"] == "signal"]
assert any(s["signal"] == "SIGUSR1" and s["siginfo"]["si_code"] == "SI_USER" for s in signals), signals
exits = [line for line in lines if line["type"] == "exit"]
assert {"status": 3}.items() <= exits[-1].items(), exits
assert any(e.get("signal") == "SIGUSR1" for e in exits), exits
END
"$tool" --json -f -o trace sh -c 'cat /etc/passwd /nonexistent; sh -c "kill -USR1 \$\$"; exit 3' >out 2>&1 || true
python3 check.py || fail 'values' trace
"$tool" --json -o trace -e trace=chdir -e inject=chdir:error=EIO:delay_enter=1 sh -c 'cd /' 2>said || true
python3 -c 'import json; c = json.loads(open("trace").readline()); assert c["injected"] == ["result", "delay"], c' || fail 'injected' trace
printf 'bytes: \377\376\001\n' >"$(printf 'name\377')"
"$tool" --json -o trace sh -c 'cat name*' >out
python3 -c 'import json; [json.loads(line) for line in open("trace", encoding="utf-8")]' || fail 'bytes that are no UTF-8' trace
"$tool" --json -o trace -z -e trace=openat cat /nonexistent 2>said || true
! grep -q '"error"' trace || fail '-z' trace
exit "$failed"
