/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/summary.c - the table of -c: calls counted by name.
 *
 * Times are wall-clock between entry and exit; the table is sorted by them.
 */
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { ROOM = 1024 };

struct row {
	const char *name; /* of the library's table, so it lives as long as the program */
	double seconds;
	unsigned long calls;
	unsigned long errors;
};

struct summary {
	struct row rows[ROOM];
	size_t count;
};

struct summary *summary_create(void)
{
	return calloc(1, sizeof(struct summary));
}

void summary_destroy(struct summary *summary)
{
	free(summary);
}

static struct row *find(struct summary *summary, const char *name)
{
	for (size_t i = 0; i < summary->count; i++) {
		if (strcmp(summary->rows[i].name, name) == 0)
			return &summary->rows[i];
	}
	if (summary->count == ROOM)
		return &summary->rows[ROOM - 1];
	summary->rows[summary->count].name = name;
	return &summary->rows[summary->count++];
}

void summary_add(struct summary *summary, const struct utrace_event_syscall *call, double seconds)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);
	struct row *row = find(summary, info ? info->name : "unknown");

	row->calls++;
	row->errors += call->is_error;
	row->seconds += seconds;
}

static int compare(const void *left, const void *right)
{
	const struct row *a = left;
	const struct row *b = right;

	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void print_row(FILE *out, double share, const struct row *row)
{
	char errors[24] = "";

	if (row->errors)
		(void)snprintf(errors, sizeof(errors), "%lu", row->errors);
	(void)fprintf(out, "%6.2f %11.6f %11.0f %9lu %9s %s\n", share, row->seconds,
		      row->calls ? row->seconds * 1e6 / (double)row->calls : 0.0, row->calls, errors, row->name);
}

void summary_print(const struct summary *summary, FILE *out)
{
	static const char rule[] = "------ ----------- ----------- --------- --------- ----------------";
	struct summary *sorted = malloc(sizeof(*sorted));
	struct row total = {.name = "total"};

	if (!sorted)
		return;
	*sorted = *summary;
	qsort(sorted->rows, sorted->count, sizeof(sorted->rows[0]), compare);
	for (size_t i = 0; i < sorted->count; i++) {
		total.calls += sorted->rows[i].calls;
		total.errors += sorted->rows[i].errors;
		total.seconds += sorted->rows[i].seconds;
	}
	(void)fprintf(out, "%% time     seconds  usecs/call     calls    errors syscall\n%s\n", rule);
	for (size_t i = 0; i < sorted->count; i++)
		print_row(out, total.seconds > 0 ? 100 * sorted->rows[i].seconds / total.seconds : 0, &sorted->rows[i]);
	(void)fprintf(out, "%s\n", rule);
	print_row(out, 100, &total);
	free(sorted);
}
