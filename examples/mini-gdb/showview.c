/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/showview.c - views (view.h) as gdb prints what its library of printers gives: a title, " = ", children in
 * braces.
 */
#include <string.h>

#include "printer.h"
#include "view.h"

enum { VIEW_DEPTH_MAX = 20 };

static void show_string(struct gdb *gdb, const struct view *view)
{
	if (view->prefix)
		print_wide(gdb, view->text, view->length, view->size, view->prefix, view->more);
	else
		print_characters(gdb, view->text, view->length, view->more);
}

static void before_child(struct gdb *gdb, const struct printer *printer, const struct view *view, unsigned int count)
{
	bool pretty = gdb->settings.print_pretty && view->style != VIEW_ARRAY;
	bool is_second = view->style == VIEW_MAP && count % 2;

	if (is_second) {
		say(gdb, "] = ");
		return;
	}
	say(gdb, "%s", count ? pretty ? "," : ", " : "{");
	if (pretty)
		pretty_indent(gdb, printer->depth + 1);
	if (view->style == VIEW_MAP)
		say(gdb, "[");
}

/* Elements that an array or a text has are counted each for itself: only children are counted here. */
static void show_children(struct gdb *gdb, const struct printer *printer, struct view *view)
{
	bool pretty = gdb->settings.print_pretty && view->style != VIEW_ARRAY;
	unsigned int limit = gdb->settings.print_elements;
	unsigned int count = 0;
	const char *name = NULL;
	struct value *child;

	while ((child = view->next(gdb, view, &name)) && (!limit || count < limit)) {
		if (!count && view->title)
			say(gdb, " = ");
		before_child(gdb, printer, view, count);
		if (view->style == VIEW_NAMED && name)
			say(gdb, "%s = ", name);
		else if (view->style == VIEW_ARRAY && gdb->settings.print_array_indexes)
			say(gdb, "[%u] = ", count);
		show_nested(gdb, printer, child, NULL);
		gdb->error = NULL;
		count++;
	}
	if (gdb->error) {
		say(gdb, "%s", count ? ", " : view->title ? " = {" : "{");
		show_error(gdb);
		say(gdb, "}");
		return;
	}
	if (!count)
		return;
	say(gdb, "%s", child ? "..." : "");
	if (pretty)
		pretty_indent(gdb, printer->depth);
	say(gdb, "}");
}

static bool has_children(struct gdb *gdb, const struct view *view)
{
	struct view probe = *view;
	const char *name;
	bool has = probe.next(gdb, &probe, &name) != NULL;

	gdb->error = NULL;
	return has;
}

static void show_value(struct gdb *gdb, const struct printer *printer, const struct view *view)
{
	struct printer inner = *printer;

	inner.top = false;
	if (view->title)
		say(gdb, "%s", view->title);
	show(gdb, &inner, view->inner);
	if (view->title)
		say(gdb, " }");
}

bool show_view(struct gdb *gdb, const struct printer *printer, struct value *value)
{
	struct view view;

	if (printer->format->raw || !gdb->image || printer->depth > VIEW_DEPTH_MAX)
		return false;
	if (!view_of(gdb, value, &view)) {
		if (!gdb->error)
			return false;
		show_error(gdb);
		return true;
	}
	if (view.style == VIEW_STRING)
		show_string(gdb, &view);
	else if (view.style == VIEW_VALUE)
		show_value(gdb, printer, &view);
	else if (view.title)
		say(gdb, "%s", view.title);
	if (view.style < VIEW_ARRAY)
		return true;
	if (!printer->summary)
		show_children(gdb, printer, &view);
	else if (has_children(gdb, &view))
		say(gdb, "%s{...}", view.title ? " = " : "");
	return true;
}
