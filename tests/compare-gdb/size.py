#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts mini-gdb and libutrace against gdb's native-Linux, infrun, thread_db and frame code; prints a part of docs/size.md.

size.py GDB-SOURCE

Code is counted by cloc (no blank lines, no comments).  Of gdb's targets only native x86-64 and i386 Linux count.
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What of gdb's source is which part, and the files here that do the same.
PARTS = [
    ("native Linux: ptrace, waiting, forks, registers, starting and attaching",
     """linux-nat.c linux-nat.h linux-fork.c linux-fork.h inf-ptrace.c inf-ptrace.h inf-child.c inf-child.h fork-child.c
     amd64-linux-nat.c i386-linux-nat.c x86-linux-nat.c x86-linux-nat.h x86-nat.c x86-nat.h amd64-nat.c amd64-nat.h
     linux-nat-trad.c nat/linux-*.c nat/linux-*.h nat/x86-*.c nat/x86-*.h nat/amd64-*.c nat/amd64-*.h nat/i386-*.c nat/i386-*.h
     nat/fork-inferior.c nat/fork-inferior.h""",
     "nat/linux-btrace.c nat/linux-btrace.h nat/linux-osdata.c nat/linux-osdata.h nat/x86-gcc-cpuid.h",
     """libutrace/backend/ptrace/* libutrace/backend/*.c libutrace/backend/*.h libutrace/arch/x86.c libutrace/arch/x86_64.c
     libutrace/arch/*.h libutrace/core/state.* libutrace/core/life.c libutrace/core/spawn.* libutrace/core/process.c
     libutrace/core/session.c libutrace/core/queue.* libutrace/core/request.* libutrace/core/worker.* libutrace/core/control.c
     libutrace/core/memory.c libutrace/core/regs.c libutrace/core/handle.* libutrace/core/object.h libutrace/core/leave.*
     libutrace/core/calls.c libutrace/core/error.c libutrace/util/*""",
     "examples/mini-gdb/start.c examples/mini-gdb/process.c"),
    ("infrun: going on, stepping, passing breakpoints, calls in the program, what a stop is",
     """infrun.c infrun.h infcall.c infcall.h infcmd.c inf-loop.c inf-loop.h displaced-stepping.c displaced-stepping.h thread.c
     gdbthread.h thread-fsm.h inferior.c inferior.h inflow.c""", "",
     """libutrace/step/* libutrace/core/step.* libutrace/core/displaced.* libutrace/core/trap.* libutrace/core/scratch.c
     libutrace/core/space.* libutrace/core/function.* libutrace/core/allocate.c libutrace/arch/x86_call.c
     libutrace/arch/x86_decode.c""",
     """examples/mini-gdb/run.* examples/mini-gdb/stop.* examples/mini-gdb/steps.c examples/mini-gdb/inferiors.*
     examples/mini-gdb/threads.* examples/mini-gdb/calls.c examples/mini-gdb/skips.*"""),
    ("thread_db: threads as the C library has them, thread-local storage",
     "linux-thread-db.c gdb_thread_db.h proc-service.c gdb_proc_service.h nat/gdb_thread_db.h", "",
     "libutrace/sym/pthread.* libutrace/sym/thread.c libutrace/sym/tls.c", ""),
    ("frames: unwinding, inlined functions, tail calls",
     """frame.c frame.h frame-unwind.c frame-unwind.h frame-base.c frame-base.h frame-id.h dwarf2/frame.c dwarf2/frame.h
     dwarf2/frame-tailcall.c dwarf2/frame-tailcall.h inline-frame.c inline-frame.h sentinel-frame.c sentinel-frame.h
     tramp-frame.c tramp-frame.h trad-frame.c trad-frame.h stack.c stack.h""", "",
     "libutrace/unwind/* libutrace/sym/tail.c", "examples/mini-gdb/frames.* examples/mini-gdb/frameinfo.c"),
]


def code(files):
    files = [str(file) for file in files]
    if not files:
        return 0
    out = subprocess.run(["cloc", "--quiet", "--json", "--skip-uniqueness", "--list-file=-"], input="\n".join(files),
                         capture_output=True, text=True, check=True)
    return json.loads(out.stdout)["SUM"]["code"]


def files_of(folder, patterns, without=""):
    wrong = {path for pattern in without.split() for path in folder.glob(pattern)}
    found = {path for pattern in patterns.split() for path in folder.glob(pattern)}
    return sorted(path for path in found - wrong if path.suffix in (".c", ".h"))


def main():
    source = pathlib.Path(sys.argv[1]) / "gdb"
    version = (source / "version.in").read_text(encoding="utf-8").strip()
    total = [0, 0, 0]
    print(f"\n# mini-gdb\n\nMade by `./dev size` too, from the source of gdb {version}. Of gdb only these four parts are counted, and only for native x86-64 and"
          " i386\nLinux: neither its symbols, expressions, breakpoints as users see them, commands, remote targets, nor other systems.\n")
    print("| | gdb | the library | mini-gdb |\n|---|---:|---:|---:|")
    for name, theirs, without, library, tool in PARTS:
        counts = [code(files_of(source, theirs, without)), code(files_of(ROOT, library)), code(files_of(ROOT, tool))]
        total = [before + now for before, now in zip(total, counts)]
        print(f"| {name} | {counts[0]} | {counts[1]} | {counts[2]} |")
    whole = code(files_of(ROOT, "examples/mini-gdb/*"))
    print(f"| **together** | **{total[0]}** | **{total[1]}** | **{total[2]}** |")
    print(f"""
How to read it:

- Who writes a debugger on the library writes the last column where gdb has the first: {total[2]} lines for {total[0]}. Tool and library
  together are {total[1] + total[2]}. All of mini-gdb, with its expressions, printing and commands, is {whole} lines.
- The parts do not end at the same seams. gdb's infrun also knows reverse execution, non-stop and displaced stepping for all architectures,
  vfork and follow-fork of several targets, and remote protocols' needs; those can't be taken out by files. The library's backend also
  serves tracers: filters and injected system calls are in it.
- gdb's thread_db loads a library of the C library's, which is not counted; the library here reads the same facts by itself.
- Not counted on either side: DWARF itself (here libdw reads it), symbols, disassembly, tests.""")


if __name__ == "__main__":
    main()
