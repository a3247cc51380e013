#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mini-gdb as a person uses it: in batch, at a terminal, on a process that runs.  gdb.py MINI_GDB"""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TOOL = os.path.abspath(sys.argv.pop(1))

SPIN = r"""
#include <stdio.h>
#include <unistd.h>
volatile long turns;
static int square(int x) { return x * x; }
int main(int argc, char **argv)
{
	int sum = 0;

	for (int i = 0; i < argc; i++)
		sum += square(i + 1);
	printf("sum %d\n", sum);
	fflush(stdout);
	if (argc > 1)
		for (;;)
			turns++;
	return sum;
}
"""


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, arguments):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", NO_COLOR="1", HOME="/nonexistent")
            os.execv(arguments[0], arguments)
        self.text = ""

    def wait_for(self, pattern, seconds=60):
        """Everything up to and with the pattern."""
        end = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.text)
            if match:
                seen, self.text = self.text[: match.end()], self.text[match.end():]
                return seen
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {pattern!r} in {self.text!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                raise AssertionError(f"the end came before {pattern!r}: {self.text!r}")
            self.text += data.decode("utf-8", "replace").replace("\r\n", "\n")

    def send(self, text):
        os.write(self.fd, text.encode())

    def ask(self, command, pattern=r"\(mini-gdb\) $"):
        self.send(command + "\n")
        self.wait_for("\n")
        return self.wait_for(pattern)

    def end(self):
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


class MiniGdb(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.program = os.path.join(cls.directory.name, "spin")
        source = cls.program + ".c"
        with open(source, "w", encoding="utf-8") as stream:
            stream.write(SPIN)
        subprocess.run(["cc", "-g", "-O0", "-o", cls.program, source], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def batch(self, *arguments):
        done = subprocess.run([TOOL, "-n", "-batch", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=60, check=False, text=True)
        return done.stdout

    def test_batch(self):
        text = self.batch("-ex", "break square", "-ex", "run", "-ex", "bt", "-ex", "print x", "-ex", "finish", self.program)
        self.assertIn("Breakpoint 1, square (x=1) at", text)
        self.assertRegex(text, r"#1 +0x[0-9a-f]+ in main \(argc=1, argv=0x[0-9a-f]+\) at")
        self.assertIn("$1 = 1", text)
        self.assertIn("Value returned is $2 = 1", text)

    def test_arguments_of_the_program(self):
        text = self.batch("-ex", "break main", "-ex", "run", "-ex", "print *argv@argc", "--args", self.program, "a b", "c'd")
        self.assertIn('"a b"', text)
        self.assertIn('"c\'d"', text)

    def test_script_with_commands(self):
        with tempfile.NamedTemporaryFile("w", suffix=".gdb") as script:
            script.write("break square\ncommands\nsilent\nprintf \"x is %d\\n\", x\ncontinue\nend\nrun\n")
            script.flush()
            text = self.batch("-x", script.name, self.program)
        self.assertIn("x is 1", text)
        self.assertIn("exited with code 01", text)

    def test_enter_repeats_and_questions(self):
        terminal = Terminal([TOOL, "-n", "-q", self.program])
        terminal.wait_for(r"\(mini-gdb\) $")
        terminal.ask("break main")
        self.assertIn("int sum = 0;", terminal.ask("run"))
        self.assertIn("for (int i", terminal.ask("next"))
        self.assertIn("square(i + 1)", terminal.ask(""))
        terminal.send("quit\n")
        terminal.wait_for(r"Quit anyway\? \(y or n\) ")
        terminal.send("y\n")
        self.assertEqual(terminal.end(), 0)

    def test_interrupt(self):
        terminal = Terminal([TOOL, "-n", "-q", "--args", self.program, "1"])
        terminal.wait_for(r"\(mini-gdb\) $")
        terminal.send("run\n")
        terminal.wait_for("sum 5\n")
        terminal.send("\x03")
        self.assertIn("received signal SIGINT", terminal.wait_for(r"\(mini-gdb\) $"))
        self.assertRegex(terminal.ask("print turns >= 0"), r"= 1")
        terminal.send("kill\n")
        terminal.wait_for(r"\(y or n\) ")
        self.assertIn("killed]", terminal.ask("y"))
        terminal.send("quit\n")
        self.assertEqual(terminal.end(), 0)

    def test_attach_and_detach(self):
        process = subprocess.Popen([self.program, "1"], stdout=subprocess.PIPE)
        try:
            process.stdout.readline()
            text = self.batch("-p", str(process.pid), "-ex", "bt", "-ex", "set var turns = -1000000", "-ex", "detach")
            self.assertRegex(text, r"#0 .*main \(argc=2, argv=0x")
            self.assertIn("detached]", text)
            self.assertIsNone(process.poll())
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
                self.assertEqual(stat.read().rsplit(")", 1)[1].split()[0], "R")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def test_bad_input(self):
        text = self.batch("-ex", "frobnicate", "-ex", "print nosuch", "-ex", "break nosuch", "-ex", "next", self.program)
        self.assertIn('Undefined command: "frobnicate"', text)
        self.assertIn('No symbol "nosuch" in current context.', text)
        self.assertIn('Function "nosuch" not defined.', text)
        self.assertIn("The program is not being run.", text)
        self.assertIn("No such file", self.batch("/nonexistent/program"))


if __name__ == "__main__":
    signal.alarm(280)
    unittest.main(verbosity=2)
