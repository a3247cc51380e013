#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a user of the library does: install it, build a program outside the tree with pkg-config and with find_package, in C
# and in C++, and run it.  $1: the build folder; $2: the C compiler.
set -eu

build=$1
cc=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/usr" >/dev/null

cat >"$work/program.c" <<'END'
#include <stdio.h>
#include <utrace/utrace.h>

int main(void)
{
	const char *argv[] = {"/bin/true", NULL};
	struct utrace_spawn_options options = {0};
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error;
	utrace_session *session;
	utrace_process *process;
	int ends = 0;

	options.size = sizeof(options);
	options.argv = argv;
	if (utrace_session_open(NULL, &session, &error) || utrace_spawn(session, &options, &process, &error)) {
		printf("%s\n", error.text);
		return 1;
	}
	while (utrace_session_next(session, &event, -1, NULL) == 1) {
		ends += event.reason == UTRACE_EVENT_PROCESS_END;
		if (event.flags & UTRACE_EVENT_HELD)
			(void)utrace_thread_resume(event.thread, NULL, NULL);
	}
	utrace_process_unref(process);
	utrace_session_close(session);
	printf("%u ends %d\n", (unsigned)utrace_version() >> 16, ends);
	return ends != 1;
}
END
cp "$work/program.c" "$work/program.cc"

lib=$(dirname "$(find "$work/usr" -name libutrace.so.0)")
[ "$(readelf -d "$lib/libutrace.so.0" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" = libutrace.so.0 ]
export PKG_CONFIG_PATH="$lib/pkgconfig" LD_LIBRARY_PATH="$lib"

# shellcheck disable=SC2046 # the flags are words
"$cc" -Wall -Werror "$work/program.c" -o "$work/c" $(pkg-config --cflags --libs utrace)
"$work/c"
# shellcheck disable=SC2046
c++ -Wall -Werror "$work/program.cc" -o "$work/cxx" $(pkg-config --cflags --libs utrace)
"$work/cxx"

cat >"$work/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES C CXX)
find_package(utrace 0.1 REQUIRED)
add_executable(with_c program.c)
target_link_libraries(with_c utrace::utrace)
add_executable(with_cxx program.cc)
target_link_libraries(with_cxx utrace::utrace_static)
END
generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt")
cmake -G "$generator" -S "$work" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/usr" >/dev/null
cmake --build "$work/build" >/dev/null
"$work/build/with_c"
"$work/build/with_cxx"
