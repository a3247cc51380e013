# SPDX-License-Identifier: GPL-2.0-only
"""Test programs, built on the host and run in the guest: the kernel's own selftests, and those of this tree."""
import hashlib
import os
import shutil

from . import build, source
from .common import CACHE, KERNEL, call, locked, say

UTRACE = "tools/testing/selftests/utrace"
OWN = ("ptrace", "seccomp", "breakpoints", "x86", "proc", "pidfd", "perf_events", "rseq", "syscall_user_dispatch")


def own():
    """The folder with the kernel's own selftests, a folder each; the same programs run on every kernel."""
    name = f"selftests-{source.version()}-{hashlib.sha256(build.compiler().encode()).hexdigest()[:8]}"
    finished = CACHE / name
    with locked(name):
        if not finished.exists():
            say("building the kernel's own selftests")
            part = fresh(finished)
            for target in OWN:
                compile_target(source.vanilla(), target, part / target, headers(source.vanilla(), part / "headers"))
            part.rename(finished)
    return finished


def utrace():
    """The folder with the selftests of the series."""
    digest = hashlib.sha256(build.compiler().encode())
    for path in source.inputs():
        digest.update(path.read_bytes())
    finished = CACHE / f"selftests-utrace-{digest.hexdigest()[:16]}"
    with locked(finished.name), locked(source.checkout()):
        if not finished.exists():
            say("building the selftests of the series")
            part = fresh(finished)
            tree = source.patched()
            compile_target(tree, "utrace", part, headers(tree, CACHE / source.checkout() / "headers"))
            part.rename(finished)
    return finished


def tests():
    """The folder with the programs of kernel/tests, which use the system call as any program would."""
    sources = sorted((KERNEL / "tests").iterdir())
    header = KERNEL / "new" / "include" / "uapi" / "linux" / "utrace.h"
    digest = hashlib.sha256(build.compiler().encode())
    for path in [*sources, header]:
        digest.update(path.name.encode() + path.read_bytes())
    finished = CACHE / f"tests-{digest.hexdigest()[:16]}"
    with locked(finished.name):
        if not finished.exists():
            part = fresh(finished)
            for path in sources:
                if path.suffix == ".c":
                    call(["gcc", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-pthread",
                          f"-I{header.parent.parent}", "-o", part / path.stem, path], f"building {path.name}")
            part.rename(finished)
    return finished


def fresh(finished):
    part = finished.with_name(finished.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    return part


def headers(tree, objects):
    """User-space headers of a tree; cheap when they are there already."""
    objects.mkdir(parents=True, exist_ok=True)
    build.make(["-C", tree, f"O={objects}", "headers"])
    return objects / "usr" / "include"


def compile_target(tree, target, output, include):
    output.mkdir(parents=True, exist_ok=True)
    call(["nice", "make", f"-j{os.cpu_count()}", "-k", "-C", tree / "tools/testing/selftests" / target, f"OUTPUT={output}",
          f"KHDR_INCLUDES=-isystem {include}", f"LINUX_HDR_PATH={include}", f"TOOLS_INCLUDES=-isystem {tree}/tools/include/uapi"],
         f"building the selftests of {target}")


def names():
    """The selftests of the series."""
    return sorted(path.stem for path in (KERNEL / "new" / UTRACE).glob("*.c"))
