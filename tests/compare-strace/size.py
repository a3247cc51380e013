#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts mini-strace and libutrace against strace's source, and prints docs/size.md.

size.py STRACE-SOURCE

Code is counted by cloc (no blank lines, no comments); tables in KiB.  Of strace's
architectures only x86-64, x32 and i386 count.
"""
import fnmatch
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What of strace/src is no decoder of calls: the engine, events, options, filters, output, counting, tampering, stacks.
ENGINE = """strace.c syscall.c ptrace.c ptrace.h ptrace_syscall_info.c ptrace_syscall_info.h filter*.c filter.h basic_filters.c
number_set.c number_set.h pathtrace.c count.c delay.c delay.h ucopy.c upeek.c upoke.c poke.c poke.h trie.c trie.h mmap_cache.c
mmap_cache.h mmap_notify.c mmap_notify.h unwind*.c unwind.h retval.c retval.h string_to_uint.c string_to_uint.h error_prints.c
error_prints.h get_personality.c get_personality.h listen.c kill_save_errno.h largefile_wrappers.h list.h static_assert.h
trace_event.h wait.h xmalloc.c xmalloc.h strauss.c strauss.h pidns.c defs.h gcc_compat.h macros.h arch_defs.h""".split()
OURS = ("x86_64", "i386", "x32", "generic", "32", "64")


def code(files):
    files = [str(file) for file in files]
    if not files:
        return 0
    out = subprocess.run(["cloc", "--quiet", "--json", "--list-file=-"], input="\n".join(files), capture_output=True, text=True)
    return json.loads(out.stdout)["SUM"]["code"]


def kib(files):
    """Of tables, whose lines have one entry there and many here."""
    return round(sum(file.stat().st_size for file in files) / 1024)


def ours(*patterns):
    return [file for pattern in patterns for file in sorted(ROOT.glob(pattern)) if file.suffix in (".c", ".h", ".awk")]


def of_strace(source):
    src = source / "src"
    sources = [file for file in src.iterdir() if file.suffix in (".c", ".h")]
    engine = [file for file in sources if any(fnmatch.fnmatch(file.name, pattern) for pattern in ENGINE)]
    arch = [file for name in OURS for file in (src / "linux" / name).iterdir() if file.suffix in (".c", ".h")]
    tables = [file for file in arch if file.name.startswith(("syscallent", "ioctls", "errnoent", "signalent", "subcallent"))]
    return {
        "engine": code(engine) + code([file for file in arch if file not in tables]),
        "decoding": code([file for file in sources if file not in engine]),
        "tables": kib(list((src / "xlat").glob("*.in")) + [file for file in tables if not file.name.startswith("ioctls")]),
        "ioctls": kib([file for file in tables if file.name.startswith("ioctls")]),
    }


def of_ours():
    symbols = ["include/utrace/%s.h" % name for name in ("symbol", "unwind", "tls", "type", "variable")]
    headers = [file for file in ours("include/utrace/*.h") if str(file.relative_to(ROOT)) not in symbols]
    library = headers + ours("libutrace/core/*", "libutrace/backend/*", "libutrace/backend/ptrace/*", "libutrace/arch/*",
                             "libutrace/util/*")
    breakpoints = [file for file in library if any(word in file.name for word in ("breakpoint", "watch", "step", "displaced", "scratch",
                                                                                "trap", "space", "x86_"))
                   and file.name != "x86_64.c"]
    tables = list((ROOT / "examples/mini-strace/tables").glob("*.tbl"))
    return {
        "library": code([file for file in library if file not in breakpoints]),
        "breakpoints": code(breakpoints),
        "symbols": code(ours("libutrace/sym/*", "libutrace/unwind/*") + [ROOT / name for name in symbols if (ROOT / name).exists()]),
        "tool": code(ours("examples/mini-strace/*")),
        "decoding": code(ours("examples/mini-strace/decode/*", "examples/mini-strace/tables/*", "libutrace/syscall/*")),
        "tables": kib(tables + [ROOT / "libutrace/syscall/syscalls.tbl"]),
    }


PAGE = """# How much code it takes

Made by `./dev size` from this tree and the source of {version}: lines of C without blank lines and comments (cloc), and KiB of
tables. Of strace's architectures only x86-64, x32 and i386 are counted, without its bundled kernel
headers, tests and generated files; of this tree neither tests nor the kernel's part.

| | strace | here | |
|---|---:|---:|---|
| process control, events, options, filters, lines, `-c`, tampering | {engine} | {tool} | `examples/mini-strace/*.c`, on the library |
| decoding of calls | {decoding} | {our_decoding} | `decode/`, generators |
| **a tracer's own code** | **{strace_total}** | **{our_total}** | |
| tables of calls, constants and structs, KiB | {tables} | {our_tables} | `tables/*.tbl`, `syscalls.tbl` |
| ... names of ioctl(2)'s requests, KiB | {ioctls} | in the above | |
| the library: process control, memory, registers, filters | | {library} | `include/`, `core/`, `backend/`, `arch/`, `util/` |
| ... breakpoints, watchpoints, steps, which mini-strace does not use | | {breakpoints} | |
| ... symbols and stacks, of which mini-strace uses `-k`'s part | in the above, on libunwind or libdw | {symbols} | `sym/`, `unwind/` |

How to read it:

- What a tracer's author writes is the tool; the library is written once, and mini-gdb uses the same. Without the library's part that mini-strace does
  not use, tool and library together are {together} lines where strace has {strace_total}.
- strace runs on thirty architectures and on kernels from 2.6 on; of that the engine shows traces which no list of files can take out. This tree knows
  one family and kernels from 5.3 on.
- strace's decoders reach further. Left out here: the structs of some families of ioctl(2) (btrfs, device mapper, DRM, most of KVM,
  MTD, ptp, SCSI, UBI, V4L2, fonts and keys of consoles, key codes of input devices), whose requests have names; netlink but for
  routes and socket diagnosis; what OBJ_GET_INFO_BY_FD of bpf(2) gives; exits of virtual CPUs; `--tips`. Where a decoder is missing, arguments are
  numbers and addresses.
- Here and not there: JSON, colours, a limit of calls, one CPU for tracer and tracee, filters in the kernel as the default, failures of the output and
  signals that harm no tracee.
"""


def main():
    source = pathlib.Path(sys.argv[1])
    theirs, here = of_strace(source), of_ours()
    version = "strace " + (source / ".tarball-version").read_text().strip()
    strace_total = theirs["engine"] + theirs["decoding"]
    our_total = here["tool"] + here["decoding"]
    print(PAGE.format(version=version, engine=theirs["engine"], decoding=theirs["decoding"], tables=theirs["tables"], ioctls=theirs["ioctls"],
                      strace_total=strace_total, our_total=our_total, tool=here["tool"], our_decoding=here["decoding"],
                      our_tables=here["tables"], library=here["library"], breakpoints=here["breakpoints"],
                      symbols=here["symbols"], together=our_total + here["library"]), end="")


if __name__ == "__main__":
    main()
