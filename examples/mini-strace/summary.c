/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/summary.c - the tables of -c: calls counted by name, a table for each ABI that was used.
 *
 * Times are nanoseconds.
 */
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { ROOM = 1024, ABIS = UTRACE_ABI_I386 };

struct row {
	char name[32];
	int64_t number;
	int64_t total;
	int64_t least;
	int64_t most;
	uint64_t calls;
	uint64_t errors;
};

struct table {
	struct row *rows;
	size_t count;
};

struct summary {
	struct table tables[ABIS + 1];
};

struct summary *summary_create(void)
{
	struct summary *summary = calloc(1, sizeof(*summary));

	if (!summary)
		die("out of memory");
	return summary;
}

void summary_destroy(struct summary *summary)
{
	if (!summary)
		return;
	for (int abi = 0; abi <= ABIS; abi++)
		free(summary->tables[abi].rows);
	free(summary);
}

static struct row *row_of(struct table *table, const struct utrace_event_syscall *call)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);
	struct row *row;

	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].number == call->number)
			return &table->rows[i];
	}
	row = realloc(table->rows, (table->count + 1) * sizeof(*row));
	if (!row)
		die("out of memory");
	table->rows = row;
	row += table->count++;
	*row = (struct row){.number = call->number, .least = INT64_MAX};
	if (info)
		(void)snprintf(row->name, sizeof(row->name), "%s", info->name);
	else
		(void)snprintf(row->name, sizeof(row->name), "syscall_0x%llx", (unsigned long long)call->number);
	return row;
}

void summary_add(struct summary *summary, const struct utrace_event_syscall *call, int64_t nanoseconds)
{
	struct row *row = row_of(&summary->tables[call->abi <= ABIS ? call->abi : 0], call);

	row->calls++;
	row->errors += call->is_error;
	row->total += nanoseconds;
	if (nanoseconds < row->least)
		row->least = nanoseconds;
	if (nanoseconds > row->most)
		row->most = nanoseconds;
}

static int64_t average(const struct row *row)
{
	return row->calls ? row->total / (int64_t)row->calls : 0;
}

/* What a row is ranked by; the largest comes first. */
static int64_t rank(const struct row *row, enum column column)
{
	switch (column) {
	case COLUMN_MIN:
		return row->least;
	case COLUMN_MAX:
		return row->most;
	case COLUMN_AVERAGE:
		return average(row);
	case COLUMN_CALLS:
		return (int64_t)row->calls;
	case COLUMN_ERRORS:
		return (int64_t)row->errors;
	default:
		return row->total;
	}
}

static int compare(const void *left, const void *right, void *context)
{
	const struct row *a = left;
	const struct row *b = right;
	enum column column = *(const enum column *)context;

	if (column == COLUMN_NAME)
		return strcmp(a->name, b->name);
	if (column != COLUMN_NOTHING && rank(a, column) != rank(b, column))
		return rank(a, column) < rank(b, column) ? 1 : -1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* Titles and widths are strace's. */
static const struct {
	const char *title;
	int width;
} shapes[COLUMNS] = {
	[COLUMN_TIME] = {"% time", 6},   [COLUMN_TOTAL] = {"seconds", 11},      [COLUMN_MIN] = {"shortest", 8},
	[COLUMN_MAX] = {"longest", 8},   [COLUMN_AVERAGE] = {"usecs/call", 11}, [COLUMN_CALLS] = {"calls", 9},
	[COLUMN_ERRORS] = {"errors", 9}, [COLUMN_NAME] = {"syscall", 16},
};

static void print_cell(FILE *out, const struct row *row, enum column column, int64_t whole, int width)
{
	double share = whole ? 100.0 * (double)row->total / (double)whole : 0;

	switch (column) {
	case COLUMN_TIME:
		(void)fprintf(out, "%*.2f", width, share);
		break;
	case COLUMN_TOTAL:
	case COLUMN_MIN:
	case COLUMN_MAX:
		(void)fprintf(out, "%*.6f", width, (double)rank(row, column) / 1e9);
		break;
	case COLUMN_AVERAGE:
	case COLUMN_CALLS:
		(void)fprintf(out, "%*lld", width,
			      (long long)(rank(row, column) / (column == COLUMN_AVERAGE ? 1000 : 1)));
		break;
	case COLUMN_ERRORS:
		if (row->errors)
			(void)fprintf(out, "%*llu", width, (unsigned long long)row->errors);
		else
			(void)fprintf(out, "%*s", width, "");
		break;
	default:
		(void)fprintf(out, "%-*s", width, row->name);
		break;
	}
}

/* The last column, if it is the name, isn't filled up. */
static int width_of(const struct count_options *options, int index)
{
	bool last_name = options->columns[index] == COLUMN_NAME && index == options->column_count - 1;

	return last_name ? 0 : shapes[options->columns[index]].width;
}

static void print_row(FILE *out, const struct count_options *options, const struct row *row, int64_t whole)
{
	for (int i = 0; i < options->column_count; i++) {
		(void)fprintf(out, "%s", i ? " " : "");
		print_cell(out, row, options->columns[i], whole, width_of(options, i));
	}
	(void)fprintf(out, "\n");
}

static void print_titles(FILE *out, const struct count_options *options)
{
	for (int i = 0; i < options->column_count; i++) {
		bool left = options->columns[i] == COLUMN_NAME;

		(void)fprintf(out, left ? "%s%-*s" : "%s%*s", i ? " " : "", width_of(options, i),
			      shapes[options->columns[i]].title);
	}
	(void)fprintf(out, "\n");
}

static void print_rule(FILE *out, const struct count_options *options)
{
	static const char dashes[] = "----------------";

	for (int i = 0; i < options->column_count; i++)
		(void)fprintf(out, "%s%.*s", i ? " " : "", shapes[options->columns[i]].width, dashes);
	(void)fprintf(out, "\n");
}

static void print_table(struct table *table, const struct count_options *options, FILE *out)
{
	struct row total = {.name = "total", .least = INT64_MAX};
	enum column sort = options->sort;

	qsort_r(table->rows, table->count, sizeof(table->rows[0]), compare, &sort);
	for (size_t i = 0; i < table->count; i++) {
		const struct row *row = &table->rows[i];

		total.calls += row->calls;
		total.errors += row->errors;
		total.total += row->total;
		total.least = row->least < total.least ? row->least : total.least;
		total.most = row->most > total.most ? row->most : total.most;
	}
	print_titles(out, options);
	print_rule(out, options);
	for (size_t i = 0; i < table->count; i++)
		print_row(out, options, &table->rows[i], total.total);
	print_rule(out, options);
	/* The whole is 100 %, also of nothing. */
	if (!total.total) {
		total.total = 1;
		print_row(out, options, &total, 1);
		return;
	}
	print_row(out, options, &total, total.total);
}

void summary_print(struct summary *summary, const struct count_options *options, FILE *out)
{
	static const char *const modes[] = {
		[UTRACE_ABI_X86_64] = "64 bit", [UTRACE_ABI_X32] = "x32", [UTRACE_ABI_I386] = "32 bit"};
	bool several = false;

	for (uint32_t abi = 1; abi <= ABIS; abi++) {
		struct table *table = &summary->tables[abi];

		if (!table->count)
			continue;
		if (abi != UTRACE_ABI_X86_64 || several)
			(void)fprintf(out, "System call usage summary for %s mode:\n", modes[abi]);
		print_table(table, options, out);
		several = true;
	}
}
