#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mini-gdb as a person uses it: in batch, at a terminal, on a process that runs.  gdb.py MINI_GDB"""
import os
import pty
import re
import select
import shutil
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


CONTAINERS = r"""
#include <any>
#include <bitset>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>
struct point { int x, y; };
static int stop(const std::string &text, const std::vector<int> &numbers) { return (int)text.size() + numbers[0]; }
int main()
{
	std::string word = "word", longer(30, 'x');
	std::string_view view = word;
	std::vector<int> numbers = {1, 2, 3};
	std::vector<std::string> words = {"one", "two"};
	std::vector<bool> bits = {true, false};
	std::vector<point> points = {{1, 2}};
	std::deque<int> deque;
	std::list<int> list = {1, 2};
	std::forward_list<int> forward = {4};
	std::map<std::string, int> map = {{"a", 1}, {"b", 2}};
	std::multiset<int> set = {3, 3};
	std::unordered_map<int, std::string> hashed = {{1, "one"}};
	std::pair<int, double> pair = {1, 2.5};
	std::tuple<int, std::string> tuple = {1, "two"};
	std::optional<int> maybe = 5, nothing;
	std::variant<int, std::string> variant = std::string("held");
	std::any any = 7;
	std::unique_ptr<point> unique(new point{5, 6});
	std::shared_ptr<point> shared(new point{7, 8}), same = shared;
	std::weak_ptr<point> weak = shared;
	std::bitset<10> flags(5);
	std::vector<int>::iterator at = numbers.begin() + 1;
	for (int i = 0; i < 200; i++)
		deque.push_back(i);
	deque.pop_front();
	return stop(word, numbers) + *at + words.size() + points[0].x + map["a"] + unique->x + shared->y == 0;
}
"""


OPTIMISED = r"""
#include <stdio.h>
#include <string.h>
struct pair { long first, second; };
struct flexible { int count; int values[]; } *dynamic;
__attribute__((noinline)) static long leaf(long a, long b) { printf("%ld %ld\n", a, b); return a - b; }
__attribute__((noinline)) static long outer(struct pair *pair, long factor)
{
	long rest = leaf(pair->first * 2, factor);
	return rest + pair->second;
}
int main(int argc, char **argv)
{
	struct pair pair = {argc, 10};
	static struct { struct flexible head; int room[3]; } storage = {{3}, {7, 8, 9}};
	dynamic = &storage.head;
	return (int)outer(&pair, argc + 4) + (int)strlen(argv[0]) == 0;
}
"""

NUMBERS = r"""
#include <complex.h>
struct bits { unsigned a : 3; int b : 5; unsigned long long c : 40; };
struct node { int value; struct node *next; };
static int counted(int by) { static int calls = 9; return calls += by; }
int main(void)
{
	double complex pair = 1.0 + 2.0 * I;
	_Float128 quad = 2.5;
	unsigned __int128 wide = (unsigned __int128)1 << 100;
	__int128 minus = -5;
	struct bits bits = {5, -3, 77};
	struct node first = {1, 0}, second = {2, &first};
	int array[5] = {1, 2, 3, 4, 5};
	float real = 1.5f;
	char *text = "hello";
	first.next = &second;
	return counted(array[0]) + (int)creal(pair) + (int)quad + (int)wide + (int)minus + bits.b + first.value + (int)real + text[0] == 0;
}
"""


CALLS = r"""
#include <stdio.h>
#include <string.h>
struct small { int a; float b; };
struct big { long a[4]; };
static int add(int a, int b) { return a + b; }
static double half(double x) { return x / 2; }
static float quarter(float x) { return x / 4; }
static long double wide(void) { return 1.25L; }
static struct small make_small(int a) { struct small small = {a, 1.5f}; return small; }
static struct big make_big(long a) { struct big big = {{a, a + 1, a + 2, a + 3}}; return big; }
static int length(const char *text) { return (int)strlen(text); }
static int crash(const int *at) { return *at; }
static int endless(volatile int *at) { while (*at) continue; return 0; }
static int (*pointer)(int, int) = add;
static char *text(void) { return "text"; }
static void stop(void) {}
int main(void)
{
	int zero = 0;
	printf("%d %g %g %Lg %d %ld %d %d %d %s\n", pointer(1, 2), half(3), quarter(2), wide(), make_small(1).a, make_big(1).a[0],
	       length("a"), crash(&zero), endless(&zero), text());
	stop();
	return 0;
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
        cls.optimised = os.path.join(cls.directory.name, "optimised")
        with open(cls.optimised + ".c", "w", encoding="utf-8") as stream:
            stream.write(OPTIMISED)
        subprocess.run(["gcc", "-g", "-O2", "-o", cls.optimised, cls.optimised + ".c"], check=True)
        cls.numbers = os.path.join(cls.directory.name, "numbers")
        with open(cls.numbers + ".c", "w", encoding="utf-8") as stream:
            stream.write(NUMBERS)
        subprocess.run(["gcc", "-g", "-O0", "-o", cls.numbers, cls.numbers + ".c"], check=True)
        cls.calls = os.path.join(cls.directory.name, "calls")
        with open(cls.calls + ".c", "w", encoding="utf-8") as stream:
            stream.write(CALLS)
        subprocess.run(["gcc", "-g", "-O0", "-o", cls.calls, cls.calls + ".c"], check=True)
        cls.classes = os.path.join(cls.directory.name, "classes")
        with open(cls.classes + ".cc", "w", encoding="utf-8") as stream:
            stream.write(CLASSES)
        subprocess.run(["c++", "-g", "-O0", "-o", cls.classes, cls.classes + ".cc"], check=True)
        cls.containers = os.path.join(cls.directory.name, "containers")
        with open(cls.containers + ".cc", "w", encoding="utf-8") as stream:
            stream.write(CONTAINERS)
        subprocess.run(["c++", "-std=c++17", "-g", "-O0", "-o", cls.containers, cls.containers + ".cc"], check=True)

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
        self.check_classes(self.classes)

    @unittest.skipUnless(shutil.which("clang++"), "clang++ is not installed")
    def test_classes_by_clang(self):
        program = self.classes + "-clang"
        subprocess.run(["clang++", "-g", "-O0", "-o", program, self.classes + ".cc"], check=True)
        self.check_classes(program)
        answers = self.answers(program, "shop::square::area", "ptype shop::base")
        self.assertEqual(answers[0], "type = struct shop::base {\n    static int objects;\n    int id;\n  public:\n"
                                     "    virtual int area(void) const;\n    virtual ~base(void);\n}")

    def check_classes(self, program):
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
        answers = self.answers(program, "over(int)", "up", *expected)
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

    def test_containers(self):
        expected = {
            "print word": '"word"',
            "print longer": "'x' <repeats 30 times>",
            "print view": '"word"',
            "print numbers": "std::vector of length 3, capacity 3 = {1, 2, 3}",
            "print words": 'std::vector of length 2, capacity 2 = {"one", "two"}',
            "print bits": "std::vector<bool> of length 2, capacity 64 = {true, false}",
            "print points": "std::vector of length 1, capacity 1 = {{x = 1, y = 2}}",
            "print deque[0] + deque[198]": "200",
            "print list": "std::__cxx11::list = {[0] = 1, [1] = 2}",
            "print forward": "std::forward_list = {[0] = 4}",
            "print map": 'std::map with 2 elements = {["a"] = 1, ["b"] = 2}',
            "print set": "std::multiset with 2 elements = {[0] = 3, [1] = 3}",
            "print hashed": 'std::unordered_map with 1 element = {[1] = "one"}',
            "print pair": "{first = 1, second = 2.5}",
            "print tuple": 'std::tuple containing = {[1] = 1, [2] = "two"}',
            "print maybe": "std::optional<int> = {[contained value] = 5}",
            "print nothing": "std::optional<int> [no contained value]",
            "print variant": 'std::variant<int, std::string> [index 1] = {"held"}',
            "print any": "std::any containing int = {[contained value] = 7}",
            "print *unique": "{x = 5, y = 6}",
            "print shared->y": "8",
            "print flags": "std::bitset = {[0] = 1, [2] = 1}",
            "print at": "2",
            "print numbers[1] + points[0].y": "4",
            "print/x numbers": "std::vector of length 3, capacity 3 = {0x1, 0x2, 0x3}",
            "whatis map": "type = std::map<std::string, int>",
            "print/r numbers._M_impl._M_start[2]": "3",
            "print sizeof(std::vector<std::string>)": "24",
            "print sizeof(std::map<std::string, int>)": "48",
            "print $_strlen(word)": "A text, or a pointer to one, is needed.",
        }
        answers = self.answers(self.containers, "stop", "bt", "print text", "up", *expected)
        self.maxDiff = None
        self.assertIn('stop (text="word", numbers=std::vector of length 3, capacity 3 = {...}) at', answers[0])
        self.assertEqual(answers[1], '"word"')
        self.assertEqual(dict(zip(expected, answers[3:])), expected)

    def test_damaged_containers(self):
        answers = self.answers(self.containers, "stop", "up", "set print elements 5",
                               "set var list._M_impl._M_node._M_next->_M_next = list._M_impl._M_node._M_next", "print list",
                               "set var numbers._M_impl._M_finish = 0x7ffffffff000", "print numbers",
                               "set var map._M_t._M_impl._M_header._M_left = 1", "print map",
                               "set var word._M_dataplus._M_p = 1", "print word",
                               "set var longer._M_string_length = 1ul << 60", "print longer",
                               "set var hashed._M_h._M_before_begin._M_nxt->_M_nxt = hashed._M_h._M_before_begin._M_nxt", "print hashed")
        self.assertEqual(answers[3], "std::__cxx11::list = {[0] = 1, [1] = 1, [2] = 1, [3] = 1, [4] = 1...}")
        self.assertRegex(answers[5], r"std::vector of length \d+, capacity 3 = \{1, 2, 3, .*\.\.\.\}")
        self.assertIn("<error: Cannot access memory at address 0x", answers[7])
        self.assertEqual(answers[9], "<error: Cannot access memory at address 0x1>")
        self.assertEqual(answers[11], '"xxxxx"...')
        self.assertEqual(answers[13], 'std::unordered_map with 1 element = {[1] = "one", [1] = "one", [1...}')

    def test_optimised(self):
        answers = self.answers(self.optimised, "leaf", "bt", "up", "print *pair", "print dynamic->values[1]", "print *dynamic",
                               "print dynamic->values[0]@3", "frame 1")
        self.assertRegex(answers[0], r"outer \(pair=pair@entry=0x\w+, factor=")
        self.assertEqual(answers[2], "{first = 1, second = 10}")
        self.assertEqual(answers[3], "8")
        self.assertRegex(answers[4], r"\{count = 3, values = 0x\w+ <storage\.\w+\+4>\}")
        self.assertEqual(answers[5], "{7, 8, 9}")

    def test_numbers(self):
        expected = {
            "print pair": "1 + 2i",
            "print $_creal(pair) + $_cimag(pair)": "3",
            "print quad": "2.5",
            "print quad + 1": "3.5",
            "print wide": "1267650600228229401496703205376",
            "print/x wide": "0x10000000000000000000000000",
            "print minus": "-5",
            "print wide + 1": "That operation is not available on integers of more than 8 bytes.",
            "print bits": "{a = 5, b = -3, c = 77}",
            "print bits.c = 5": "5",
            "print bits.a = 9": "warning: Value does not fit in 3 bits.\n$10 = 1",
            "print bits.b = -16": "-16",
            "print first.next->next->value": "1",
            "print array[1]@3": "{2, 3, 4}",
            "print/x real": "0x3fc00000",
            "print/f real": "1.5",
            'print "one" " " "two"': '"one two"',
            "print $_strlen(text)": "5",
            'print $_streq(text, "hello")': "1",
            'print $_memeq(text, "help", 3)': "1",
            'print $_regex(text, "^h.*o$")': "1",
            "print $_isvoid($none) + $_isvoid(1)": "1",
            "print $_strlen()": "You must provide 1 argument to $_strlen.",
            "print $_nothing(1)": "No function $_nothing is known.",
            "print _Alignof(struct bits)": "8",
            "print counted::calls": "9",
            "print $eflags": "[ ZF PF ]",
            'printf "%5s|%-5s|\\n", "ab", text': "   ab|hello|",
        }
        answers = self.answers(self.numbers, "counted", "up", *expected)
        self.maxDiff = None
        got = dict(zip(expected, answers[1:]))
        self.assertRegex(got.pop("print $eflags"), r"^\[ ([A-Z]F )+\]$")
        expected.pop("print $eflags")
        self.assertEqual(got, expected)

    def test_calls(self):
        expected = {
            "print add(1, 2) * 3": "9",
            "print half(5)": "2.5",
            "print quarter(2)": "0.5",
            "print wide()": "1.25",
            "print make_small(7)": "{a = 7, b = 1.5}",
            "print make_big(3).a[1]": "4",
            'print length("hello")': "5",
            "print pointer(5, 6)": "11",
            "print (*pointer)(5, add(1, 2))": "8",
            "call add(3, 4)": "7",
            "call (void)add(3, 4)": "",
            "print add(1)": "Too few arguments in function call.",
            "print zero(1)": "Cannot perform a call on a non-function value.",
            'print (int)strlen("four")': "4",
            "print crash(0)": "The function got signal 11 at 0x",
            "print endless(pointer)": "The function did not return in time; it was at 0x",
            "print add(2, 2)": "4",
            "print stop()": "The function came to a breakpoint at 0x",
        }
        answers = self.answers(self.calls, "stop", "up", *expected, "bt", "continue")
        got = dict(zip(expected, answers[1:]))
        for command, answer in expected.items():
            if answer.endswith("0x"):
                self.assertIn(answer, got[command])
            else:
                self.assertEqual(got[command], answer, command)
        self.assertRegex(answers[-2], r"^#0 +stop \(\) at .*\n#1 +0x\w+ in main \(\) at .*$")
        self.assertIn("exited normally", answers[-1])

    def test_calls_of_methods(self):
        expected = {
            "print over(7)": "7",
            "print over(7.5)": "7",
            "print pointer->area()": "16",
            "print square.shop::base::id": "3",
            "print pointer->nosuch()": "There is no member named nosuch.",
        }
        answers = self.answers(self.classes, "counted", "up", *expected)
        self.assertEqual(dict(zip(expected, answers[1:])), expected)
        expected = {
            "print numbers.size() + map.size() + word.size() + list.size() + deque.size()": "210",
            "print numbers.empty()": "false",
            "print unique.get()->x": "5",
            "print shared.get()->y": "8",
        }
        answers = self.answers(self.containers, "stop", "up", *expected)
        self.assertEqual(dict(zip(expected, answers[1:])), expected)

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

    def test_layouts(self):
        commands = ["ptype/o struct bits", "ptype $xmm0", "whatis $xmm0", "print $xmm0.v4_int32", "print sizeof($xmm0.v4_float)", "x/-2xw $sp",
                    "x/2xw", "x/-1i $pc", "print $_siginfo", "print $mxcsr", "x/-1s text"]
        answers = dict(zip(commands, self.answers(self.numbers, "counted", "up", *commands)[1:]))
        self.assertRegex(answers["ptype/o struct bits"], r"^/\* offset      \|    size \*/  type = struct bits \{\n/\* +0: 0   \|       \d \*/    ")
        self.assertRegex(answers["ptype/o struct bits"], r"\n {31}/\* total size \(bytes\): +\d+ \*/\n {29}\}$")
        self.assertIn("type = union vec128 {\n    v8bf16 v8_bfloat16;\n", answers["ptype $xmm0"])
        self.assertEqual(answers["whatis $xmm0"], "type = union vec128")
        self.assertRegex(answers["print $xmm0.v4_int32"], r"^\{.*\}$")
        self.assertEqual(answers["print sizeof($xmm0.v4_float)"], "16")
        self.assertRegex(answers["x/-2xw $sp"], r"^0x7f\w+:\t0x\w{8}\t0x\w{8}$")
        self.assertEqual(answers["x/2xw"], answers["x/-2xw $sp"])
        self.assertIn("<main+", answers["x/-1i $pc"])
        self.assertTrue(answers["print $_siginfo"].startswith("{si_signo = 5, si_errno = 0, si_code = 128, _sifields = {_pad = {0 <repeats"))
        self.assertEqual(answers["print $mxcsr"], "[ IM DM ZM OM UM PM ]")

    def script(self, text, *arguments):
        """Commands as from standard input, which goes on after an error."""
        done = subprocess.run([TOOL, "-n", "-q", *arguments], input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False, text=True)
        return done.stdout

    def test_memory_commands(self):
        path = os.path.join(self.directory.name, "bytes")
        text = self.script(f"""break square
run
set var turns = 0x44434241
find &turns, +8, "ABCD"
find /w &turns, +8, 0x44434241
print $numfound
dump memory {path} &turns (char *)&turns+4
append value {path} (char)0x45
set var turns = 0
restore {path} binary &turns
print/x turns
restore {path}
dump memory {path} main
""", self.program)
        with open(path, "rb") as stream:
            self.assertEqual(stream.read(), b"ABCDE")
        self.assertEqual(text.count("<turns>\n1 pattern found."), 2)
        self.assertIn("$2 = 0x4544434241", text)
        self.assertIn("is not a recognized file format.", text)
        self.assertIn("Missing start or stop address.", text)

    def test_words_of_the_user(self):
        saved = os.path.join(self.directory.name, "saved")
        text = self.script(f"""alias pp = print
pp 41+1
pipe print 7 | sed s/7/seven/
with listsize 2 -- list 8
define twice
print $arg0 * 2
end
document twice
Doubles.
end
twice 21
help twice
set $i = 0
while $i < 5
set $i = $i + 1
if $i == 2
loop_continue
end
if $i == 4
loop_break
end
echo i\\n
end
define hook-stop
echo stopping\\n
end
break square if x == 1
save breakpoints {saved}
run
complete info li
complete br
apropos backtrace
th
b
""", self.program)
        with open(saved, encoding="utf-8") as stream:
            self.assertEqual(stream.read(), "break square\n  condition $bpnum x == 1\n")
        for wanted in ("$1 = 42", "$2 = seven", "\nDoubles.\n", "$3 = 42", "info line\n", "break\n", "backtrace -- ",
                       "[Current thread is 1", "Breakpoint 1 at", "Breakpoint 2 at"):
            self.assertIn(wanted, text)
        self.assertEqual(len(re.findall(r"^(?:\(mini-gdb\) |>)*i$", text, re.M)), 2)
        self.assertLess(text.index("stopping"), text.index("Breakpoint 1, square"))

    def test_skip_return_and_window(self):
        text = self.script("""break main
run
next
next
set source-window on
step
finish
return 3
skip function square
info skip
run
next
next
step
step
""", self.program)
        self.assertRegex(text, r"---- .*spin.c ----\n")
        self.assertRegex(text, r"\n > +5\tstatic int square")
        self.assertRegex(text, r"\nB +8\t\tint sum = 0;")
        self.assertRegex(text, r"1 +y +n <none> +n square")
        # Where it was entered and where it was left; the second run steps over it.
        self.assertEqual(text.count("square (x=1)"), 2)

    def test_core(self):
        core = os.path.join(self.directory.name, "core")
        text = self.batch("-ex", "break square", "-ex", "run", "-ex", f"generate-core-file {core}", self.program)
        self.assertIn(f"Saved corefile {core}\n", text)
        self.assertIn("You can't do that without a process", self.batch("-ex", "gcore", self.program))
        wanted = r"#0 +square \(x=1\) at .*\n.*square.*\n"
        for arguments in ([self.program, core], ["-c", core], [self.program, "-ex", "core-file " + core]):
            text = self.batch(*arguments, "-ex", "bt", "-ex", "print x", "-ex", "info proc", "-ex", "continue")
            self.assertRegex(text, r"\[New LWP \d+\]\nCore was generated by `.*spin'\.\n")
            self.assertRegex(text, wanted)
            self.assertRegex(text, r"#1 +0x[0-9a-f]+ in main \(argc=1")
            self.assertIn("$1 = 1", text)
            self.assertIn("exe = '" + os.path.realpath(self.program), text)
            self.assertIn("The program is not being run.", text)
        text = self.script(f"core {core}\nset var turns = 1\nkill\ncore\nbt\ncore {self.program}\nrun\n", self.program)
        self.assertIn("No core file now.\n", text)
        self.assertIn("No stack.", text)
        self.assertIn("exited with code 01", text)

    def test_follow_fork(self):
        source = os.path.join(self.directory.name, "forks.c")
        with open(source, "w", encoding="utf-8") as stream:
            stream.write("#include <sys/wait.h>\n#include <unistd.h>\nint main(void)\n{\nint s;\n"
                         "if (fork() == 0)\n_exit(7);\nwait(&s);\nreturn WEXITSTATUS(s);\n}\n")
        program = source[:-2]
        subprocess.run(["cc", "-g", "-o", program, source], check=True)
        text = self.script("set follow-fork-mode child\nrun\ninfo inferiors\n", program)
        self.assertIn("[New inferior 2 (process", text)
        self.assertIn("[Inferior 2 (process", text)
        self.assertIn("exited with code 07]", text)
        text = self.script("set detach-on-fork off\nbreak 8\nrun\ninfo inferiors\ninferior 2\nbt\ncontinue\n"
                           "inferior 1\ncontinue\n", program)
        self.assertRegex(text, r"\* 1 +process \d+ .*\n +2 +process \d+")
        self.assertRegex(text, r"\[Switching to inferior 2 \[process \d+\]")
        self.assertEqual(text.count("exited with code 07]"), 2)

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
