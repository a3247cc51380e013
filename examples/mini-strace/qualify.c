/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/qualify.c - "-e QUALIFIER=SET" and the columns of -c.
 */
#include "qualify.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* Several have short and plural names. */
static const struct {
	const char *name;
	enum qualifier qualifier;
} qualifiers[] = {
	{"trace", Q_TRACE},
	{"t", Q_TRACE},
	{"abbrev", Q_ABBREV},
	{"a", Q_ABBREV},
	{"verbose", Q_VERBOSE},
	{"v", Q_VERBOSE},
	{"raw", Q_RAW},
	{"x", Q_RAW},
	{"signal", Q_SIGNAL},
	{"signals", Q_SIGNAL},
	{"s", Q_SIGNAL},
	{"read", Q_READ},
	{"reads", Q_READ},
	{"r", Q_READ},
	{"write", Q_WRITE},
	{"writes", Q_WRITE},
	{"w", Q_WRITE},
	{"fault", Q_FAULT},
	{"inject", Q_INJECT},
	{"status", Q_STATUS},
	{"quiet", Q_QUIET},
	{"silent", Q_QUIET},
	{"silence", Q_QUIET},
	{"q", Q_QUIET},
	{"decode-fds", Q_DECODE_FDS},
	{"decode-fd", Q_DECODE_FDS},
	{"kvm", Q_KVM},
	{"decode-pids", Q_DECODE_PIDS},
	{"decode-pid", Q_DECODE_PIDS},
};

static const struct bit_name fds_names[] = {
	{"path", FDS_PATH}, {"socket", FDS_SOCKET}, {"dev", FDS_DEV}, {"pidfd", FDS_PIDFD}, {NULL, 0},
};

static const struct bit_name pids_names[] = {
	{"comm", PIDS_COMM},
	{"pidns", PIDS_NAMESPACE},
	{NULL, 0},
};

static const struct bit_name status_names[] = {
	{"successful", STATUS_SUCCESSFUL},   {"failed", STATUS_FAILED},     {"unfinished", STATUS_UNFINISHED},
	{"unavailable", STATUS_UNAVAILABLE}, {"detached", STATUS_DETACHED}, {NULL, 0},
};

static const struct bit_name quiet_names[] = {
	{"attach", QUIET_ATTACH},
	{"exit", QUIET_EXIT},
	{"path-resolution", QUIET_PATHS},
	{"personality", QUIET_PERSONALITY},
	{"thread-execve", QUIET_THREAD_EXECVE},
	{"superseded", QUIET_THREAD_EXECVE},
	{NULL, 0},
};

static void add_injection(struct options *options, const char *text, bool fault)
{
	size_t size = (options->injection_count + 1) * sizeof(*options->injections);
	struct injection *grown = realloc(options->injections, size);

	if (!grown)
		die("out of memory");
	options->injections = grown;
	inject_parse(&grown[options->injection_count++], text, fault);
}

void qualify(struct options *options, enum qualifier qualifier, const char *list)
{
	struct show *show = &options->show;

	switch (qualifier) {
	case Q_TRACE:
		call_set_parse(&options->trace, list);
		break;
	case Q_SIGNAL:
		options->signals = signal_set_parse(list);
		break;
	case Q_STATUS:
		options->statuses = (uint32_t)bit_set_parse(list, status_names, STATUS_ALL, "status");
		break;
	case Q_ABBREV:
		call_set_parse(&show->abbrev, list);
		break;
	case Q_VERBOSE:
		call_set_parse(&show->verbose, list);
		break;
	case Q_RAW:
		call_set_parse(&show->raw, list);
		break;
	case Q_READ:
		number_set_parse(&show->reads, list, "descriptor");
		break;
	case Q_WRITE:
		number_set_parse(&show->writes, list, "descriptor");
		break;
	case Q_FAULT:
	case Q_INJECT:
		add_injection(options, list, qualifier == Q_FAULT);
		break;
	case Q_QUIET:
		options->quiet =
			(uint32_t)bit_set_parse(list ? list : "attach,personality", quiet_names, QUIET_ALL, "quiet");
		break;
	case Q_DECODE_FDS:
		show->fds = (uint32_t)bit_set_parse(list ? list : "path", fds_names, FDS_ALL, "decode-fds");
		break;
	case Q_DECODE_PIDS:
		show->pids = (uint32_t)bit_set_parse(list, pids_names, PIDS_ALL, "decode-pids");
		break;
	case Q_KVM:
		die("kvm=%s: exits of virtual CPUs are not decoded", list);
	}
}

enum qualifier qualify_expression(struct options *options, const char *expression)
{
	size_t length = strcspn(expression, "=");

	for (size_t i = 0; expression[length] && i < sizeof(qualifiers) / sizeof(qualifiers[0]); i++) {
		if (strlen(qualifiers[i].name) == length && strncmp(qualifiers[i].name, expression, length) == 0) {
			qualify(options, qualifiers[i].qualifier, expression + length + 1);
			return qualifiers[i].qualifier;
		}
	}
	qualify(options, Q_TRACE, expression);
	return Q_TRACE;
}

/* "time" is a share as a column and the total as an order; both rank alike. */
static const struct {
	const char *name;
	enum column column;
} columns[] = {
	{"time", COLUMN_TIME},         {"time-percent", COLUMN_TIME}, {"time_percent", COLUMN_TIME},
	{"total-time", COLUMN_TOTAL},  {"time-total", COLUMN_TOTAL},  {"total_time", COLUMN_TOTAL},
	{"time_total", COLUMN_TOTAL},  {"min-time", COLUMN_MIN},      {"min_time", COLUMN_MIN},
	{"shortest", COLUMN_MIN},      {"time-min", COLUMN_MIN},      {"time_min", COLUMN_MIN},
	{"max-time", COLUMN_MAX},      {"max_time", COLUMN_MAX},      {"longest", COLUMN_MAX},
	{"time-max", COLUMN_MAX},      {"time_max", COLUMN_MAX},      {"avg-time", COLUMN_AVERAGE},
	{"avg_time", COLUMN_AVERAGE},  {"time-avg", COLUMN_AVERAGE},  {"time_avg", COLUMN_AVERAGE},
	{"calls", COLUMN_CALLS},       {"count", COLUMN_CALLS},       {"errors", COLUMN_ERRORS},
	{"error", COLUMN_ERRORS},      {"name", COLUMN_NAME},         {"syscall", COLUMN_NAME},
	{"syscall-name", COLUMN_NAME}, {"syscall_name", COLUMN_NAME}, {"nothing", COLUMN_NOTHING},
	{"none", COLUMN_NOTHING},
};

static bool column_find(const char *name, enum column *column)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		if (strcmp(columns[i].name, name) == 0) {
			*column = columns[i].column;
			return true;
		}
	}
	return false;
}

enum column column_parse(const char *name)
{
	enum column column;

	if (!column_find(name, &column))
		usage_error("invalid sortby: '%s'", name);
	return column;
}

static void add_column(struct count_options *count, enum column column)
{
	count->columns[count->column_count++] = column;
}

void columns_parse(struct count_options *count, const char *list)
{
	bool seen[COLUMNS + 1] = {false};
	char *copy = strdup(list);
	char *rest = copy;

	if (!copy)
		die("out of memory");
	count->column_count = 0;
	count->chosen = true;
	for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ",")) {
		enum column column;

		if (!column_find(word, &column) || column == COLUMN_NOTHING)
			usage_error("unknown column name: '%s'", word);
		if (seen[column])
			usage_error("call summary column has been provided more than once: '%s' (-U option residual: "
				    "'%s%s%s')",
				    word, word, rest ? "," : "", rest ? rest : "");
		seen[column] = true;
		add_column(count, column);
	}
	free(copy);
	if (!seen[COLUMN_NAME])
		add_column(count, COLUMN_NAME);
}

void columns_default(struct count_options *count)
{
	static const enum column usual[] = {COLUMN_TIME,  COLUMN_TOTAL,  COLUMN_AVERAGE,
					    COLUMN_CALLS, COLUMN_ERRORS, COLUMN_NAME};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		add_column(count, usual[i]);
}
