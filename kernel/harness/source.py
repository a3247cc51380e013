# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's sources: Debian's as they are, and with this tree's series on them.

The unpacked package is shared by all checkouts and never written to. A checkout's patched tree is made of hard links to
it, and changes only in the files that the series touches, so that `make` builds again only what depends on those.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from .common import CACHE, KERNEL, Trouble, call, locked, say

PACKAGE = "linux-source-6.12"
SERIES = KERNEL / "series" / "series"


def version():
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", PACKAGE], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False)
    if done.returncode or not done.stdout:
        raise Trouble(f"the package {PACKAGE} is not installed; './dev kernel' installs it")
    return done.stdout


def checkout():
    """A name for this checkout's own folder in the cache."""
    return hashlib.sha256(str(KERNEL).encode()).hexdigest()[:12]


def vanilla():
    """The unpacked package."""
    name = f"source-{version()}"
    tree = CACHE / name
    if tree.exists():
        return tree
    with locked(name):
        if not tree.exists():
            say(f"unpacking {PACKAGE} {version()}")
            unpacked = CACHE / f"{name}.part"
            shutil.rmtree(unpacked, ignore_errors=True)
            unpacked.mkdir(parents=True)
            call(["tar", "-xf", f"/usr/src/{PACKAGE}.tar.xz", "-C", unpacked, "--strip-components=1"], "unpacking")
            unpacked.rename(tree)
    return tree


def inputs():
    """The files that make the patched tree out of the package, in a fixed order."""
    if not SERIES.exists():
        raise Trouble(f"{SERIES} does not exist: this tree has no kernel changes yet, only the vanilla variant can be built")
    found = [path for top in ("series", "new") for path in (KERNEL / top).rglob("*") if path.is_file()]
    return sorted(found + [KERNEL / "apply"])


def touched():
    """The existing files that the patches change, as paths in the kernel's tree."""
    files = set()
    for patch in sorted((KERNEL / "series").glob("*.patch")):
        files.update(re.findall(r"^--- a/(\S+)", patch.read_text(encoding="utf-8"), re.MULTILINE))
    return sorted(files)


def patched(steps=None):
    """This checkout's tree with the series, or its first steps, on it. The caller holds the lock of the checkout."""
    tree = CACHE / checkout() / "linux"
    if not tree.exists():
        say("making a tree for the series")
        part = tree.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        call(["cp", "-al", vanilla(), part], "linking the sources")
        part.rename(tree)
    with tempfile.TemporaryDirectory(dir=tree.parent) as scratch:
        update(tree, pathlib.Path(scratch), steps)
    return tree


def update(tree, scratch, steps):
    """Bring into `tree` what the series makes of the files it touches; take back what an earlier one had brought."""
    for name in ["Makefile", *touched()]:
        if (vanilla() / name).exists():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(vanilla() / name, scratch / name)
    call([KERNEL / "apply", *(["-n", steps] if steps else []), scratch], "applying the series")
    listing = tree.parent / "brought"
    before = set(listing.read_text(encoding="utf-8").split("\n")) if listing.exists() else set()
    now = {str(path.relative_to(scratch)) for path in scratch.rglob("*") if path.is_file()}
    listing.write_text("\n".join(sorted(before | now)), encoding="utf-8")
    for name in sorted(now):
        replace(scratch / name, tree / name)
    for name in sorted(before - now - {""}):
        if (vanilla() / name).exists():
            replace(vanilla() / name, tree / name)
        else:
            (tree / name).unlink(missing_ok=True)
    listing.write_text("\n".join(sorted(now)), encoding="utf-8")


def replace(source, target):
    """Put `source` in the place of `target` unless they are the same already; never write through a hard link."""
    if target.exists() and source.read_bytes() == target.read_bytes():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    shutil.copymode(source, part)
    os.replace(part, target)
