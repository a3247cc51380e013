/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/times.c - what is special about times and clocks.
 */
#include <string.h>
#include <sys/stat.h>

#include "decode/decoder.h"
#include "tables.h"

/* Written by the kernel only if a signal ended the sleep. */
bool arg_remaining(struct decoder *d, const struct spec *spec, uint64_t value)
{
	bool interrupted = d->failed && d->call->result <= -512 && d->call->result >= -516;
	bool absolute = d->state->plan && d->state->next == 3 && argument(d, 1);
	struct decoder readable = *d;

	if (must_wait(d))
		return false;
	readable.failed = false;
	if (interrupted && !absolute)
		layout_show_at(&readable, spec->set, as_ulong(d, value));
	else
		writer_address(d->writer, as_ulong(d, value));
	return true;
}

/* A negative clock is made of a process, a thread or a descriptor. (linux/posix-timers.h in the kernel) */
bool arg_clockid(struct decoder *d, const struct spec *spec, uint64_t value)
{
	static const char *const clocks[] = {"CPUCLOCK_PROF", "CPUCLOCK_VIRT", "CPUCLOCK_SCHED"};
	int clock = (int)value;
	int number = ~(clock >> 3);

	(void)spec;
	if (clock >= 0)
		writer_constant(d->writer, &set_clockid, (uint64_t)clock);
	else if (d->show->constants == CONSTANTS_RAW)
		writer_integer(d->writer, clock);
	else if ((clock & 7) == 3)
		write_token(d, "FD_TO_CLOCKID(%d)", number);
	else if ((clock & 3) < 3)
		write_token(d, "%s(%d, %s)", clock & 4 ? "MAKE_THREAD_CPUCLOCK" : "MAKE_PROCESS_CPUCLOCK", number,
			    clocks[clock & 3]);
	else
		write_token(d, "%s(%d, %#x /* CPUCLOCK_??? */)",
			    clock & 4 ? "MAKE_THREAD_CPUCLOCK" : "MAKE_PROCESS_CPUCLOCK", number, clock & 7);
	return true;
}

/* Two times, each with its date. */
static void show_pair(struct decoder *d, uint64_t address, const struct layouts *layouts, int64_t scale)
{
	const struct layout *layout = layout_of(d, layouts);
	unsigned char bytes[32];
	struct piece piece = {.bytes = bytes, .size = layout->size, .address = address};

	if (!address || !d->verbose || !fetch(d, address, bytes, layout->size * 2)) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	for (int i = 0; i < 2; i++, piece.bytes += layout->size) {
		int64_t seconds = (int64_t)field_value(&layout->fields[0], &piece);
		int64_t part = (int64_t)field_value(&layout->fields[1], &piece);

		if (scale == 1 && part == UTIME_NOW) {
			writer_token(d->writer, "UTIME_NOW");
		} else if (scale == 1 && part == UTIME_OMIT) {
			writer_token(d->writer, "UTIME_OMIT");
		} else {
			layout_show(d, layout, &piece);
			show_time_comment(d, seconds, (int64_t)((uint64_t)part * (uint64_t)scale));
		}
	}
	writer_end(d->writer);
}

bool arg_utimes(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_pair(d, as_ulong(d, value), &struct_timeval, 1000);
	return true;
}

bool arg_utimens(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_pair(d, as_ulong(d, value), &struct_timespec, 1);
	return true;
}

bool arg_utimens64(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_pair(d, as_ulong(d, value), &struct___kernel_timespec, 1);
	return true;
}

void result_time(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_integer(d->writer, result);
	show_time_comment(d, result, 0);
}

void show_sigval(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint64_t value = field_value(field, piece);

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "sival_int");
	writer_integer(d->writer, (int32_t)value);
	writer_name(d->writer, "sival_ptr");
	writer_address(d->writer, value);
	writer_end(d->writer);
}

bool when_sigval(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)layout;
	return field_value(field, piece) != 0;
}

bool when_sigev_thread(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	return layout_value(layout, piece, "sigev_notify") == 4; /* SIGEV_THREAD_ID */
}

void show_sigev_signo(struct decoder *d, const struct field *field, const struct piece *piece)
{
	int32_t notify;

	memcpy(&notify, piece->bytes + field->offset + field->size, sizeof(notify));
	if (notify == 1) /* SIGEV_NONE */
		writer_natural(d->writer, field_value(field, piece));
	else
		show_signal(d, (int)field_value(field, piece));
}
