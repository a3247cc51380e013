# SPDX-License-Identifier: BSD-2-Clause
"""What is traced: real programs, and the small programs of programs/ for the rarer calls.

Each runs in an empty folder of its own; `setup` is a shell script that prepares it, untraced.
"""
import dataclasses
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Workload:
    name: str
    argv: list
    setup: str = ""
    options: tuple = ()
    quick: bool = False
    group: str = "program"


SOURCE = r"""
cat >hello.c <<'END'
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
END
"""

BASH = r"""
seq 50 | sort -r | head -3
x=$(echo captured | tr a-z A-Z); echo "$x"
(cd /; pwd; exit 3) || echo "status $?"
for i in 1 2 3; do (echo $i) & wait; done
cat <(echo one) <(echo two)
while read -r line; do echo "<$line>"; done <<<"here"
trap 'echo term' TERM; kill -TERM $$
[ -e /etc/passwd ] && test -d /tmp
"""

PYTHON_THREADS = """
import queue, threading
q, out = queue.Queue(), []
def work():
    while (item := q.get()) is not None:
        out.append(item * 2)
threads = [threading.Thread(target=work) for _ in range(4)]
[t.start() for t in threads]
[q.put(i) for i in range(40)]
[q.put(None) for _ in threads]
[t.join() for t in threads]
print(sorted(out))
"""

PYTHON_CHILDREN = """
import multiprocessing, os, subprocess
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout)
print(subprocess.run("exit 3", shell=True).returncode)
pid = os.fork()
if pid == 0:
    os._exit(4)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(os.popen("cat /dev/null; echo popen").read())
"""

HTTP = """
import http.server, threading, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "6"); self.end_headers()
        self.wfile.write(b"hello\\n")
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for _ in range(3):
    print(urllib.request.urlopen("http://127.0.0.1:%d/" % server.server_port).read())
server.shutdown()
"""

PERL = r"""
use strict; use Socket; use POSIX ":sys_wait_h";
print join(",", map { $_ * 2 } 1..5), "\n";
my $pid = fork; exit 4 if !$pid; waitpid($pid, 0); print $? >> 8, "\n";
open(my $f, ">", "out") or die; print $f "line\n" for 1..10; close $f;
open($f, "<", "out"); my @l = <$f>; print scalar(@l), "\n";
print -s "out", " ", (stat "out")[2] & 0777, "\n"; unlink "out";
socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC); syswrite $a, "ping"; sysread $b, my $x, 4; print "$x\n";
local $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; select(undef, undef, undef, 2);
print `echo backtick`;
"""

# Objects have dates in them, and names by their contents.
DATES = "export GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' GIT_COMMITTER_DATE='2024-01-01T00:00:00Z'; "
GIT = DATES + "git init -q . && git config user.email a@b && git config user.name n && seq 100 >f && git add f && git commit -qm one"


def real_programs():
    shell = lambda script: ["/bin/sh", "-c", script]
    python = lambda script: ["/usr/bin/python3", "-c", script]
    return [
        Workload("ls -lR", ["ls", "-lR", "/usr/include/linux"]),
        Workload("ls -la (short)", ["ls", "-la", "/etc/apt", "/dev/null"], quick=True),
        Workload("sh: pipes, subshells", shell("seq 9 | sort -r | head -3; (exit 3); echo $?; true & wait; echo $(echo x)"),
                 quick=True),
        Workload("bash: pipes, subshells, traps", ["bash", "-c", BASH]),
        Workload("python3: imports", python("import json, ssl, sqlite3, decimal, asyncio, email, tempfile, logging")),
        Workload("python3: threads", python(PYTHON_THREADS)),
        Workload("python3: children", python(PYTHON_CHILDREN)),
        Workload("gcc: compile and link", ["gcc", "-O1", "-o", "hello", "hello.c"], SOURCE),
        Workload("tar, compressed", ["tar", "czf", "t.tgz", "-C", "/usr/include", "linux/netfilter"], quick=True),
        Workload("tar, unpack", ["tar", "xzf", "t.tgz"], "tar czf t.tgz -C /usr/include linux/netfilter"),
        Workload("git: add, commit", shell(DATES + "echo more >>f; git add f; git commit -qm two"), GIT),
        Workload("git: log, status, diff", shell(DATES + "git log --stat; git status; echo x >>f; git diff"), GIT),
        Workload("find", ["find", "/usr/share/doc", "-name", "copyright", "-newer", "/etc/passwd"]),
        Workload("perl", ["perl", "-e", PERL]),
        Workload("HTTP server and client", python(HTTP)),
        Workload("curl from a local server", shell("python3 -m http.server -b 127.0.0.1 38123 & p=$!; sleep 1; "
                                                   "curl -s http://127.0.0.1:38123/ -o /dev/null; kill $p; wait"), "echo x >f"),
        Workload("openssl", shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x "
                                  "-keyout k -out c && openssl x509 -in c -noout -subject && openssl dgst -sha256 c")),
        Workload("sqlite3", ["sqlite3", "t.db", "create table t(a, b); insert into t values(1, 'x'), (2, 'y'); "
                             "create index i on t(a); select * from t where a > 1; delete from t; vacuum;"], quick=True),
        Workload("ps", ["ps", "aux"]),
        Workload("make", ["make", "-s", "-j2"], SOURCE + "printf 'all: a b\\na b: hello.c\\n\\t@gcc -o $@ hello.c && ./$@\\n' >Makefile"),
        Workload("ssh-keygen", ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"], quick=True),
        Workload("id, date, uname", shell("id; date; uname -a; hostname; nproc; df /; stat /etc/passwd; getent hosts localhost"),
                 quick=True),
        Workload("timeout, sleep, kill", shell("timeout 0.2 sleep 5; sleep 0.1 & kill $!; wait; nice -n 5 true; nohup true"),
                 quick=True),
    ]


def variants():
    """The same kind of lines under other options."""
    ls = ["ls", "-l", "/etc/apt", "/dev/null"]
    echo = ["/bin/sh", "-c", "echo text | cat"]
    client = ["/usr/bin/python3", "-c", HTTP]
    group = "option"
    return [
        Workload("ls, -v -s 100", ls, options=("-v", "-s", "100"), group=group, quick=True),
        Workload("ls, -y", ls, options=("-y",), group=group, quick=True),
        Workload("HTTP, -yy", client, options=("-yy",), group=group),
        Workload("sh, -x", echo, options=("-x",), group=group),
        Workload("sh, -xx", echo, options=("-xx",), group=group),
        Workload("ls, -X raw", ls, options=("-X", "raw"), group=group, quick=True),
        Workload("ls, -X verbose", ls, options=("-X", "verbose"), group=group, quick=True),
        Workload("ls, -e raw=all", ls, options=("-e", "raw=all"), group=group),
        Workload("ls, -e verbose=none", ls, options=("-e", "verbose=none"), group=group),
        Workload("sh, -Y -n", echo, options=("-Y", "-n"), group=group),
        Workload("sh, read= write=", echo, options=("-e", "read=all", "-e", "write=all"), group=group, quick=True),
        Workload("ls, -z", ls, options=("-z",), group=group),
        Workload("ls, -Z", ls, options=("-Z",), group=group),
        Workload("cat, -P", ["cat", "/etc/passwd"], options=("-P", "/etc/passwd"), group=group, quick=True),
        Workload("sh, %file,%process", echo, options=("-e", "trace=%file,%process"), group=group, quick=True),
        Workload("cat, fault=read:when=2", ["cat", "/etc/passwd"], options=("-e", "fault=read:error=EIO:when=3+"), group=group,
                 quick=True),
        Workload("ls, inject openat", ls, options=("-e", "inject=openat:error=EACCES:signal=USR1:when=4"), group=group),
        Workload("ls, inject retval, delay", ls, options=("-e", "inject=getdents64:retval=0:delay_enter=1ms"), group=group),
    ]


# What the kernel would write is in the memory already: the tracer lets the calls work.
OPTIONS = {"ioctls": ("-e", "inject=ioctl:retval=0"), "ioctls_32": ("-e", "inject=ioctl:retval=0")}


def small_programs(build):
    """Those of programs/, built into the folder `build`; NAME_32.c is an i386 program."""
    result = []
    for source in sorted((HERE / "programs").glob("*.c")):
        program = build / source.stem
        flags = ["-m32"] if source.stem.endswith("_32") else []
        subprocess.run(["gcc", "-w", "-O1", "-pthread", "-D_GNU_SOURCE", *flags, "-o", program, source, "-lrt"], check=True)
        result.append(Workload(source.stem, [str(program)], options=OPTIONS.get(source.stem, ()), quick=True,
                               group="small program"))
    return result
