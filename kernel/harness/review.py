# SPDX-License-Identifier: GPL-2.0-only
"""What a maintainer asks of a series first: is its style clean, how much does it touch, does every step build."""
import subprocess

from . import build, source
from .common import CACHE, KERNEL, Trouble, locked, say

# Existing lines that the series may touch in all.
MOST_LINES = 120
README = KERNEL / "README.md"
BEGIN, END = "<!-- touched: begin -->\n", "<!-- touched: end -->\n"


def patches():
    return [KERNEL / "series" / line for line in source.SERIES.read_text(encoding="utf-8").splitlines()
            if line and line[0] not in "#\t"]


def touched_lines():
    """Lines added and taken away by file that exists without the series, over the whole of it."""
    counts, made = {}, set()
    for patch in patches():
        old = new = None
        for line in patch.read_text(encoding="utf-8").splitlines():
            if line.startswith("diff --git"):
                old = new = None
            elif line.startswith("--- ") and not new:
                old = line[4:]
            elif line.startswith("+++ b/") and old:
                new = line[6:]
                if old == "/dev/null":
                    made.add(new)
            elif new and line[:1] in "+-" and line != "-- ":
                added, removed = counts.get(new, (0, 0))
                counts[new] = (added + (line[0] == "+"), removed + (line[0] == "-"))
    return {name: pair for name, pair in counts.items() if name not in made}


def table():
    counts = touched_lines()
    lines = ["| existing file | lines added | lines removed |", "|---|---|---|"]
    lines += [f"| `{name}` | {added} | {removed} |" for name, (added, removed) in sorted(counts.items())]
    added, removed = (sum(pair[i] for pair in counts.values()) for i in (0, 1))
    lines.append(f"| in all, {len(counts)} files | {added} | {removed} |")
    new = [path for path in (KERNEL / "new").rglob("*") if path.is_file() and path.suffix in (".c", ".h")]
    own = [path for path in new if "selftests" not in path.parts and not path.stem.endswith("_test")]
    lines += ["", f"New: {sum(count(path) for path in own)} lines in {len(own)} files of kernel code and headers, "
              f"{sum(count(path) for path in set(new) - set(own))} lines in {len(new) - len(own)} files of tests."]
    return "\n".join(lines) + "\n", added + removed


def count(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def tell_touched(write):
    """Bring the README's table up to date, or fail if it is not, or if the series touches too much."""
    text, total = table()
    readme = README.read_text(encoding="utf-8")
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    wanted = before + BEGIN + text + END + after
    if write:
        README.write_text(wanted, encoding="utf-8")
    elif wanted != readme:
        raise Trouble(f"the table in {README} is not that of the series; './dev kernel touched --write' makes it so:\n{text}")
    if total > MOST_LINES:
        raise Trouble(f"the series touches {total} existing lines; it may touch {MOST_LINES}")
    print(text, end="")


def checkpatch():
    """scripts/checkpatch.pl --strict on the patches and the new files."""
    script = source.vanilla() / "scripts" / "checkpatch.pl"
    told = []
    new = sorted(path for path in (KERNEL / "new").rglob("*") if path.suffix in (".c", ".h", ".rst"))
    for options, paths in (((), patches()), (("-f",), new)):
        for path in paths:
            # MAINTAINERS is looked for in a diffstat, which these patches don't have. A test is user space, whose volatile,
            # _Atomic and strcpy() the script does not know, and takes a pointer to an _Atomic for a product. Nor does user
            # space have BIT(), and its tables of cases are made by macros.
            user = ",VOLATILE,STRCPY,CAMELCASE,SPACING,LINE_SPACING,BIT_MACRO,MACRO_ARG_REUSE,COMPLEX_MACRO" if "selftests" in path.parts else ""
            ignored = f"FILE_PATH_CHANGES,CONFIG_DESCRIPTION{user}"
            argv = ["perl", script, "--strict", "--no-tree", "--quiet", "--terse", f"--root={source.vanilla()}",
                    f"--ignore={ignored}", *options, path]
            done = subprocess.run([str(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  check=False, cwd=CACHE)
            if done.returncode:
                told.append(done.stdout)
    if told:
        raise Trouble("checkpatch has something to say:\n" + "".join(told))
    say(f"checkpatch is content with {len(patches())} patches and {len(new)} new files")


def bisect():
    """Every step of the series builds, with CONFIG_UTRACE on and off."""
    with locked(source.checkout()):
        for step in range(1, len(patches()) + 1):
            build_step(step)
    say(f"each of {len(patches())} steps builds")


def build_step(step):
    tree = source.patched(step)
    for variant in ("plain", "off"):
        say(f"step {step}, {variant}")
        objects = CACHE / source.checkout() / f"bisect-{variant}"
        build.configure(tree, objects, variant)
        build.compile_all(objects, f"step {step} {variant}", ["vmlinux"])

