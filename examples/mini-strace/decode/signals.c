/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/signals.c - signals, sets of them, actions, and what they carry.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

enum { SIGNALS = 64 };

void signal_name(struct text *text, int signal)
{
	const char *name = signal > 0 && signal < 32 ? sigabbrev_np(signal) : NULL;

	if (name)
		text_add(text, "SIG%s", signal == SIGIO ? "IO" : name);
	else if (signal == 32)
		text_string(text, "SIGRTMIN");
	else if (signal > 32 && signal <= SIGNALS)
		text_add(text, "SIGRT_%d", signal - 32);
	else
		text_signed(text, signal);
}

int signal_number(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (!*end && end != name)
		return number > 0 && number <= SIGNALS ? (int)number : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	if (strcasecmp(name, "IO") == 0)
		return SIGIO;
	if (strcasecmp(name, "RTMIN") == 0)
		return 32;
	if (strncasecmp(name, "RT_", 3) == 0) {
		number = strtol(name + 3, &end, 10);
		return !*end && end != name + 3 && number > 0 && number <= 32 ? (int)number + 32 : -1;
	}
	for (int signal = 1; signal < 32; signal++) {
		if (sigabbrev_np(signal) && strcasecmp(sigabbrev_np(signal), name) == 0)
			return signal;
	}
	return -1;
}

/* [INT CHLD], or ~[...] when most of the signals are in. */
void show_sigset_bits(struct decoder *d, uint64_t set, size_t size)
{
	int count = (int)(size < sizeof(set) ? size : sizeof(set)) * 8;
	uint64_t all = count == 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
	struct text text = {0};
	const char *blank = "";

	set &= all;
	if (__builtin_popcountll(set) >= count * 2 / 3) {
		text_char(&text, '~');
		set = ~set & all;
	}
	text_char(&text, '[');
	for (int signal = 1; signal <= count; signal++) {
		struct text name = {0};

		if (!(set >> (signal - 1) & 1))
			continue;
		signal_name(&name, signal);
		text_add(&text, "%s%s", blank, name.data + 3);
		text_free(&name);
		blank = " ";
	}
	text_char(&text, ']');
	writer_token(d->writer, text.data);
	text_free(&text);
}

void show_sigset_at(struct decoder *d, uint64_t address, uint64_t size)
{
	uint64_t set = 0;

	if (!address || !size || size > sizeof(set) || !fetch(d, address, &set, (size_t)size))
		writer_address(d->writer, address);
	else
		show_sigset_bits(d, set, (size_t)size);
}

/* The size is an argument; without one it is a word. */
static uint64_t set_size(const struct decoder *d, const struct spec *spec)
{
	return spec->length >= 0 ? as_ulong(d, argument(d, spec->length)) : word_size(d);
}

bool arg_sigset(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_sigset_at(d, as_ulong(d, value), set_size(d, spec));
	return true;
}

bool arg_sigsetout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (d->failed)
		writer_address(d->writer, as_ulong(d, value));
	else
		show_sigset_at(d, as_ulong(d, value), set_size(d, spec));
	return true;
}

bool arg_oldsigset(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_sigset_at(d, as_ulong(d, value), word_size(d));
	return true;
}

bool arg_oldsigsetout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (!d->failed)
		return arg_oldsigset(d, spec, value);
	writer_address(d->writer, as_ulong(d, value));
	return true;
}

bool arg_oldmask(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_sigset_bits(d, value, 4);
	return true;
}

static void show_handler(struct decoder *d, uint64_t handler)
{
	if (handler == 0)
		writer_token(d->writer, "SIG_DFL");
	else if (handler == 1)
		writer_token(d->writer, "SIG_IGN");
	else if (handler == (is_32_bit(d) ? UINT32_MAX : UINT64_MAX))
		writer_token(d->writer, "SIG_ERR");
	else
		writer_address(d->writer, handler);
}

/* struct sigaction of the kernel: handler, flags, restorer, mask. (arch/x86/include/uapi/asm/signal.h) */
static void show_action_at(struct decoder *d, uint64_t address, bool old, uint64_t mask_size)
{
	unsigned char bytes[40];
	size_t word = word_size(d);
	size_t mask_at = old ? word : 3 * word;
	size_t flags_at = old ? 2 * word : word;
	uint64_t mask = 0;
	uint32_t flags;

	if (old)
		mask_size = word;
	if (!address || !d->verbose || mask_size > sizeof(mask) ||
	    !fetch(d, address, bytes, 3 * word + (old ? word : mask_size))) {
		writer_address(d->writer, address);
		return;
	}
	memcpy(&mask, bytes + mask_at, mask_size);
	memcpy(&flags, bytes + flags_at, sizeof(flags));
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "sa_handler");
	show_handler(d, word_at(d, bytes));
	writer_name(d->writer, "sa_mask");
	show_sigset_bits(d, mask, mask_size);
	writer_name(d->writer, "sa_flags");
	writer_constant(d->writer, &set_sa, flags);
	if (flags & 0x04000000) { /* SA_RESTORER */
		writer_name(d->writer, "sa_restorer");
		writer_address(d->writer, word_at(d, bytes + (old ? 3 : 2) * word));
	}
	writer_end(d->writer);
}

bool arg_sigaction(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_action_at(d, as_ulong(d, value), false, as_ulong(d, argument(d, 3)));
	return true;
}

bool arg_sigaction_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (!d->failed)
		return arg_sigaction(d, spec, value);
	writer_address(d->writer, as_ulong(d, value));
	return true;
}

bool arg_old_sigaction(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_action_at(d, as_ulong(d, value), true, 0);
	return true;
}

bool arg_old_sigaction_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (!d->failed)
		return arg_old_sigaction(d, spec, value);
	writer_address(d->writer, as_ulong(d, value));
	return true;
}

bool arg_sighandler(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_handler(d, as_ulong(d, value));
	return true;
}

void result_sighandler(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	show_handler(d, as_ulong(d, (uint64_t)result));
}

void result_sigmask(struct decoder *d, const struct spec *spec, int64_t result)
{
	struct writer writer;
	struct decoder aux = decoder_for_aux(d, &writer);

	(void)spec;
	writer_hex(d->writer, (uint32_t)result);
	text_string(d->aux, "old mask ");
	show_sigset_bits(&aux, (uint32_t)result, 4);
}

void result_signal_or_int(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_integer(d->writer, result);
	if (result > 0)
		signal_name(d->aux, (int)result);
}

/*
 * What the handler's frame will restore: {mask=[...]}.  The frame is where the stack pointer is; its mask is behind the
 * registers that it saves. (struct rt_sigframe, arch/x86/include/asm/sigframe.h)
 */
bool arg_sigreturn(struct decoder *d, const struct spec *spec, uint64_t value)
{
	/* 64 bits: the return address is taken off already; uc_flags, uc_link, uc_stack, uc_mcontext, uc_sigmask */
	uint64_t at = d->call->sp + 8 + 8 + 24 + 256;
	uint64_t set;

	(void)spec;
	(void)value;
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "mask");
	if (!is_32_bit(d) && fetch(d, at, &set, sizeof(set)))
		show_sigset_bits(d, set, sizeof(set));
	else
		writer_address(d->writer, d->call->sp);
	writer_end(d->writer);
	return true;
}
