# SPDX-License-Identifier: GPL-2.0-only
"""What the parts of the harness share: where things are, how commands are run, and how trouble is told."""
import contextlib
import fcntl
import os
import pathlib
import subprocess
import sys

KERNEL = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("UTRACE_KERNEL_CACHE") or
                     pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "utrace")
# Before a command that may run long: it ends when this process does, however that ends.
DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")


class Trouble(Exception):
    """Something that the user has to know and that ends the command; the text is all that is shown."""


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def call(argv, what, **more):
    """Run a command whose output matters only if it fails."""
    try:
        done = subprocess.run([str(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, check=False, **more)
    except FileNotFoundError as error:
        raise Trouble(f"{what} failed: {error}; './dev kernel' installs what is needed") from error
    if done.returncode:
        raise Trouble(f"{what} failed:\n{done.stdout[-4000:]}")
    return done.stdout


@contextlib.contextmanager
def locked(name):
    """One process at a time works at the thing of that name in the cache; the others wait, and say so."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{name}.lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that works at {CACHE / name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
