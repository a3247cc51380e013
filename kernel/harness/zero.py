# SPDX-License-Identifier: GPL-2.0-only
"""Zero for the untraced: what the series costs a task that nobody watches, told by code and by counting, not by time.

With CONFIG_UTRACE off, every object built from a file that the series touches has the text and relocations of the unpatched
kernel. With it on, the paths of a system call without work bits have the same instructions, one by one, but for offsets and
constants; and a system call loop retires as many of them. The compiler puts resume_user_mode_work() into the functions of the
exit, where only TIF_NOTIFY_RESUME leads to it: in that branch, and nowhere else, the hook may be.
"""
import difflib
import hashlib
import re
import tempfile

from . import build, guest, source
from .batch import Job, Result, run
from .common import CACHE, KERNEL, call, locked

# From the CPU's entry to its return without any work bit, for each ABI; what they call inline is within.
PATH = ("entry_SYSCALL_64", "entry_SYSCALL_64_after_hwframe", "do_syscall_64", "entry_SYSCALL_compat",
        "entry_SYSCALL_compat_after_hwframe", "entry_SYSENTER_compat", "entry_SYSENTER_compat_after_hwframe",
        "do_fast_syscall_32", "__do_fast_syscall_32", "do_SYSENTER_32", "asm_int80_emulation", "do_int80_emulation",
        "syscall_exit_to_user_mode", "syscall_return_via_sysret", "irqentry_enter", "irqentry_exit",
        "irqentry_exit_to_user_mode", "__switch_to_asm", "finish_task_switch.isra.0", "ret_from_fork_asm",
        "ret_from_fork")
# These know the number of system calls, or have one entry more.
TABLES = ("arch/x86/entry/syscall_64.o", "arch/x86/entry/syscall_32.o", "arch/x86/entry/syscall_x32.o",
          "arch/x86/entry/common.o", "kernel/sys_ni.o")
PADDING = re.compile(r"^(nop\w*|data16|cs nop\w*|int3|xchg\s+%ax,%ax)\b")


def instructions(kernel, function):
    """The function's instructions with everything that depends on layout taken out; None if there is no such function."""
    text = call(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={function}", kernel / "vmlinux"], "objdump")
    found = []
    for line in text.splitlines():
        match = re.match(r"ffffffff[0-9a-f]+:\t(.*)", line)
        if match and not PADDING.match(match.group(1)):
            found.append(plain(match.group(1)))
    return found or None


def plain(instruction):
    instruction = re.sub(r"\s+#.*", "", instruction)
    instruction = re.sub(r"[0-9a-f]{16} <([^+>]*)[^>]*>", r"\1", instruction)
    instruction = re.sub(r"-?0x[0-9a-f]+(?=[(%])|(?<=:)0x[0-9a-f]+", "D", instruction)
    instruction = re.sub(r"\bD?\(", "D(", instruction)
    return re.sub(r"\$-?0x[0-9a-f]+", "$K", re.sub(r"\s+", " ", instruction)).strip()


def paths():
    """CONFIG_UTRACE on against the unpatched kernel: the fast paths."""
    before, after = build.kernel("vanilla"), build.kernel("plain")
    told, compared = [], 0
    for function in PATH:
        old, new = instructions(before, function), instructions(after, function)
        compared += old is not None
        if not same_but_hook(old or [], new or []):
            told.append(f"{function}: {len(old or [])} instructions unpatched, {len(new or [])} with CONFIG_UTRACE")
            told += difference(old or [], new or [])
    told.append(f"{compared} functions compared")
    return Result("paths", int(len(told) > 1 or compared < 12), "\n".join(told))


def same_but_hook(old, new):
    """Nothing is added but the hook in resume_user_mode_work(): its test, and its call out of line."""
    for kind, _, _, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        test = last - first <= 3 and new[first - 1] == "call mem_cgroup_handle_over_high"
        call_hook = "call __utrace_resume_user_mode" in new[first:last] and last - first <= 3
        if kind != "equal" and not (kind == "insert" and (test or call_hook)):
            return False
    return True


def difference(old, new):
    return [f"  {line}" for line in difflib.unified_diff(old, new, lineterm="", n=1)][:60]


def text_of(path):
    """Code and relocations of an object, section by section."""
    listing = call(["objdump", "-h", "-w", path], "objdump")
    names = [line.split()[1] for line in listing.splitlines() if " CODE" in line]
    found = {}
    for name in names:
        with tempfile.NamedTemporaryFile() as raw:
            call(["objcopy", "-O", "binary", f"--only-section={name}", path, raw.name], "objcopy")
            digest = hashlib.sha256(raw.read()).hexdigest()
        found[name] = (digest, call(["objdump", "-r", "-j", name, path], "objdump").split("\n", 3)[-1])
    return found


def objects():
    """CONFIG_UTRACE off against the unpatched kernel: each object of a touched file, and the entry code."""
    wanted = sorted({name[:-2] + ".o" for name in source.touched() if name.endswith(".c")} | {"kernel/entry/common.o"})
    with locked(source.checkout()):
        for variant in ("vanilla", "off"):
            build.compile_all(build.configured(variant), variant, wanted)
    top, told = CACHE / source.checkout(), []
    for name in wanted:
        if name not in TABLES and text_of(top / "vanilla" / name) != text_of(top / "off" / name):
            told.append(f"{name} has other code with CONFIG_UTRACE off than without the series")
    return Result("objects", int(bool(told) or not wanted), "\n".join(told + [f"compared: {' '.join(wanted)}"]))


def count(variant, program):
    got = run(build.kernel(variant), [Job("count", str(program), 300)], guest.Options([], icount=True, cpus=1))["count"]
    return int(got.output) if got.passed and got.output.strip().isdigit() else got


def counts():
    """A loop of system calls that nobody watches retires as many instructions."""
    program = CACHE / source.checkout() / "getppid"
    call(["gcc", "-O2", "-Wall", "-Werror", "-static", "-o", program, KERNEL / "tests" / "getppid.c"], "building getppid")
    before, after = count("vanilla", program), count("plain", program)
    if isinstance(before, Result) or isinstance(after, Result):
        return Result("icount", 1, "".join(one.text() for one in (before, after) if isinstance(one, Result)))
    return Result("icount", int(before != after), f"instructions for 100 calls: {before} unpatched, {after} with CONFIG_UTRACE")


def all_results():
    return {result.name: result for result in (objects(), paths(), counts(), Result("end", 0, ""))}
