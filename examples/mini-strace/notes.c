/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/notes.c - lines that are not calls, as text or as JSON.
 */
#include "notes.h"

#include <sys/wait.h>

#include "json.h"
#include "tool.h"

static bool is_quiet(const struct tool *tool, enum quiet what)
{
	return tool->options.quiet & what;
}

/* Takes the text. */
static void print(struct tool *tool, utrace_thread *thread, struct text *text)
{
	line_note(tool, thread, text->data);
	text_free(text);
}

/* Takes `members`, and puts them behind what every object has. */
static void print_json(struct tool *tool, utrace_thread *thread, const char *type, json_t *members)
{
	json_t *object;

	if (track_of(thread)->ignored || tool->hide_until_execve || tool->options.count.only) {
		json_decref(members);
		return;
	}
	object = json_begin(thread, type);
	(void)json_object_update_new(object, members);
	json_print(tool, thread, object);
}

static json_t *signal_json(int signal)
{
	struct text name = {0};
	json_t *object;

	signal_name(&name, signal);
	object = json_pack("{s:s}", "signal", name.data);
	text_free(&name);
	return object;
}

static bool is_wanted(const struct tool *tool, int signal)
{
	return signal > 0 && tool->options.signals >> (signal - 1) & 1;
}

void note_signal(struct tool *tool, utrace_thread *thread, const siginfo_t *info)
{
	struct text text = {0};

	if (!is_wanted(tool, info->si_signo))
		return;
	if (tool->options.show.json) {
		json_t *members = signal_json(info->si_signo);

		(void)json_object_update_new(members, signal_take_json(&tool->options.show, info));
		print_json(tool, thread, "signal", members);
		return;
	}
	text_string(&text, "--- ");
	signal_name(&text, info->si_signo);
	text_char(&text, ' ');
	signal_describe(&text, &tool->options.show, info);
	text_string(&text, " ---");
	print(tool, thread, &text);
	stack_note(tool, thread);
}

void note_stop(struct tool *tool, utrace_thread *thread, int signal)
{
	struct text text = {0};

	if (!is_wanted(tool, signal))
		return;
	if (tool->options.show.json) {
		print_json(tool, thread, "stop", signal_json(signal));
		return;
	}
	text_string(&text, "--- stopped by ");
	signal_name(&text, signal);
	text_string(&text, " ---");
	print(tool, thread, &text);
	stack_note(tool, thread);
}

static json_t *exit_json(int status)
{
	json_t *members;

	if (WIFEXITED(status))
		return json_pack("{s:i}", "status", WEXITSTATUS(status));
	members = signal_json(WTERMSIG(status));
	(void)json_object_set_new(members, "core_dumped", json_boolean(WCOREDUMP(status)));
	return members;
}

void note_exit(struct tool *tool, utrace_thread *thread, int status)
{
	struct text text = {0};

	if (is_quiet(tool, QUIET_EXIT) || (WIFSIGNALED(status) && !is_wanted(tool, WTERMSIG(status))))
		return;
	if (tool->options.show.json) {
		print_json(tool, thread, "exit", exit_json(status));
		return;
	}
	exit_describe(&text, status);
	print(tool, thread, &text);
}

void note_superseded(struct tool *tool, utrace_thread *thread, pid_t by)
{
	struct text text = {0};

	if (is_quiet(tool, QUIET_THREAD_EXECVE))
		return;
	if (tool->options.show.json) {
		print_json(tool, thread, "superseded", json_pack("{s:i}", "by", by));
		return;
	}
	text_add(&text, "+++ superseded by execve in pid %d +++", by);
	print(tool, thread, &text);
}

void note_personality(struct tool *tool, utrace_thread *thread, uint32_t abi)
{
	static const char *const modes[] = {
		[UTRACE_ABI_X86_64] = "64 bit", [UTRACE_ABI_X32] = "x32", [UTRACE_ABI_I386] = "32 bit"};
	struct track *track = track_of(thread);
	uint32_t before = track->mode ? track->mode : UTRACE_ABI_X86_64;
	struct text text = {0};

	track->mode = abi;
	if (before == abi || is_quiet(tool, QUIET_PERSONALITY))
		return;
	if (tool->options.show.json) {
		print_json(tool, thread, "personality", json_pack("{s:s}", "abi", utrace_abi_name(abi)));
		return;
	}
	text_add(&text, "[ Process PID=%d runs in %s mode. ]", utrace_thread_tid(thread), modes[abi]);
	print(tool, thread, &text);
}
