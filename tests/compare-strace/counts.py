# SPDX-License-Identifier: BSD-2-Clause
"""The table of -c: the same calls, as often, with as many errors."""
import re
import subprocess

PROGRAMS = (
    ["ls", "-l", "/etc"],
    ["/bin/sh", "-c", "ls /nonexistent; echo $(id -u) | cat"],
    ["/usr/bin/python3", "-c", "import json, subprocess; subprocess.run(['true'])"],
    ["tar", "cf", "/dev/null", "-C", "/usr/include", "linux"],
)
ROW = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(\d*)\s*(\w+)$")


def rows(tracer, argv, folder):
    output = folder / "counts"
    subprocess.run([tracer, "-f", "-c", "-o", output, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=120)
    matches = (ROW.match(line) for line in output.read_text().splitlines())
    return {match.group(3): (int(match.group(1)), int(match.group(2) or 0)) for match in matches if match}


def compare(arguments, folder):
    """[(command, rows, rows in which strace repeats itself, rows in which mini-strace has the same)]"""
    result = []
    for argv in PROGRAMS:
        first, second, ours = (rows(tracer, argv, folder) for tracer in (arguments.strace, arguments.strace, arguments.tool))
        names = set(first) | set(ours)
        result.append((" ".join(argv).replace("|", "\\|"), len(names), sum(first.get(name) == second.get(name) for name in names),
                       sum(ours.get(name) in (first.get(name), second.get(name)) for name in names)))
    return result
