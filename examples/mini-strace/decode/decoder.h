/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/decoder.h - what the decoders of the families share; private to decode/.
 */
#ifndef MINI_STRACE_DECODER_H
#define MINI_STRACE_DECODER_H

#include "decode/decode.h"
#include "decode/layout.h"
#include "decode/spec.h"

enum {
	LONGEST_STRING = 65536,
	LONGEST_PATH = 4096,
	LONGEST_LINE = 1 << 20,
	MOST_ITEMS = 4096,
	MOST_VARS = 100000,
	MOST_ARGS = 6
};

/* A call's arguments and result, ready to be written. */
struct plan {
	const struct plan *next; /* of the same call, for other operations */
	struct selector selectors[2];
	struct spec result;
	int count;
	struct spec args[MOST_ARGS];
};

struct decoder {
	struct decode *decode;
	const struct show *show;
	struct memory *memory;
	struct writer *writer;
	struct decode_state *state;
	const struct utrace_event_syscall *call;
	pid_t pid;
	pid_t tid;
	int bits;         /* of the call's ABI: 64 or 32 */
	bool at_exit;     /* what the kernel wrote can be read */
	bool failed;      /* ... because the call worked, that is */
	bool abbrev;      /* structs are abbreviated */
	bool verbose;     /* structs are followed */
	struct text *aux; /* said in parentheses behind the result */
};

/* --- values --- */
static inline bool is_32_bit(const struct decoder *d)
{
	return d->bits == 32;
}

static inline uint64_t argument(const struct decoder *d, int index)
{
	return d->call->args[index];
}

static inline size_t word_size(const struct decoder *d)
{
	return (size_t)d->bits / 8;
}

/* A register's value as a signed long of the call's ABI. */
int64_t as_long(const struct decoder *d, uint64_t value);
uint64_t as_ulong(const struct decoder *d, uint64_t value);

/* The value of the argument that holds the spec's length, or the result. */
uint64_t length_of(const struct decoder *d, const struct spec *spec);

/* Bytes from the tracee's memory, all of them; nothing where pointers are not followed (-e verbose=). */
static inline bool fetch(struct decoder *d, uint64_t address, void *buffer, size_t size)
{
	return d->verbose && memory_get(d->memory, address, buffer, size);
}

/* Whether the line is so long already that the rest of an array is left out: a hostile tracee's would never end. */
bool line_is_full(const struct decoder *d);

/* A word (unsigned) of the ABI from the tracee's memory. */
bool read_word(struct decoder *d, uint64_t address, uint64_t *value);
/* The same from bytes that were read. */
uint64_t word_at(const struct decoder *d, const unsigned char *bytes);

/*
 * An argument that the kernel fills: waits for the exit, and is then shown, or its address if the call failed.  Returns
 * what the argument's function shall.
 */
bool show_filled(struct decoder *d, uint64_t value, void (*show)(struct decoder *d, uint64_t address));

/* --- structs (structs.c) --- */
/* Of a struct that is larger than it is known: the bytes behind, if they are not zeros. */
void show_tail_at(struct decoder *d, size_t known, uint64_t address, uint64_t size);
/* [{...}, ...] */
void show_structs_at(struct decoder *d, const struct layouts *layouts, uint64_t address, uint64_t count);

/* --- strings (strings.c) --- */
/* Up to -s characters of a string that ends with NUL. */
void show_string_at(struct decoder *d, uint64_t address);
void show_path_at(struct decoder *d, uint64_t address);
/* `size` bytes, up to -s of them; or the address. */
void show_bytes_at(struct decoder *d, uint64_t address, uint64_t size);
/* The same, all of them as \x.. */
void show_hex_bytes_at(struct decoder *d, uint64_t address, uint64_t size);
void show_bytes(struct decoder *d, const char *bytes, size_t size);
/* A char[size] that may end with NUL. */
void show_text(struct decoder *d, const char *bytes, size_t size);
/* An array of elements in memory, each by `show`; stops with the address of what can't be read. */
typedef void element_function(struct decoder *d, const struct piece *piece, const void *context);
void show_array_at(struct decoder *d, uint64_t address, uint64_t count, size_t size, element_function *show,
		   const void *context);

/* --- numbers (values.c) --- */
void show_fd_number(struct decoder *d, int fd);
void show_dirfd_number(struct decoder *d, int fd);
void show_pid_number(struct decoder *d, int pid);
void show_id(struct decoder *d, uint32_t id);
void show_signal(struct decoder *d, int signal);
void show_mode_number(struct decoder *d, uint32_t mode);
void show_dev_number(struct decoder *d, uint64_t dev);
void show_flags32(struct decoder *d, const struct set *set, uint64_t value);
void show_time_comment(struct decoder *d, int64_t seconds, int64_t nanoseconds);
void write_token(struct decoder *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds a constant's names; write_named then writes the text, the value, or both, as -X says. */
void constant_text(const struct decoder *d, struct text *text, const struct set *set, uint64_t value);

/* As -X says, by itself: of several parts of a word each is shown so. */
void constant_part(const struct decoder *d, struct text *text, const struct set *set, uint64_t value);
void write_named(struct decoder *d, uint64_t value, struct text *text);

/* --- signals (signals.c) --- */
void show_sigset_bits(struct decoder *d, uint64_t set, size_t size);
void show_sigset_at(struct decoder *d, uint64_t address, uint64_t size);
void show_siginfo_at(struct decoder *d, uint64_t address);
void show_wait_status(struct decoder *d, int status);

/* --- sockets --- */
void show_sockaddr(struct decoder *d, const unsigned char *bytes, size_t size);
void show_sockaddr_at(struct decoder *d, uint64_t address, uint64_t size);
bool descriptor_describe(const struct decoder *d, int fd, struct text *mark);

/* A decoder that writes to the text behind the result. */
struct decoder decoder_for_aux(const struct decoder *d, struct writer *writer);

/* True if the argument of this kind has to wait for the exit: not there yet. */
static inline bool must_wait(const struct decoder *d)
{
	return !d->at_exit;
}

#endif
