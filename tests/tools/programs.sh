#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Real programs do under mini-strace -f what they do without it: same output, same exit status, and a trace that ends
# with their exit.  $1: mini-strace.
set -eu

tool=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir plain traced
failed=0

# name, then a shell command that runs in a folder of its own
same() {
	name=$1
	command=$2
	plain_status=0
	traced_status=0
	(cd plain && sh -c "$command" >"../$name.plain" 2>&1) || plain_status=$?
	(cd traced && "$tool" -f -o "../$name.trace" sh -c "$command" >"../$name.traced" 2>&1) || traced_status=$?
	if ! cmp "$name.plain" "$name.traced" || [ $plain_status != $traced_status ]; then
		echo "FAILED: $name: status $plain_status, traced $traced_status"
		diff "$name.plain" "$name.traced" | head -5 || true
		failed=1
	elif ! grep -q '+++ exited with' "$name.trace"; then
		echo "FAILED: $name: the trace does not tell of an exit"
		failed=1
	else
		echo "ok: $name, $(wc -l <"$name.trace") lines"
	fi
}

cat >hello.c <<'END'
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
END
cat >server.py <<'END'
import socket, threading
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(16)
def serve(c):
    c.sendall(c.recv(100).upper()); c.close()
def accept():
    for _ in range(8):
        threading.Thread(target=serve, args=(s.accept()[0],)).start()
t = threading.Thread(target=accept); t.start()
for i in range(8):
    c = socket.create_connection(s.getsockname()); c.sendall(b"request %d" % i); print(c.recv(100)); c.close()
t.join()
END

same pipes 'seq 100 | sort -r | head -3; (exit 3) || echo "status $?"; for i in 1 2 3; do (echo $i) & wait; done'
same bash 'bash -c "shopt; type cd; echo \$((6*7)); cat <(echo a) <(echo b); exit 5"'
same python "python3 -c 'import threading, subprocess
l = []
ts = [threading.Thread(target=l.append, args=(i,)) for i in range(20)]
[t.start() for t in ts]; [t.join() for t in ts]
print(sorted(l), subprocess.run([\"echo\", \"child\"], capture_output=True).stdout)'"
same gcc 'gcc -o hello ../hello.c && ./hello'
same git 'git init -q r && cd r && git config user.email a@b && git config user.name n && echo x >f && git add f && git commit -qm m && git log --format=%s && git status --short'
same tar 'mkdir -p t && seq 1000 >t/a && tar czf t.tgz t && tar tzf t.tgz && rm -r t && tar xzf t.tgz && cksum t/a'
same server 'python3 ../server.py'
same perl 'perl -e "print join(q(,), map { \$_ * 2 } 1..5), qq(\n); my \$p = fork; if (!\$p) { exit 4 } waitpid(\$p, 0); print \$? >> 8, qq(\n)"'
same signals 'sh -c "kill -TERM \$\$"; echo "status $?"; sh -c "trap \"echo caught\" USR1; kill -USR1 \$\$; echo after"'
exit $failed
