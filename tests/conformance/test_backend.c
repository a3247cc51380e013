/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_backend.c - which backend a session runs on: chosen by the option, else by the environment, and never quietly
 * another one than was asked for.
 */
#include "support_talk.h"

#include <stdlib.h>
#include <string.h>

/* What the environment says is restored by its own teardown: other tests are run on the backend that it chooses. */
static char *saved;

static int setup(void **state)
{
	const char *value = getenv("UTRACE_BACKEND");

	(void)state;
	saved = value ? strdup(value) : NULL;
	unsetenv("UTRACE_BACKEND");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (saved)
		setenv("UTRACE_BACKEND", saved, 1);
	else
		unsetenv("UTRACE_BACKEND");
	free(saved);
	return 0;
}

/* Opens with this choice; the name of the backend, or NULL with the error. */
static const char *backend_of(uint32_t backend, struct utrace_error *error)
{
	struct utrace_session_options options = {.size = sizeof(options), .backend = backend};
	utrace_session *session = NULL;
	const char *name;

	memset(error, 0, sizeof(*error));
	if (utrace_session_open(&options, &session, error)) {
		assert_null(session);
		return NULL;
	}
	name = utrace_session_backend(session);
	utrace_session_close(session);
	return name;
}

/* The kernel's, or a clear error where this kernel has none; ptrace in its place never. */
static void expect_kernel_or_refusal(uint32_t choice)
{
	struct utrace_error error;
	const char *name = backend_of(choice, &error);

	if (name) {
		assert_string_equal(name, "kernel");
		return;
	}
	assert_int_equal(error.status, UTRACE_UNSUPPORTED);
	assert_non_null(strstr(error.text, "utrace system call"));
}

static void test_option(void **state)
{
	struct utrace_error error;

	(void)state;
	assert_string_equal(backend_of(UTRACE_BACKEND_PTRACE, &error), "ptrace");
	expect_kernel_or_refusal(UTRACE_BACKEND_KERNEL);
	assert_null(backend_of(UTRACE_BACKEND_CORE + 1, &error));
	assert_int_equal(error.status, UTRACE_INVALID);
}

static void test_environment(void **state)
{
	struct utrace_error error;

	(void)state;
	setenv("UTRACE_BACKEND", "ptrace", 1);
	assert_string_equal(backend_of(UTRACE_BACKEND_DEFAULT, &error), "ptrace");
	setenv("UTRACE_BACKEND", "kernel", 1);
	expect_kernel_or_refusal(UTRACE_BACKEND_DEFAULT);
	/* The option wins. */
	assert_string_equal(backend_of(UTRACE_BACKEND_PTRACE, &error), "ptrace");
	setenv("UTRACE_BACKEND", "dtrace", 1);
	assert_null(backend_of(UTRACE_BACKEND_DEFAULT, &error));
	assert_int_equal(error.status, UTRACE_INVALID);
	assert_non_null(strstr(error.text, "\"dtrace\""));
	setenv("UTRACE_BACKEND", "", 1);
	assert_non_null(backend_of(UTRACE_BACKEND_DEFAULT, &error));
}

/* The kernel's where it is there and usable, else ptrace. */
static void test_nothing_asked_for(void **state)
{
	struct utrace_error error;
	const char *expected = backend_of(UTRACE_BACKEND_KERNEL, &error) ? "kernel" : "ptrace";

	(void)state;
	assert_string_equal(backend_of(UTRACE_BACKEND_DEFAULT, &error), expected);
}

static uint64_t capabilities_of(uint32_t backend)
{
	struct utrace_session_options options = {.size = sizeof(options), .backend = backend};
	utrace_session *session = NULL;
	uint64_t capabilities;

	if (utrace_session_open(&options, &session, NULL))
		return 0;
	capabilities = utrace_session_capabilities(session);
	utrace_session_close(session);
	return capabilities;
}

/* The table in docs/backends.md. */
static void test_capabilities(void **state)
{
	const uint64_t ptrace_only = UTRACE_CAN_INJECT_STOPPED;
	const uint64_t kernel_only = UTRACE_CAN_FILTER_ATTACHED | UTRACE_CAN_SHARE_TRACEE | UTRACE_CAN_SEE_UNTRACED |
				     UTRACE_CAN_LET_GAIN | UTRACE_CAN_WATCH_CALLS | UTRACE_CAN_RECORD_UNSTOPPED |
				     UTRACE_CAN_END_STEPS;
	uint64_t on_kernel = capabilities_of(UTRACE_BACKEND_KERNEL);
	uint64_t on_ptrace = capabilities_of(UTRACE_BACKEND_PTRACE);

	(void)state;
	assert_true((on_ptrace & (ptrace_only | kernel_only)) == ptrace_only);
	if (on_kernel)
		assert_true((on_kernel & (ptrace_only | kernel_only)) == kernel_only);
	assert_true(on_ptrace & UTRACE_CAN_FILTER_SPAWNED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_option, setup, teardown),
		cmocka_unit_test_setup_teardown(test_environment, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(test_capabilities, setup, teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
