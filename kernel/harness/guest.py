# SPDX-License-Identifier: GPL-2.0-only
"""A virtual machine that runs one command on a kernel of ours, with the host's files.

The host's root is served read only over virtio-9p, and the guest's init lays memory over it, so the guest sees the
host's programs and this tree, and can change nothing. The command and its exit status go through a small folder that is
shared for writing; its output comes through virtio ports, and the kernel's messages through the serial line.
The exit status is the command's, or 124 when the time was up, 125 when the guest failed, 126 when the command went well
but the kernel complained.
"""
import ctypes
import dataclasses
import mmap
import os
import pathlib
import platform
import re
import selectors
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import termios
import time
import tty

from .common import DIES_WITH_US, KERNEL, Trouble

LATE, FAILED, COMPLAINED = 124, 125, 126
# After the guest's own time limit it gets this long to say where it hangs.
GRACE = 30
COMPLAINT = re.compile(r"\b(WARNING: |BUG: |Oops|KASAN|KCSAN: |UBSAN: |INFO: task .* blocked|rcu: INFO: .*(stall|detected)|"
                       r"watchdog: BUG|INFO: possible|unreferenced object|refcount_t: |general protection fault|"
                       r"Kernel panic|kernel BUG at|DEBUG_LOCKS_WARN_ON|sysfs: cannot create duplicate)")
BOOT = ("root=/dev/root rootfstype=9p rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=262144 ro "
        "console=ttyS0 panic=-1 oops=panic reboot=t no_timer_check tsc=reliable random.trust_cpu=on trace_clock=local kunit.enable=0 quiet loglevel=5")


@dataclasses.dataclass
class Options:
    argv: list
    user: str = None
    icount: bool = False
    cpus: int = 2
    timeout: int = 600
    append: str = ""
    console: bool = False
    memory: int = 1536

    @classmethod
    def of(cls, parsed):
        return cls(parsed.argv, parsed.user, parsed.icount, parsed.cpus, parsed.timeout, parsed.append, parsed.console)


def run(kernel, options):
    """Boot, run the command with its output on ours, and return its exit status. Tells on standard error what went wrong."""
    with tempfile.TemporaryDirectory(prefix="utrace-guest-") as folder:
        machine = Machine(kernel, options, pathlib.Path(folder))
        machine.prepare()
        machine.run(sys.stdout.buffer, sys.stderr.buffer)
        return verdict(machine, options)


def verdict(machine, options):
    complaints = complaints_in(machine.messages())
    status = machine.status()
    if machine.late:
        report(f"the guest's time of {options.timeout} s was up; its kernel's last messages:", machine.messages()[-60:])
        return LATE
    if status is None:
        report("the guest did not get to its end; its kernel's last messages:", complaints or machine.messages()[-40:])
        return FAILED
    if complaints:
        report("the kernel complained:", complaints)
        return status or COMPLAINED
    return status


def report(headline, lines):
    print("\n".join([f"kernel: {headline}", *("  | " + line for line in lines)]), file=sys.stderr, flush=True)


def complaints_in(lines, around=60):
    """The lines from the first complaint on, if there is one."""
    for index, line in enumerate(lines):
        if COMPLAINT.search(line):
            return lines[max(0, index - 2):index + around]
    return []


def usable_kvm():
    """KVM on hardware that has it; a device node alone says little within another virtual machine."""
    wanted = os.environ.get("UTRACE_KERNEL_ACCEL")
    if wanted:
        return wanted == "kvm"
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    return os.access("/dev/kvm", os.R_OK | os.W_OK) and re.search(r"^flags\s*:.*\b(vmx|svm)\b", flags, re.MULTILINE)


def host_tsc_khz():
    """The rate of the host's time stamp counter, which an emulated guest sees; None if there is none."""
    if platform.machine() != "x86_64":
        return None
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes.fromhex("0f31 48c1e220 4809d0 c3"))  # rdtsc; shl $32,%rdx; or %rdx,%rax; ret
    held = ctypes.c_char.from_buffer(page)
    rdtsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(held))

    def moment():
        """Both clocks at one time, or nearly: the closest of some attempts, as we may be preempted between them."""
        pairs = [(time.monotonic_ns(), rdtsc(), time.monotonic_ns()) for _ in range(50)]
        before, ticks, after = min(pairs, key=lambda pair: pair[2] - pair[0])
        return (before + after) / 2, ticks

    first = moment()
    time.sleep(0.1)
    last = moment()
    return round((last[1] - first[1]) * 1e6 / (last[0] - first[0]))


def command_text(options):
    """The shell program that the guest's init runs: the caller's folder and environment, then the command."""
    keep = {name: value for name, value in os.environ.items() if name in ("TERM", "LANG") or name.startswith("UTRACE_")}
    user = options.user or "root"
    keep |= {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "USER": user, "LOGNAME": user}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(keep.items())]
    lines.append(f"export HOME=$(getent passwd {shlex.quote(user)} | cut -d: -f6)")
    lines.append(f"cd {shlex.quote(os.getcwd())} 2>/dev/null || cd /")
    words = " ".join(shlex.quote(word) for word in options.argv or ["bash", "-i"])
    if options.user:
        name = shlex.quote(user)
        words = f'setpriv --reuid={name} --regid="$(id -g {name})" --init-groups --inh-caps=-all {words}'
    lines.append(f"exec {words}")
    return "\n".join(lines) + "\n"


class Machine:
    """One run of QEMU. `messages()`, `status()` and `late` are good after run()."""

    def __init__(self, kernel, options, folder):
        self.kernel, self.options, self.folder = kernel, options, folder
        self.shell = not options.argv
        self.limit = 0 if self.shell else options.timeout
        self.control = folder / "control"
        self.late = False
        self.log = bytearray()
        self.is_stuck = lambda: False  # asked now and then

    def messages(self):
        return self.log.decode("utf-8", "replace").replace("\r", "").splitlines()

    def status(self):
        told = self.control / "status"
        text = told.read_text(encoding="ascii").strip() if told.exists() else ""
        return int(text) if text.isdigit() else None

    def prepare(self):
        self.control.mkdir()
        # With counted instructions the guest's time has nothing to do with ours, and runs away whenever it is idle.
        limit = 0 if self.options.icount else self.limit
        (self.control / "settings").write_text(f"LIMIT={limit}\nSHELL_WANTED={int(self.shell)}\n", encoding="ascii")
        (self.control / "command").write_text(command_text(self.options), encoding="utf-8")

    def argv(self):
        options = self.options
        line = f"{BOOT} init={KERNEL / 'guest' / 'init'} {self.clock()} {options.append}".strip()
        words = [*DIES_WITH_US, "qemu-system-x86_64", "-M", "pc", "-m", str(options.memory), "-nodefaults", "-no-user-config",
                 "-display", "none", "-no-reboot", "-kernel", str(self.kernel / "bzImage"), "-append", line]
        words += self.accelerator()
        words += ["-virtfs", "local,id=root,path=/,mount_tag=/dev/root,security_model=none,multidevs=remap,readonly=on",
                  "-virtfs", f"local,id=control,path={self.control},mount_tag=control,security_model=none",
                  "-chardev", f"socket,id=serial,path={self.folder / 'serial'}", "-serial", "chardev:serial",
                  "-device", "virtio-serial-pci"]
        if self.shell:
            return words + ["-chardev", f"socket,id=tty,path={self.folder / 'out'}",
                            "-device", "virtconsole,chardev=tty,nr=0"]
        for number, name in ((1, "out"), (2, "err")):
            words += ["-chardev", f"socket,id={name},path={self.folder / name}",
                      "-device", f"virtserialport,chardev={name},nr={number}"]
        return words

    def clock(self):
        """An emulated guest can't find out how fast its clock goes if the host is busy meanwhile; every timeout would be wrong."""
        khz = None if self.options.icount or usable_kvm() else host_tsc_khz()
        return f"tsc_early_khz={khz}" if khz else ""

    def accelerator(self):
        if self.options.icount:
            return ["-accel", "tcg,thread=single", "-cpu", "max", "-smp", "1", "-icount", "shift=0,sleep=off"]
        # The firmware's MP table, which serves for want of ACPI, tells one CPU a socket.
        cpus = ["-smp", f"{self.options.cpus},sockets={self.options.cpus}"]
        if usable_kvm():
            return ["-accel", "kvm", "-cpu", "host", *cpus]
        # An iret of user mode is emulated with the kernel's rights on the user's stack: with SMAP it would kill the kernel.
        return ["-accel", "tcg", "-cpu", "max,smap=off", *cpus]

    def run(self, out=sys.stdout.buffer, err=sys.stderr.buffer):
        """Boot and serve until the guest has ended; prepare() has been called."""
        names = ["serial", "out"] if self.shell else ["serial", "out", "err"]
        servers = {name: self.listener(name) for name in names}
        if not shutil.which("qemu-system-x86_64"):
            raise Trouble("qemu-system-x86_64 is not installed; './dev kernel' installs it")
        with open(self.folder / "qemu.log", "wb") as log, subprocess.Popen(
                self.argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process:
            try:
                self.serve(process, servers, {"serial": err if self.options.console else None, "out": out, "err": err})
            finally:
                process.kill()
        if not self.log:
            said = (self.folder / "qemu.log").read_text(encoding="utf-8", errors="replace").strip()
            raise Trouble(f"the guest said nothing at all. {said}")
        self.late = self.late or (self.control / "late").exists()

    def listener(self, name):
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(self.folder / name))
        server.listen(1)
        return server

    def serve(self, process, servers, sinks):
        """Pass on what comes from the guest until it ends or its time is up."""
        deadline = time.monotonic() + self.limit + GRACE if self.limit else None
        with selectors.DefaultSelector() as selector:
            for name, server in servers.items():
                selector.register(server, selectors.EVENT_READ, ("accept", name))
            with raw_terminal(self.shell):
                while self.step(selector, sinks) or process.poll() is None:
                    if deadline and time.monotonic() > deadline or self.is_stuck():
                        self.late = True
                        return

    def step(self, selector, sinks):
        """Handle what is ready; true as long as something was."""
        ready = selector.select(0.2)
        for entry, _ in ready:
            kind, name = entry.data
            if kind == "accept":
                connection, _ = entry.fileobj.accept()
                selector.unregister(entry.fileobj)
                selector.register(connection, selectors.EVENT_READ, ("read", name))
                if self.shell and name == "out":
                    selector.register(sys.stdin, selectors.EVENT_READ, ("type", connection))
            elif kind == "type":
                self.type(selector, entry.fileobj, name)
            else:
                self.read(selector, entry.fileobj, name, sinks[name])
        return bool(ready)

    def read(self, selector, connection, name, sink):
        try:
            data = connection.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            selector.unregister(connection)
            connection.close()
        if name == "serial":
            self.log += data
        if sink and data:
            sink.write(data)
            sink.flush()

    @staticmethod
    def type(selector, stdin, connection):
        data = os.read(stdin.fileno(), 4096)
        if not data:
            selector.unregister(stdin)
            data = b"\x04"
        try:
            connection.sendall(data)
        except OSError:
            selector.unregister(stdin)


class raw_terminal:
    """Keys go to the guest as they are typed, while a shell runs there."""

    def __init__(self, wanted):
        self.saved = termios.tcgetattr(sys.stdin) if wanted and sys.stdin.isatty() else None

    def __enter__(self):
        if self.saved:
            tty.setraw(sys.stdin)

    def __exit__(self, *_):
        if self.saved:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self.saved)
