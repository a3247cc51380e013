# SPDX-License-Identifier: GPL-2.0-only
"""Nothing breaks: the kernel's own selftests have the same results with and without the series.

The programs are built once, from the unpatched sources, and run on the unpatched kernel, on the patched one, and on the
patched one below a session that records all they do. What counts is each program's exit status and the verdict on each of
its cases, not whether they pass: some can't pass in a guest under emulation.
"""
import collections
import dataclasses
import json
import os
import re

from . import batch, build, guest, programs

# Programs that have no business here, and why.
LEFT_OUT = {
    "breakpoints/step_after_suspend_test": "suspends the machine",
    "rseq/param_test_benchmark": "measures",
    "rseq/param_test_mm_cid_benchmark": "measures",
    "seccomp/seccomp_benchmark": "measures",
    "syscall_user_dispatch/sud_benchmark": "measures",
    "x86/sysret_ss_attrs_64": "takes an emulated machine down, whatever the kernel",
    "x86/test_syscall_vdso_32": "takes an emulated machine down, whatever the kernel",
}
# Programs that take arguments; the ones of run_param_test.sh would take hours.
ARGUMENTS = {"rseq/param_test": "-T s -r 200 -t 4", "rseq/param_test_mm_cid": "-T s -r 200 -t 4",
             "rseq/param_test_compare_twice": "-T l -r 200 -t 4", "rseq/param_test_mm_cid_compare_twice": "-T l -r 200 -t 4"}
# Repeated where the first results differ: some of these programs depend on time and luck on any kernel.
TRIES = 4


def jobs(wrapper=""):
    top = programs.own()
    found = []
    for target in programs.OWN:
        for path in sorted((top / target).iterdir()):
            name = f"{target}/{path.name}"
            if path.is_file() and path.stat().st_mode & 0o100 and path.suffix == "" and name not in LEFT_OUT:
                command = f"cd {path.parent} && {wrapper} ./{path.name} {ARGUMENTS.get(name, '')}".rstrip()
                found.append(batch.Job(name.replace("/", "."), command))
    return found


def verdicts(result):
    """What of a result has to be the same everywhere."""
    lines = []
    for line in result.output.splitlines():
        case = re.match(r"\s*(?:# +)?((?:not )?ok) +\d+ *(.*)", line)
        bracket = re.match(r"\[(OK|FAIL|SKIP|WARN|NOTE)\]", line)
        if case:
            lines.append(f"{case.group(1)} {re.sub(r'0x[0-9a-f]+|[0-9]+', 'N', case.group(2))}")
        elif bracket:
            lines.append(bracket.group(1))
    return json.dumps([result.status, sorted(collections.Counter(lines).items())])


def baseline(vanilla):
    """The verdicts seen on the unpatched kernel, by program: kept beside it, for they don't depend on this tree."""
    path = vanilla / f"{programs.own().name}.json"
    if not path.exists():
        results = batch.run(vanilla, jobs(), guest.Options([]))
        remember(vanilla, {job.name: [verdicts(results[job.name])] for job in jobs()})
    return json.loads(path.read_text(encoding="utf-8"))


def remember(vanilla, seen):
    part = vanilla / f"{programs.own().name}.{os.getpid()}.part"
    part.write_text(json.dumps(seen, indent=1), encoding="utf-8")
    part.rename(vanilla / f"{programs.own().name}.json")


def seen_again(job, vanilla):
    """Run a program once more on the unpatched kernel; all that has been seen there."""
    seen = baseline(vanilla)
    plain = next(one for one in jobs() if one.name == job.name)
    told = verdicts(batch.run(vanilla, [plain], guest.Options([]))[job.name])
    if told not in seen[job.name]:
        seen[job.name].append(told)
        remember(vanilla, seen)
    return seen[job.name]


def compare(kernel, wrapper, options):
    """Run the programs on `kernel`; a result for each folder of them, failed if one differs from the unpatched kernel's."""
    vanilla = build.kernel("vanilla")
    before = baseline(vanilla)
    after = batch.run(kernel, jobs(wrapper), options)
    judged = {job.name: judge(job, before[job.name], after[job.name], lambda one=job: (
        seen_again(one, vanilla), batch.run(kernel, [one], options)[one.name])) for job in jobs(wrapper)}
    return {target: fold(target, judged) for target in programs.OWN} | {"end": after["end"]}


def judge(job, seen, result, again):
    """Passed if the verdicts are among those seen on the unpatched kernel, where a few more tries are made on both."""
    told = [verdicts(result)]
    while told[-1] not in seen and len(told) < TRIES:
        seen, result = again()
        told.append(verdicts(result))
    if told[-1] in seen:
        return dataclasses.replace(result, status=0)
    text = f"on the unpatched kernel: {seen}\nhere: {told}\n{result.text()}"
    return dataclasses.replace(result, name=job.name, status=1, output=text)


def fold(target, judged):
    """One result for all programs of a folder of selftests."""
    mine = [result for name, result in judged.items() if name.startswith(f"{target}.")]
    bad = [result for result in mine if not result.passed]
    lines = [f"{result.name}: the same" for result in mine if result.passed]
    lines += [f"{result.name}: different\n{result.text()}" for result in bad]
    return batch.Result(target, int(bool(bad) or not mine), "\n".join(lines))

