# SPDX-License-Identifier: BSD-2-Clause
"""The results as a page of docs/."""
import platform
import subprocess

HEAD = """# mini-strace beside strace

Made by `./dev compare-strace` on Linux {kernel}, with {strace}. Each program is traced with `-f -o FILE` three times by
strace and once by mini-strace. Calls that were cut by `<unfinished ...>` are put together again, threads are
taken each for itself, and addresses, process ids, times, inode numbers, ephemeral ports, random bytes and names of temporary files are
replaced. The first two traces of strace are the reference: a line is equal if it stands, in its order, in one of them.
The third trace shows how far strace repeats itself; the last column takes mini-strace against that.

**{share:.2f} % of {lines} lines that can be equal are equal.**

| {what} | lines | strace repeats itself | mini-strace equals strace | of what can be equal |
|---|---:|---:|---:|---:|
"""
TITLES = {"program": "program", "small program": "small program for rarer calls", "option": "with other options"}


def overall(results):
    """Weighted by lines, so that no small program weighs more than a large one."""
    possible = sum(result.lines * result.repeats for result in results)
    return sum(result.lines * result.repeats * result.share for result in results) / possible if possible else 1.0


def row(name, lines, repeats, equal, share):
    return "| %s | %d | %.2f %% | %.2f %% | %.2f %% |\n" % (name, lines, 100 * repeats, 100 * equal, 100 * share)


def group_rows(results, group):
    members = [result for result in results if result.workload.group == group]
    return "".join(row(member.workload.name, member.lines, member.repeats, member.equal, member.share) for member in members)


def markdown(results, counted, strace):
    version = subprocess.run([strace, "-V"], capture_output=True, text=True).stdout.splitlines()[0].replace("-- version ", "")
    text = HEAD.format(kernel=platform.release().split("-")[0], strace=version, share=100 * overall(results),
                       lines=sum(result.lines for result in results), what=TITLES["program"])
    text += group_rows(results, "program")
    for group in ("small program", "option"):
        rows = group_rows(results, group)
        if rows:
            text += "\n| %s | lines | strace repeats itself | mini-strace equals strace | of what can be equal |\n" % TITLES[group]
            text += "|---|---:|---:|---:|---:|\n" + rows
    if counted:
        text += "\nThe tables of `-f -c`: a row is equal if call, count and errors are.\n\n"
        text += "| program | rows | strace repeats itself | mini-strace equals strace |\n|---|---:|---:|---:|\n"
        text += "".join("| `%s` | %d | %d | %d |\n" % entry for entry in counted)
    return text
