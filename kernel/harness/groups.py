# SPDX-License-Identifier: GPL-2.0-only
"""The groups of tests that `kernel/run test` knows. A group is run as a whole; each of its tests has a result of its own."""
import dataclasses
import os
import pathlib
import re
import tempfile

from . import batch, build, guest, programs, upstream, zero
from .common import KERNEL, Trouble

MEMORY = {"debug": 3072, "kcsan": 2048}
# Sanitizers under emulation.
SLOWER = {"debug": 6, "kcsan": 6}
RACES = (*sorted(path.stem for path in (KERNEL / "tests").glob("race_*.c")), "cycles", "faults")


def options(variant):
    return guest.Options([], memory=MEMORY.get(variant, 1536))


def selftests(variant):
    """The selftests of the series."""
    top = programs.utrace()
    limit = 120 * SLOWER.get(variant, 1)
    jobs = [batch.Job(name, str(top / name), limit) for name in programs.names()]
    # Last: from there on nobody traces anybody until the guest ends.
    jobs.append(batch.Job("permission-yama-3", f"UTRACE_TEST_YAMA_3=1 {top / 'permission'} -t yama_3", limit))
    return batch.run(build.kernel(variant), jobs, options(variant))


def kunit(variant):
    """The KUnit tests of the series, which the kernel runs as it boots."""
    setup = dataclasses.replace(options(variant), argv=["true"], timeout=300 * SLOWER.get(variant, 1),
                                append="kunit.enable=1 kunit.filter_glob=utrace* loglevel=7")
    with tempfile.TemporaryDirectory(prefix="utrace-kunit-") as folder:
        machine = guest.Machine(build.kernel(variant), setup, pathlib.Path(folder))
        machine.prepare()
        machine.run()
        ended = machine.status() == 0
    told = "\n".join(re.sub(r"^\[ *[0-9.]+\] ?", "", line) for line in machine.messages())
    told = told[max(0, told.find("KTAP version")):]
    cases = re.findall(r"^    (not ok|ok) \d+ (\w+)", told, re.MULTILINE)
    complaint = "\n".join(guest.complaints_in(machine.messages()))
    results = {name: batch.Result(name, int(verdict != "ok"), told if verdict != "ok" else "") for verdict, name in cases}
    return results | {"end": batch.Result("end", int(not (cases and ended)), f"{len(cases)} cases", complaint)}


def kernels_own(variant):
    """The kernel's own selftests give the results that they give on the unpatched kernel."""
    return upstream.compare(build.kernel(variant), "", options(variant))


def recorded(variant):
    """So they do below a session that records everything."""
    return upstream.compare(build.kernel(variant), f"{programs.tests() / 'record'}", options(variant))


def debuggers(variant):
    """Debian's debuggers tell the same of what a session records or stops."""
    script, top = KERNEL / "tests" / "debuggers.sh", programs.tests()
    jobs = [batch.Job(tool, f"{script} {tool} {top}", 300 * SLOWER.get(variant, 1)) for tool in ("strace", "gdb", "ltrace")]
    return batch.run(build.kernel(variant), jobs, options(variant))


def tree_build():
    """Where the library, its tools and its tests were built."""
    return pathlib.Path(os.environ.get("UTRACE_BUILD", KERNEL.parent / "build"))


def sharing(variant):
    """Several tools on one process."""
    script, top = KERNEL.parent / "tests" / "guest" / "sharing.sh", tree_build()
    jobs = [batch.Job(what, f"{script} {what} {top}", 120 * SLOWER.get(variant, 1)) for what in ("three", "mini-gdb", "gdb", "editors")]
    return batch.run(build.kernel(variant), jobs, options(variant))


KILLED = ("trace", "trace_and_end", "record", "tamper", "step", "step_and_end", "break", "break_and_end")


def killed(variant):
    """The tracer is killed at 1,000 random moments of each."""
    test, limit = tree_build() / "tests" / "test_killed", 3600 * SLOWER.get(variant, 1)
    jobs = [batch.Job(what, f"UTRACE_BACKEND=kernel UTRACE_TEST_FULL=1 UTRACE_TEST_FILTER=test_{what} {test}", limit) for what in KILLED]
    return batch.run(build.kernel(variant), jobs, options(variant))


def conformance(settings):
    """A group for the library's conformance suite with these settings."""
    def group(variant):
        top = tree_build() / "tests"
        tests = sorted(path for path in top.glob("test_*") if path.is_file() and os.access(path, os.X_OK))
        if not tests:
            raise Trouble(f"there are no conformance tests in {top}: build the tree first, or set UTRACE_BUILD")
        # QEMU's TCG hangs in a single step of an instruction that hits a watchpoint, on every kernel and with ptrace as well.
        left_out = "" if guest.usable_kvm() else "UTRACE_TEST_LEAVE_OUT=test_step_with_watch"
        limit = 600 * SLOWER.get(variant, 1)
        jobs = [batch.Job(test.name.removeprefix("test_"), f"{settings} {left_out} {test}", limit) for test in tests]
        return batch.run(build.kernel(variant), jobs, options(variant))
    return group


def races(variant):
    """Programs that try to get the kernel into trouble."""
    slower = SLOWER.get(variant, 1)
    jobs = [batch.Job(name, f"UTRACE_SLOWER={slower} {programs.tests() / name}", 320 * slower) for name in RACES]
    return batch.run(build.kernel(variant), jobs, options(variant))


def fuzz(variant):
    """Random calls of utrace(2), for as long as UTRACE_FUZZ says, in seconds."""
    seconds = int(os.environ.get("UTRACE_FUZZ", "60"))
    jobs = [batch.Job("fuzz", f"{programs.tests() / 'fuzz'} {seconds}", seconds + 120 * SLOWER.get(variant, 1))]
    return batch.run(build.kernel(variant), jobs, options(variant))


def untraced(_):
    """What the series costs the untraced."""
    return zero.all_results()


GROUPS = {"kunit": kunit, "conformance": conformance("UTRACE_BACKEND=kernel"),
          "conformance-any": conformance("UTRACE_BACKEND=kernel UTRACE_TEST_THREADING=any"),
          "conformance-ptrace": conformance("UTRACE_BACKEND=ptrace"), "killed": killed, "sharing": sharing,
          "selftests": selftests, "races": races, "fuzz": fuzz, "debuggers": debuggers, "upstream": kernels_own, "recorded": recorded,
          "zero": untraced}


def run(names, variant, folder):
    """Run groups, keep the results below `folder`, and tell; 1 if any failed."""
    status = 0
    for name in names or GROUPS:
        results = GROUPS[name](variant)
        batch.store(results, folder / name)
        status |= batch.summary(name, results)
    return status


def result(folder, group, name):
    """Tell one stored result; its status is the one that a test program would have ended with."""
    path = folder / group / name
    text, status = path.with_suffix(path.suffix + ".out"), path.with_suffix(path.suffix + ".status")
    if not status.exists():
        print(f"{group} {name} has no result: it has not been run")
        return 1
    print(text.read_text(encoding="utf-8"))
    return int(status.read_text(encoding="ascii"))
