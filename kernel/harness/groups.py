# SPDX-License-Identifier: GPL-2.0-only
"""The groups of tests that `kernel/run test` knows. A group is run as a whole; each of its tests has a result of its own."""
from . import batch, build, guest, own, programs, zero

MEMORY = {"debug": 3072, "kcsan": 2048}
# Sanitizers under emulation.
SLOWER = {"debug": 6, "kcsan": 6}


def options(variant):
    return guest.Options([], memory=MEMORY.get(variant, 1536))


def selftests(variant):
    """The selftests of the series."""
    top = programs.utrace()
    jobs = [batch.Job(name, str(top / name), 120 * SLOWER.get(variant, 1)) for name in programs.names()]
    return batch.run(build.kernel(variant), jobs, options(variant))


def upstream(variant):
    """The kernel's own selftests give the results that they give on the unpatched kernel."""
    return own.compare(build.kernel(variant), "")


def untraced(_):
    """What the series costs the untraced."""
    return zero.all_results()


GROUPS = {"selftests": selftests, "upstream": upstream, "zero": untraced}


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
