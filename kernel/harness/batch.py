# SPDX-License-Identifier: GPL-2.0-only
"""Many test programs in one boot, each with a result of its own.

A job passes if its command does and the kernel has not complained while it ran. A kernel that dies or hangs in a job
fails that job only: the others are run on the next boot. There are not many of those, for a kernel that never gets far.
"""
import dataclasses
import pathlib
import re
import shutil
import tempfile
import time

from . import guest
from .common import KERNEL, say

# What a job that took the guest with it gets as its status.
DIED = 125
# So many guests may die or hang in one batch.
DEATHS = 3
# The guest ends a job in time by itself, but not if its kernel hangs: then we do, after so many seconds more.
PATIENCE = 60
BOOTING = 600


@dataclasses.dataclass
class Job:
    name: str
    command: str
    limit: int = 120


@dataclasses.dataclass
class Result:
    name: str
    status: int
    output: str
    complaint: str = ""

    @property
    def passed(self):
        return self.status == 0 and not self.complaint

    @property
    def skipped(self):
        return self.status == 4 and not self.complaint

    def text(self):
        told = f"\nthe kernel's messages meanwhile:\n{self.complaint}" if self.complaint else ""
        return f"{self.output}{told}\nexit status {self.status}\n"


def run(kernel, jobs, options):
    """Results of all jobs, by name."""
    results, left, deaths = {}, list(jobs), 0
    while left:
        done = boot(kernel, left, options)
        deaths += any(result.status == DIED for result in done.values())
        if "end" in results and not results["end"].passed:
            done.pop("end")
        results |= done
        left = [job for job in left if job.name not in done]
        if left and deaths == DEATHS:
            results |= {job.name: Result(job.name, DIED, f"not run: {DEATHS} guests have died in the jobs before") for job in left}
            break
    return results


class Progress:
    """Which job runs, and whether it does so for longer than the guest would let it."""

    def __init__(self, jobs, control):
        self.jobs, self.control = jobs, control
        self.begun, self.since = 0, time.monotonic()

    def is_stuck(self):
        while self.begun < len(self.jobs) and (self.control / f"{self.jobs[self.begun].name}.out").exists():
            self.begun, self.since = self.begun + 1, time.monotonic()
        limit = self.jobs[self.begun - 1].limit + PATIENCE if self.begun else BOOTING
        return time.monotonic() - self.since > limit


def boot(kernel, jobs, options):
    """The results of one boot: those of the jobs that ran, the last of which may have ended the guest."""
    with tempfile.TemporaryDirectory(prefix="utrace-batch-") as folder:
        setup = dataclasses.replace(options, argv=[str(KERNEL / "guest" / "batch")],
                                    timeout=sum(job.limit for job in jobs) + 60)
        machine = guest.Machine(kernel, setup, pathlib.Path(folder))
        machine.prepare()
        lines = "".join(f"{job.name}\t{job.limit}\t{job.command}\n" for job in jobs)
        (machine.control / "batch").write_text(lines, encoding="utf-8")
        machine.is_stuck = Progress(jobs, machine.control).is_stuck
        machine.run()
        return collect(machine, jobs)


def collect(machine, jobs):
    messages = by_job(machine.messages())
    results = {}
    for job in jobs:
        output, status = machine.control / f"{job.name}.out", machine.control / f"{job.name}.status"
        if not output.exists():
            break
        complaint = "\n".join(guest.complaints_in(messages.get(job.name, [])))
        ended = status.exists() and status.read_text(encoding="ascii").strip()
        if not ended and not complaint:
            complaint = "\n".join(messages.get(job.name, [])[-60:])
        results[job.name] = Result(job.name, int(ended) if ended else DIED,
                                   output.read_text(encoding="utf-8", errors="replace"), complaint)
    if not results:
        results[jobs[0].name] = Result(jobs[0].name, DIED, "the guest did not get to its first job",
                                       "\n".join(machine.messages()[-60:]))
    leaks(machine, messages, results)
    return results


def leaks(machine, messages, results):
    """What the kernel has to say after the last job belongs to all of them."""
    complaint = guest.complaints_in(messages.get("end", [])) if machine.status() is not None else []
    results["end"] = Result("end", 0, "after the last job", "\n".join(complaint))


def by_job(lines):
    """The kernel's messages by the job that ran when they came."""
    found, name = {}, "boot"
    for line in lines:
        mark = re.search(r"utrace-job: (\S+)", line)
        if mark:
            name = mark.group(1)
        else:
            found.setdefault(name, []).append(line)
    return found


def store(results, folder):
    """Write the results where `kernel/run result` finds them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for result in results.values():
        (folder / f"{result.name}.out").write_text(result.text(), encoding="utf-8")
        verdict = 0 if result.passed else 4 if result.skipped else 1
        (folder / f"{result.name}.status").write_text(f"{verdict}\n", encoding="ascii")


def summary(group, results):
    bad = [result for result in results.values() if not result.passed and not result.skipped]
    for result in bad:
        print(f"---- {group} {result.name}\n{result.text()}", flush=True)
    skipped = sum(result.skipped for result in results.values())
    say(f"{group}: {len(results) - len(bad) - skipped} passed, {len(bad)} failed, {skipped} skipped")
    return 1 if bad else 0
