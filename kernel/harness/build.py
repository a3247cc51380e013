# SPDX-License-Identifier: GPL-2.0-only
"""Kernels: which there are, and how one gets built.

A finished kernel lies in the cache under a hash of all that went into it, and serves every checkout. Objects are kept
in a folder of each checkout, so that a changed file costs little.
"""
import hashlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time

from . import source
from .common import CACHE, DIES_WITH_US, KERNEL, Trouble, call, locked, say

# Name: whether the series is applied, and the fragments of configuration, later ones over earlier ones.
VARIANTS = {
    "vanilla": (False, ["base"]),
    "off": (True, ["base"]),
    "plain": (True, ["base", "utrace"]),
    "debug": (True, ["base", "utrace", "debug"]),
    "kcsan": (True, ["base", "utrace", "kcsan"]),
    "vanilla-debug": (False, ["base", "debug"]),
}
# A build of which nothing is heard for so long hangs; no single object takes a minute, but a machine may be busy.
SILENCE = 1800
KEPT = ("vmlinux", "System.map", ".config")
# Nothing of the time and place of a build may get into it: kernels are compared.
FIXED = {"KBUILD_BUILD_TIMESTAMP": "2024-11-17", "KBUILD_BUILD_USER": "utrace", "KBUILD_BUILD_HOST": "utrace",
         "KBUILD_BUILD_VERSION": "1", "LC_ALL": "C"}


def fragments(variant):
    return [KERNEL / "config" / f"{name}.config" for name in VARIANTS[variant][1]]


def compiler():
    return call(["gcc", "--version"], "asking for the compiler's version").splitlines()[0]


def key(variant):
    """The hash of everything that makes the kernel what it is."""
    digest = hashlib.sha256(f"{source.version()}\n{compiler()}\n{sorted(FIXED.items())}\n".encode())
    for path in fragments(variant) + (source.inputs() if VARIANTS[variant][0] else []):
        digest.update(f"{path.relative_to(KERNEL)}\n".encode() + path.read_bytes() + b"\n")
    return digest.hexdigest()[:16]


def kernel(variant):
    """The folder with the finished kernel of that variant."""
    finished = CACHE / f"kernel-{variant}-{key(variant)}"
    if finished.exists():
        return finished
    with locked(finished.name), locked(source.checkout()):
        if not finished.exists():
            objects = configured(variant)
            started = time.monotonic()
            compile_all(objects, variant)
            say(f"built in {time.monotonic() - started:.0f} s")
            keep(objects, finished)
    return finished


def configured(variant):
    """The folder of objects for that variant, configured and with its sources up to date. The caller holds the locks."""
    tree = source.patched() if VARIANTS[variant][0] else source.vanilla()
    objects = CACHE / source.checkout() / variant
    configure(tree, objects, variant)
    return objects


def configure(tree, objects, variant):
    objects.mkdir(parents=True, exist_ok=True)
    wanted = "".join(path.read_text(encoding="utf-8") for path in fragments(variant))
    (objects / "wanted.config").write_text(wanted, encoding="utf-8")
    make(["-C", tree, f"O={objects}", f"KCONFIG_ALLCONFIG={objects}/wanted.config", "allnoconfig"])
    verify(wanted, (objects / ".config").read_text(encoding="utf-8"), variant)


def verify(wanted, got, variant):
    """Kconfig drops without a word what depends on something that is off."""
    last = {}
    for line in wanted.splitlines():
        name = re.match(r"(?:# )?(CONFIG_\w+)[= ]", line)
        if name and (line.startswith("CONFIG_") or line.endswith(" is not set")):
            last[name.group(1)] = line
    lines = set(got.splitlines())
    dropped = [line for name, line in last.items()
               if line not in lines and not (line.endswith(" is not set") and f"{name}=" not in got)]
    if dropped:
        raise Trouble(f"variant {variant}: Kconfig does not accept\n  " + "\n  ".join(dropped))


def make(words):
    return call(["make", *words], "make " + str(words[-1]), env={**os.environ, **FIXED})


def compile_all(objects, variant, targets=("bzImage",)):
    """Build with a line of progress; what the compiler says goes to a file, and its errors to the user."""
    say(f"building the {variant} kernel in {objects}")
    log = objects / "build.log"
    argv = [*DIES_WITH_US, "make", f"-j{os.cpu_count()}", "-C", str(objects), *targets]
    with open(log, "wb", buffering=0) as text, subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env={**os.environ, **FIXED}, start_new_session=True) as process:
        try:
            follow(process.stdout, text)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if not re.match(r"  [A-Z0-9]+ ", line)]
    if process.returncode:
        raise Trouble(f"building failed ({log}):\n" + "\n".join(lines[-40:]))
    if any("warning:" in line for line in lines) and any("/utrace/" in line for line in lines):
        raise Trouble(f"the compiler warns ({log}):\n" + "\n".join(lines[:40]))


def follow(pipe, log):
    """Keep what the build says, and show how many objects are done: in place on a terminal, now and then elsewhere."""
    terminal = sys.stderr.isatty()
    count, began, shown = 0, time.monotonic(), time.monotonic()
    while select.select([pipe], [], [], SILENCE)[0]:
        data = os.read(pipe.fileno(), 65536)
        if not data:
            break
        log.write(data)
        count += len(re.findall(rb"^  (?:CC|AS) ", data, re.MULTILINE))
        now = time.monotonic()
        if now - shown > (0.2 if terminal else 30):
            text = f"{count} objects after {now - began:.0f} s"
            print(f"\r\033[K   {text}" if terminal else f"   {text}", end="" if terminal else "\n", file=sys.stderr, flush=True)
            shown = now
    else:
        raise Trouble(f"the build hangs: it has said nothing for {SILENCE} s")
    if terminal:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def keep(objects, finished):
    part = finished.with_name(finished.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    shutil.copyfile(objects / "arch/x86/boot/bzImage", part / "bzImage")
    for name in KEPT:
        if (objects / name).exists():
            shutil.copyfile(objects / name, part / name)
    part.rename(finished)
