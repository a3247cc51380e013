#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares mini-strace with strace, line by line, on real programs.

Every program is traced three times by strace and once by mini-strace.  Each of the first two traces of strace is a
reference; a line counts as equal if it stands in one of them, in the right order of its thread.  The third trace of
strace, compared in the same way, says how far strace repeats itself; mini-strace is taken against that.
"""
import argparse
import collections
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import counts
import table
import trace
import workloads

ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "TZ": "UTC"}
LIMIT = 120
UNCHANGED, OLD, NEW = " ", "-", "+"


@dataclasses.dataclass
class Result:
    workload: workloads.Workload
    lines: int
    repeats: float
    equal: float
    differences: list

    @property
    def share(self):
        """Of what can be equal, how much is."""
        return min(1.0, self.equal / self.repeats) if self.repeats else 1.0


def run(tracer, workload, folder):
    """The text of the trace."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    environment = dict(ENVIRONMENT, HOME=str(work))
    output = folder / "trace"
    quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if workload.setup:
        subprocess.run(["/bin/sh", "-c", workload.setup], cwd=work, env=environment, check=True, timeout=LIMIT, **quiet)
    # Without random addresses, what depends on them repeats itself.
    subprocess.run(["setarch", "-R", tracer, "-f", "-o", output, *workload.options, *workload.argv],
                   cwd=work, env=environment, timeout=LIMIT, **quiet)
    return output.read_text(errors="surrogateescape")


def diff(left, right, folder):
    """[(mark, line)] of two lists of lines."""
    names = []
    for name, lines in (("left", left), ("right", right)):
        path = folder / name
        path.write_text("".join(line + "\n" for line in lines), errors="surrogateescape")
        names.append(path)
    command = ["diff", "-a", "--old-line-format=-%L", "--new-line-format=+%L", "--unchanged-line-format= %L", *names]
    out = subprocess.run(command, capture_output=True, env=dict(ENVIRONMENT, LC_ALL="C")).stdout
    return [(line[:1], line[1:]) for line in out.decode(errors="surrogateescape").splitlines()]


def equal_lines(reference, other, folder):
    """For each thread of `other`, which of its lines are equal; and the whole difference."""
    flags, differences = {}, []
    for label, lines in other.items():
        marks = diff(reference.get(label, []), lines, folder)
        flags[label] = [mark == UNCHANGED for mark, _ in marks if mark != OLD]
        differences.append((label, marks))
    return flags, differences


def score(references, other, folder):
    """Share of the lines that stand in one of the references; lines that are missing count against it."""
    total = equal = 0
    compared = [equal_lines(reference, other, folder) for reference in references]
    for label, lines in other.items():
        equal += sum(any(flags[label][i] for flags, _ in compared) for i in range(len(lines)))
    expected = min(sum(map(len, reference.values())) for reference in references)
    total = max(sum(map(len, other.values())), expected)
    best = max(compared, key=lambda pair: sum(map(sum, pair[0].values())))
    return (equal / total if total else 1.0), best[1]


def compare(arguments, workload, folder):
    texts = [run(arguments.strace, workload, folder) for _ in range(3)]
    traced = run(arguments.tool, workload, folder)
    if arguments.keep:
        keep = pathlib.Path(arguments.keep)
        keep.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"\W+", "_", workload.name)
        (keep / (stem + ".strace")).write_text(texts[0], errors="surrogateescape")
        (keep / (stem + ".mini-strace")).write_text(traced, errors="surrogateescape")
    *references, third = [trace.threads(text) for text in texts]
    repeats, _ = score(references, third, folder)
    equal, differences = score(references, trace.threads(traced), folder)
    lines = sum(map(len, references[0].values()))
    return Result(workload, lines, repeats, equal, differences)


def call_of(line):
    match = re.match(r"(\w+)\(|(---|\+\+\+)", line)
    return match and (match.group(1) or match.group(2)) or "other"


def pairs(marks):
    """(strace's line, mini-strace's) where one stands in the other's place; None where there is none."""
    old, new = [], []
    for mark, line in marks + [(UNCHANGED, "")]:
        if mark == OLD:
            old.append(line)
        elif mark == NEW:
            new.append(line)
        elif old or new:
            by_call = collections.defaultdict(list)
            for candidate in new:
                by_call[call_of(candidate)].append(candidate)
            for wanted in old:
                waiting = by_call[call_of(wanted)]
                yield wanted, waiting.pop(0) if waiting else None
            for waiting in by_call.values():
                yield from ((None, extra) for extra in waiting)
            old, new = [], []


def print_differences(results, limit):
    """Most frequent first, by call."""
    found = collections.defaultdict(list)
    for result in results:
        for _, marks in result.differences:
            for wanted, got in pairs(marks):
                found[call_of(wanted or got)].append((result.workload.name, wanted, got))
    for call, examples in sorted(found.items(), key=lambda item: -len(item[1])):
        print("\n%d lines differ: %s" % (len(examples), call))
        seen = set()
        for name, wanted, got in examples:
            if (wanted, got) in seen or len(seen) >= limit:
                continue
            seen.add((wanted, got))
            print("  in %s\n    - %s\n    + %s" % (name, wanted, got))


def chosen(arguments, build):
    everything = workloads.real_programs() + workloads.small_programs(build) + workloads.variants()
    if arguments.quick:
        everything = [workload for workload in everything if workload.quick]
    if arguments.only:
        everything = [workload for workload in everything if re.search(arguments.only, workload.name)]
    return everything


def measure(arguments, folder):
    build = folder / "build"
    build.mkdir()
    results = []
    for workload in chosen(arguments, build):
        try:
            result = compare(arguments, workload, folder)
        except subprocess.TimeoutExpired:
            sys.exit("%s: took longer than %d s" % (workload.name, LIMIT))
        results.append(result)
        print("%-34s %6d lines  strace %6.2f %%  mini-strace %6.2f %%  of what can be equal %6.2f %%" % (
            workload.name, result.lines, 100 * result.repeats, 100 * result.equal, 100 * result.share), flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", help="mini-strace")
    parser.add_argument("--strace", default="strace")
    parser.add_argument("--quick", action="store_true", help="a part that takes seconds")
    parser.add_argument("--only", metavar="REGEX", help="workloads whose name matches")
    parser.add_argument("--differences", type=int, metavar="N", nargs="?", const=3, help="show N examples for each call")
    parser.add_argument("--table", metavar="FILE", help="write the result as Markdown")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the traces there")
    parser.add_argument("--threshold", type=float, metavar="PERCENT", help="fail if less than this is equal")
    arguments = parser.parse_args()
    arguments.tool = os.path.abspath(arguments.tool)
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        folder = pathlib.Path(name)
        results = measure(arguments, folder)
        counted = None if arguments.only else counts.compare(arguments, folder)
    if arguments.differences:
        print_differences(results, arguments.differences)
    if arguments.table:
        pathlib.Path(arguments.table).write_text(table.markdown(results, counted, arguments.strace))
    share = table.overall(results)
    print("together: %.2f %% of what can be equal" % (100 * share))
    if arguments.threshold and 100 * share < arguments.threshold:
        sys.exit("less than %.2f %%" % arguments.threshold)


if __name__ == "__main__":
    main()
