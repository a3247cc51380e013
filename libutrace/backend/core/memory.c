/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/core/memory.c - memory of a core: what it holds, and what the mapped files have for what it has left out.
 *
 * What was mapped but neither is there (a truncated core, private memory that coredump_filter left out) is a fault, not
 * zeros: nobody knows what it was.
 */
#include <errno.h>
#include <unistd.h>

#include "backend/core/core.h"

struct cf_segment *cf_segment_at(const struct cf_process *core, uint64_t address)
{
	size_t low = 0;
	size_t high = core->segment_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (core->segments[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < core->segment_count && address >= core->segments[low].start ? &core->segments[low] : NULL;
}

size_t cf_read_held(const struct cf_process *core, const struct cf_segment *segment, uint64_t address, void *buffer,
		    size_t size)
{
	uint64_t into = address - segment->start;
	size_t done = 0;

	if (into >= segment->held)
		return 0;
	if (size > segment->held - into)
		size = (size_t)(segment->held - into);
	while (done < size) {
		ssize_t n = pread(core->fd, (char *)buffer + done, size - done, (off_t)(segment->offset + into + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

ssize_t cf_read(utrace_process *process, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	struct cf_process *core = cf_of(process);
	size_t done = 0;

	(void)error;
	while (done < size) {
		uint64_t at = address + done;
		const struct cf_segment *segment = cf_segment_at(core, at);
		size_t part = size - done;
		size_t got;

		if (!segment)
			break;
		if (part > segment->end - at)
			part = (size_t)(segment->end - at);
		/* What the core should hold may have been changed: the file can't stand in for it. */
		if (at - segment->start < segment->held)
			got = cf_read_held(core, segment, at, (char *)buffer + done, part);
		else
			got = cf_read_file(core, segment, at, (char *)buffer + done, part);
		if (!got)
			break;
		done += got;
	}
	return (ssize_t)done;
}

int cf_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count, struct utrace_error *error)
{
	for (size_t i = 0; i < count; i++)
		spans[i].done = (size_t)cf_read(process, spans[i].address, spans[i].buffer, spans[i].size, error);
	return UTRACE_OK;
}
