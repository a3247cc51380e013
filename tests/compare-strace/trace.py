# SPDX-License-Identifier: BSD-2-Clause
"""A trace as sequences of lines that can be compared: one for each thread, without what differs from run to run.

What is taken out: addresses, process ids, times, inode numbers, ephemeral ports, random bytes and names of temporary
files.  A call that was cut by "<unfinished ...>" is put together again, for where it is cut is chance.
"""
import re

UNFINISHED = " <unfinished ...>"
RESUMED = re.compile(r"^(?:\[[^\]]*\] )*<\.\.\. \w+ resumed>(.*)$")
LINE = re.compile(r"^(\d+)(?:<[^>]*>)? +(.*)$")
# The result of a call that makes a thread or process is its id.
CREATES = re.compile(r"^(?:clone|clone3|fork|vfork)\(.*\) += (\d+)")

RULES = [(re.compile(pattern), replacement) for pattern, replacement in (
    (r"\) += ", ") = "),
    (r"0x[0-9a-f]{7,16}\b", "ADDR"),
    (r"\b(tv_sec|tv_nsec|tv_usec|si_utime|si_stime|ru_utime|ru_stime|tms_[a-z]+)=-?\d+(?: /\* [\d.]+ s \*/)?", r"\1=T"),
    (r"\bgetppid\(\) = \d+", "getppid() = PID"),
    (r" /\* \d{4}-\d\d-\d\dT[^*]* \*/", " /* DATE */"),
    (r"\bsysinfo\(\{.*\}\)", "sysinfo({...})"),
    (r"\b(st_[amc]time(?:_nsec)?|stx_[a-z]*time)=-?\d+(?: /\* [^*]* \*/)?", r"\1=T"),
    (r"\b(time|times)\((.*)\) = \d+.*", r"\1(\2) = T"),
    (r"\[1[78]\d{8}(?: /\* [^*]* \*/)?\]", "[T]"),
    (r"\b(st_ino|d_ino|stx_ino)=\d+", r"\1=INO"),
    (r"\b(d_off)=-?\d+", r"\1=OFF"),
    (r"\b(pipe|socket|net|mnt|pid|user|UNIX(?:-\w+)?|TCP|UDP|NETLINK):\[\d+(?=\]|->)", r"\1:[INO"),
    (r"(\[INO->)\d+", r"\1INO"),
    (r"htons\((?:3[2-9]\d{3}|[456]\d{4})\)", "htons(PORT)"),
    (r":(?:3[2-9]\d{3}|[456]\d{4})\b", ":PORT"),
    (r"\b(getrandom)\(\"(?:[^\"\\]|\\.)*\"(?:\.\.\.)?", r'\1("RANDOM"'),
    (r"/tmp/cc\w{6}", "/tmp/ccTEMP"),
    (r"\btmp_obj_\w{6}", "tmp_objTEMP"),
    (r"(sh-thd|sess_|\.git/index|pack)[.-]\w*\d\w*", r"\1.TEMP"),
    (r"\btmp\w{8}\b", "tmpTEMP"),
    (r"-\w{6}\.(tmp|lock)\b", r"-TEMP.\1"),
)]
NUMBER = re.compile(r"(?<![\w.])\d{3,}(?![\w.])")


def merged_lines(text):
    """(pid, line) of a trace made with -f -o, calls put together again."""
    begun = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if not match:
            yield None, line
            continue
        pid, rest = match.groups()
        resumed = RESUMED.match(rest)
        if rest.endswith(UNFINISHED) and not resumed:
            begun[pid] = rest[:-len(UNFINISHED)]
        elif resumed and pid in begun:
            rest = resumed.group(1)
            # Cut twice: begun, taken up and cut again.
            if rest.endswith(UNFINISHED):
                begun[pid] += rest[:-len(UNFINISHED)]
                continue
            yield pid, begun.pop(pid) + rest
        else:
            yield pid, rest
    for pid, rest in begun.items():
        yield pid, rest + UNFINISHED


def label_threads(lines):
    """A name for each pid that is the same in every run: which child of which parent it is.

    A child may be seen before the call that made it has returned, so the calls are looked at first.
    """
    made = {}
    for pid, line in lines:
        created = CREATES.match(line) if pid else None
        if created:
            made[created.group(1)] = pid
    roots = [pid for pid in dict.fromkeys(pid for pid, _ in lines if pid) if pid not in made]
    counts = {}
    labels = {pid: "T%d" % index for index, pid in enumerate(roots)}
    pending = [(parent, child) for child, parent in made.items()]
    while pending:
        rest = []
        for parent, child in pending:
            if parent not in labels:
                rest.append((parent, child))
                continue
            counts[parent] = counts.get(parent, 0) + 1
            labels[child] = "%s.%d" % (labels[parent], counts[parent])
        if len(rest) == len(pending):
            break
        pending = rest
    return labels


def normalise(line, labels):
    for pattern, replacement in RULES:
        line = pattern.sub(replacement, line)
    return NUMBER.sub(lambda match: labels.get(match.group(), match.group()), line)


def threads(text):
    """{label: [line]} of a trace made with -f -o."""
    lines = list(merged_lines(text))
    labels = label_threads(lines)
    result = {}
    for pid, line in lines:
        result.setdefault(labels.get(pid, "?"), []).append(normalise(line, labels))
    return result
