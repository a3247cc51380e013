#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares the structs of mini-strace's tables with the kernel's headers, for x86-64 and for i386.

compare.py DUMP COMPILER

DUMP prints the tables (dump.c); structs.txt names headers and structs.  Each header is compiled by itself, for some
can't be included together.  A member that the header lacks, a wrong offset, size or length fails.
"""
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# What a header needs before it.
BEFORE = {
    "linux/if_packet.h": ["sys/types.h"],
    "linux/kd.h": ["linux/types.h", "sys/types.h"],
    "linux/fs.h": ["sys/types.h"],
    "linux/inet_diag.h": ["sys/types.h"],
    "linux/resource.h": ["linux/time.h"],
    "asm/ipcbuf.h": ["linux/types.h", "asm/posix_types.h"],
    "linux/times.h": ["linux/types.h"],
    "linux/quota.h": ["linux/types.h"],
    "linux/dqblk_xfs.h": ["linux/types.h"],
    "linux/hdreg.h": ["linux/types.h"],
    "linux/aio_abi.h": ["linux/types.h"],
    "linux/utime.h": ["linux/types.h", "asm/posix_types.h"],
}


def wanted():
    """[(header, struct, the tables' name)], and the members that are the tables' own."""
    structs, own = [], set()
    for line in (HERE / "structs.txt").read_text().splitlines():
        header, *words = line.split("#")[0].split() or [""]
        if "-" in words:
            own.update(words[words.index("-") + 1:])
            words = words[:words.index("-")]
        for word in words:
            name, _, table = word.partition("=")
            structs.append((header, name, table or name))
    return structs, own


def tables(dump):
    """{(bits, struct): (size, {member: (offset, size)})}"""
    result = {}
    for line in subprocess.run([dump], capture_output=True, text=True, check=True).stdout.splitlines():
        bits, name, *numbers = line.split()
        struct, _, member = name.partition(".")
        if member:
            result[bits, struct][1].setdefault(member, tuple(map(int, numbers)))
        else:
            result[bits, struct] = (int(numbers[0]), {})
    return result


def facts(compiler, bits, header, structs, known, own, folder):
    """({name: (offset, size)}, errors) from the header; a struct's own size is at (0, size)."""
    lines = ["#include <stddef.h>", "#include <stdio.h>"]
    lines += ["#include <%s>" % name for name in BEFORE.get(header, []) + [header]]
    lines.append("int main(void)\n{")
    for name, table in structs:
        if table not in own:
            lines.append('printf("%s 0 %%d\\n", (int)sizeof(struct %s));' % (table, name))
        for member in known[bits, table][1]:
            if "%s.%s" % (table, member) not in own:
                lines.append('printf("%s.%s %%d %%d\\n", (int)offsetof(struct %s, %s), (int)sizeof(((struct %s *)0)->%s));'
                             % (table, member, name, member, name, member))
    source = folder / "facts.c"
    source.write_text("\n".join(lines + ["return 0;\n}\n"]))
    built = subprocess.run([compiler, "-m" + bits, "-D_GNU_SOURCE", "-w", "-o", folder / "facts", source],
                           capture_output=True, text=True)
    if built.returncode:
        errors = re.findall(r"error: (.*)", built.stderr) or [built.stderr]
        return {}, ["%s bits, <%s>: %s" % (bits, header, error) for error in errors]
    output = subprocess.run([folder / "facts"], capture_output=True, text=True, check=True).stdout
    return {line.split()[0]: tuple(map(int, line.split()[1:])) for line in output.splitlines()}, []


def main():
    dump, compiler = sys.argv[1:]
    structs, own = wanted()
    known = tables(dump)
    by_header = collections.defaultdict(list)
    checked = 0
    bad = []
    for header, name, table in structs:
        by_header[header].append((name, table))
    with tempfile.TemporaryDirectory() as folder:
        for header, names in by_header.items():
            for bits in "64", "32":
                here = [pair for pair in names if (bits, pair[1]) in known]
                said, errors = facts(compiler, bits, header, here, known, own, pathlib.Path(folder))
                bad += errors
                for name, says in said.items():
                    struct, _, member = name.partition(".")
                    size, members = known[bits, struct]
                    have = members[member] if member else (0, size)
                    checked += 1
                    if have != says:
                        bad.append("%s bits, %s: offset and size are %s, in <%s> %s" % (bits, name, have, header, says))
    print("%d sizes and offsets of %d structs" % (checked, len(structs)))
    if bad:
        sys.exit("\n".join(bad))


if __name__ == "__main__":
    main()
