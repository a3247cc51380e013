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


CLASSES = r"""
#include <cstdio>
namespace shop {
int stock = 7;
enum class level : unsigned char { low, high };
struct base {
	static int objects;
	int id = 3;
	virtual int area() const { return id; }
	virtual ~base() {}
};
int base::objects = 2;
struct top { int value = 1; virtual ~top() {} };
struct side : virtual top { int extra = 5; };
struct square : public base, side {
	int width = 4;
	int area() const override { return width * width; }
};
template <typename T, int N = 2> struct buffer { T items[N]; };
}
static int over(int value) { return value; }
static int over(double value) { return (int)value; }
int counted() { static int calls = 9; return calls++; }
int main()
{
	shop::square square;
	shop::base *pointer = &square;
	shop::level level = shop::level::high;
	shop::buffer<int> numbers{{6, 7}};
	int shop::base::*member = &shop::base::id;
	wchar_t wide[] = L"wide";
	return pointer->area() + over(1) + over(2.5) + counted() + numbers.items[0] + (int)level + square.*member + (int)wide[0] == 0;
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
        cls.classes = os.path.join(cls.directory.name, "classes")
        with open(cls.classes + ".cc", "w", encoding="utf-8") as stream:
            stream.write(CLASSES)
        subprocess.run(["c++", "-g", "-O0", "-o", cls.classes, cls.classes + ".cc"], check=True)

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

    def answers(self, program, place, *commands):
        """What each command prints where the program stands, `$1 = ` left out."""
        arguments = ["-ex", f"break {place}", "-ex", "run"]
        for command in commands:
            arguments += ["-ex", "echo @@@", "-ex", command]
        text = self.batch(*arguments, program)
        return [re.sub(r"^\$\d+ = ", "", answer.rstrip("\n")) for answer in text.split("@@@")[1:]]

    def test_classes(self):
        expected = {
            "print shop::stock": "7",
            "print stock": 'No symbol "stock" in current context.',
            "print shop::base::objects": "2",
            "print level": "shop::level::high",
            "print shop::level::low": "shop::level::low",
            "print (int)shop::level::high": "1",
            "print square.value + square.extra": "6",
            "print square.shop::base::id": "3",
            "print numbers": "{items = {6, 7}}",
            "whatis numbers": "type = shop::buffer<int, 2>",
            "print sizeof(shop::buffer<int,2>) + sizeof(shop::buffer<int>)": "16",
            "print square.*member": "3",
            "print member": "&shop::base::id",
            "print ((shop::square *)pointer)->width": "4",
            "print *(shop::side *)pointer == 0": "Argument to arithmetic operation not a number or boolean.",
            "print ((shop::side *)(shop::square *)pointer)->extra": "5",
            "print dynamic_cast<shop::square *>(pointer) == &square": "true",
            "print dynamic_cast<shop::side *>(pointer)->value": "1",
            "print 'over(double)' == 'over(int)'": "false",
            "print counted::calls": "9",
            "print wide": 'L"wide"',
            "print true": "true",
            "print alignof(shop::square)": "8",
        }
        answers = self.answers(self.classes, "over(int)", "up", *expected)
        self.maxDiff = None
        self.assertEqual(dict(zip(expected, answers[1:])), expected)

    def test_dynamic_type(self):
        answers = self.answers(self.classes, "shop::square::area", "bt 1", "print width", "print id", "up", "set print object on",
                               "whatis pointer", "print *pointer", "ptype shop::square", "info vtbl square")
        self.assertRegex(answers[0], r"#0 +shop::square::area \(this=0x")
        self.assertEqual(answers[1:3], ["4", "3"])
        self.assertEqual(answers[5], "type = /* real type = shop::square * */\nshop::base *")
        self.assertRegex(answers[6], r"\(shop::square\) \{<shop::base> = \{_vptr\.base = 0x.*<vtable for shop::square\+\d+>, static objects = 2, "
                                     r"id = 3\}, <shop::side> = \{<shop::top> = \{.*value = 1\}, .*extra = 5\}, width = 4\}")
        self.assertEqual(answers[7], "type = struct shop::square : public shop::base, public shop::side {\n    int width;\n  public:\n"
                                     "    virtual int area(void) const;\n}")
        self.assertIn("<shop::square::area() const>", answers[8])

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
