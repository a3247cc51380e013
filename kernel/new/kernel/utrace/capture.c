// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): what records of system calls carry of the current task's memory.
 *
 * A session says it by call (UTRACE_CMD_SET_CAPTURE): the captures of a call are a list, the
 * first whose arguments fit counts, and its takes are done in order. Each makes pieces, from
 * which later takes may have their addresses and lengths. What is said is never changed, only
 * replaced, under session->lock.
 *
 * The pieces are collected in a buffer of the watch, which only its task uses, with no lock held:
 * the memory may have to come in. The buffer grows to what the greatest record needed, is limited
 * to MAX_PIECES and a quarter of the ring, and is charged to the opener. The addresses and
 * numbers in the pieces are the tracee's: nothing follows from them but what is copied.
 */
#include <linux/cred.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>

#include "internal.h"

#define FIRST_BUFFER	512U
#define NO_PIECE	U32_MAX

/* One capture, by its place in the list of its call. */
struct entry {
	const struct utrace_capture *capture;
	u16 next;			/* index of another one of the same call, 0: none */
};

struct utrace_captures {
	refcount_t ref;
	u16 first[2][UTRACE_CALL_ABIS][UTRACE_CALLS_OTHER + 1];	/* entry and exit; 0: none */
	void *data;			/* as it came from user space */
	struct entry entries[];		/* from 1 on */
};

/* One event's takes. */
struct taking {
	struct utrace_watch *watch;
	const struct utrace_rec_syscall *call;
	const struct utrace_take *takes;
	u32 room;			/* for pieces in the record */
	u32 begin[UTRACE_TAKES];	/* where the pieces of a take are in the buffer */
	u32 end[UTRACE_TAKES];
	u32 last[UTRACE_TAKES];		/* its last piece, or NO_PIECE */
};

/* Part of a piece's data, as offsets in the buffer. */
struct place {
	u32 start;
	u32 end;
};

static const struct utrace_take *takes_of(const struct utrace_capture *capture)
{
	return (const struct utrace_take *)(capture + 1);
}

static bool source_ok(const struct utrace_source *source, u32 take, bool exit)
{
	switch (source->from) {
	case UTRACE_FROM_NONE:
		return !source->index && !source->offset;
	case UTRACE_FROM_ARG:
		return source->index < 6 && !source->offset;
	case UTRACE_FROM_RESULT:
		return exit && !source->index && !source->offset;
	case UTRACE_FROM_U32:
	case UTRACE_FROM_U64:
		return source->index < take;
	default:
		return false;
	}
}

static bool from_piece(const struct utrace_source *source)
{
	return source->from == UTRACE_FROM_U32 || source->from == UTRACE_FROM_U64;
}

static bool size_ok(const struct utrace_take *take)
{
	switch (take->kind) {
	case UTRACE_TAKE_BYTES:
		return take->size;
	case UTRACE_TAKE_STRING:
		return !take->size && !take->count.from && !take->limit.from;
	case UTRACE_TAKE_WORDS:
		return (take->size == 4 || take->size == 8) && take->max >= take->size &&
		       !take->count.from && !take->limit.from;
	default:
		return false;
	}
}

static bool take_ok(const struct utrace_take *take, u32 index, bool exit)
{
	if (take->reserved || !take->max || take->max > UTRACE_MAX_PIECES || !size_ok(take))
		return false;
	if (take->addr.from != UTRACE_FROM_ARG && !from_piece(&take->addr))
		return false;
	if (take->each && (take->each < 4 || !from_piece(&take->addr)))
		return false;
	return source_ok(&take->addr, index, exit) && source_ok(&take->count, index, exit) &&
	       source_ok(&take->limit, index, exit);
}

static bool capture_ok(const struct utrace_capture *capture)
{
	bool exit = capture->flags & UTRACE_CAPTURE_EXIT;
	u32 i;

	if (capture->flags & ~(UTRACE_CAPTURE_EXIT | UTRACE_CAPTURE_FAILED) || capture->reserved)
		return false;
	if (capture->flags & UTRACE_CAPTURE_FAILED && !exit)
		return false;
	if (capture->abi >= UTRACE_CALL_ABIS || capture->nr > UTRACE_CALLS_OTHER)
		return false;
	for (i = 0; i < UTRACE_SELECTS; i++)
		if (capture->select[i].arg >= 6)
			return false;
	for (i = 0; i < capture->count; i++)
		if (!take_ok(&takes_of(capture)[i], i, exit))
			return false;
	return true;
}

/* The capture at *@at, which is moved on to the next; NULL if there is no whole and valid one. */
static const struct utrace_capture *next_capture(const void *data, u32 size, u32 *at)
{
	const struct utrace_capture *capture = data + *at;

	if (size - *at < sizeof(*capture) || capture->count > UTRACE_TAKES)
		return NULL;
	if (size - *at < sizeof(*capture) + capture->count * sizeof(struct utrace_take))
		return NULL;
	*at += sizeof(*capture) + capture->count * sizeof(struct utrace_take);
	return capture_ok(capture) ? capture : NULL;
}

/* How many there are, or -EINVAL. */
static int count_captures(const void *data, u32 size)
{
	u32 at = 0;
	int count = 0;

	while (at < size) {
		if (!next_capture(data, size, &at))
			return -EINVAL;
		count++;
	}
	return count;
}

static void make_lists(struct utrace_captures *captures, u32 size, int count)
{
	u32 at = 0;
	int i;

	for (i = 1; i <= count; i++)
		captures->entries[i].capture = next_capture(captures->data, size, &at);
	/* From the last on, so that each list has the order in which they came. */
	for (i = count; i; i--) {
		const struct utrace_capture *capture = captures->entries[i].capture;
		bool exit = capture->flags & UTRACE_CAPTURE_EXIT;
		u16 *first = &captures->first[exit][capture->abi][capture->nr];

		captures->entries[i].next = *first;
		*first = i;
	}
}

/* @data is taken over if this works. */
static struct utrace_captures *captures_make(void *data, u32 size)
{
	struct utrace_captures *captures;
	int count = count_captures(data, size);

	/* Each has at least 40 bytes, so that indexes fit. */
	BUILD_BUG_ON(UTRACE_MAX_CAPTURE / sizeof(struct utrace_capture) >= U16_MAX);
	if (count < 0)
		return ERR_PTR(count);
	captures = kvzalloc(struct_size(captures, entries, count + 1), GFP_KERNEL_ACCOUNT);
	if (!captures)
		return ERR_PTR(-ENOMEM);
	refcount_set(&captures->ref, 1);
	captures->data = data;
	make_lists(captures, size, count);
	return captures;
}

static struct utrace_captures *captures_copy(const struct utrace_command *cmd)
{
	struct utrace_captures *captures;
	void *data;

	if (cmd->size > UTRACE_MAX_CAPTURE)
		return ERR_PTR(-E2BIG);
	data = kvmalloc(cmd->size, GFP_KERNEL_ACCOUNT);
	if (!data)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(data, u64_to_user_ptr(cmd->data), cmd->size))
		captures = ERR_PTR(-EFAULT);
	else
		captures = captures_make(data, cmd->size);
	if (IS_ERR(captures))
		kvfree(data);
	return captures;
}

void utrace_captures_put(struct utrace_captures *captures)
{
	if (captures && refcount_dec_and_test(&captures->ref)) {
		kvfree(captures->data);
		kvfree(captures);
	}
}

/* UTRACE_CMD_SET_CAPTURE */
int utrace_set_capture(struct utrace_session *session, struct utrace_command *cmd)
{
	struct utrace_captures *captures = NULL, *old;

	if (cmd->size)
		captures = captures_copy(cmd);
	if (IS_ERR(captures))
		return PTR_ERR(captures);
	spin_lock(&session->lock);
	old = session->captures;
	WRITE_ONCE(session->captures, captures);
	spin_unlock(&session->lock);
	utrace_captures_put(old);
	return 0;
}

static struct utrace_captures *captures_get(struct utrace_session *session)
{
	struct utrace_captures *captures;

	spin_lock(&session->lock);
	captures = session->captures;
	if (captures)
		refcount_inc(&captures->ref);
	spin_unlock(&session->lock);
	return captures;
}

static bool selects(const struct utrace_capture *capture, const struct utrace_rec_syscall *call)
{
	u32 i;

	for (i = 0; i < UTRACE_SELECTS; i++) {
		const struct utrace_select *select = &capture->select[i];

		if (((u32)call->args[select->arg] & select->mask) != select->value)
			return false;
	}
	return true;
}

static const struct utrace_capture *find_capture(const struct utrace_captures *captures,
						 const struct utrace_record *rec)
{
	const struct utrace_rec_syscall *call = &rec->syscall;
	bool exit = rec->event == UTRACE_EV_SYSCALL_EXIT;
	const u16 *first = captures->first[exit][call->abi];
	u64 nr = call->nr;
	u16 i;

	if (nr > UTRACE_CALLS_OTHER)
		nr = UTRACE_CALLS_OTHER;
	nr = array_index_nospec(nr, UTRACE_CALLS_OTHER + 1);
	for (i = first[nr] ?: first[UTRACE_CALLS_OTHER]; i; i = captures->entries[i].next)
		if (selects(captures->entries[i].capture, call))
			return captures->entries[i].capture;
	return NULL;
}

static struct utrace_piece *piece_at(struct taking *t, u32 at)
{
	return t->watch->pieces.data + at;
}

static struct place data_of(struct taking *t, u32 at)
{
	u32 start = at + sizeof(struct utrace_piece);

	return (struct place){ start, start + piece_at(t, at)->size };
}

static u32 after(struct taking *t, u32 at)
{
	return ALIGN(data_of(t, at).end, 8);
}

static u64 number_in(struct taking *t, const struct utrace_source *source, struct place place)
{
	u32 width = source->from == UTRACE_FROM_U64 ? sizeof(u64) : sizeof(u32);
	const void *at = t->watch->pieces.data + place.start + source->offset;

	if (place.end - place.start < source->offset + width)
		return 0;
	return width == sizeof(u64) ? get_unaligned((const u64 *)at) :
				      get_unaligned((const u32 *)at);
}

/* @parent: the place in the piece that the take's address is from, or NULL. */
static u64 number(struct taking *t, const struct utrace_take *take,
		  const struct utrace_source *source, const struct place *parent)
{
	const struct utrace_rec_syscall *call = t->call;

	switch (source->from) {
	case UTRACE_FROM_ARG:
		return call->args[source->index];
	case UTRACE_FROM_RESULT:
		return call->is_error || call->result < 0 ? 0 : call->result;
	}
	if (parent && source->index == take->addr.index)
		return number_in(t, source, *parent);
	if (t->last[source->index] == NO_PIECE)
		return 0;
	return number_in(t, source, data_of(t, t->last[source->index]));
}

/* Makes room for a piece of up to @size bytes. Returns how many there may be. */
static u32 reserve(struct taking *t, u32 size)
{
	struct utrace_pieces *pieces = &t->watch->pieces;
	u32 most = t->room - min(t->room, pieces->used + (u32)sizeof(struct utrace_piece));
	u32 want, all;
	void *data;

	want = min(size, most & ~7U);
	all = pieces->used + sizeof(struct utrace_piece) + ALIGN(want, 8);
	if (!want || all <= pieces->allocated)
		return want;
	all = clamp(roundup_pow_of_two(all), FIRST_BUFFER, ALIGN(t->room, 8));
	data = kvrealloc(pieces->data, all, GFP_KERNEL_ACCOUNT);
	if (!data)
		return 0;
	pieces->data = data;
	pieces->allocated = all;
	return want;
}

static void __user *user_at(u64 addr)
{
	return (void __user *)(unsigned long)addr;
}

static u32 to_page_end(u64 addr, u32 size)
{
	return min_t(u64, size, PAGE_SIZE - offset_in_page(addr));
}

static u32 copy_bytes(void *to, u64 addr, u32 size, u16 *flags)
{
	u32 left = copy_from_user(to, user_at(addr), size);

	if (left)
		*flags = UTRACE_PIECE_FAULT;
	return size - left;
}

static u32 copy_string(void *to, u64 addr, u32 size, u16 *flags)
{
	u32 done = 0;

	while (done < size) {
		u32 part = to_page_end(addr + done, size - done);
		long n = strncpy_from_user(to + done, user_at(addr + done), part);

		if (n < 0) {
			*flags = UTRACE_PIECE_FAULT;
			return done;
		}
		if (n < part)
			return done + n + 1;
		done += part;
	}
	*flags = UTRACE_PIECE_TRUNCATED;
	return done;
}

/* Bytes up to the first word that is 0, or @size if there is none. */
static u32 to_null(const void *words, u32 size, u32 width)
{
	u32 at;

	for (at = 0; at < size; at += width)
		if (!memchr_inv(words + at, 0, width))
			return at + width;
	return size + 1;
}

static u32 copy_words(void *to, u64 addr, u32 size, u32 width, u16 *flags)
{
	u32 done = 0;

	size = round_down(size, width);
	while (done < size) {
		u32 part = max(round_down(to_page_end(addr + done, size - done), width), width);
		u32 left = copy_from_user(to + done, user_at(addr + done), part);
		u32 got = round_down(part - left, width);
		u32 end = to_null(to + done, got, width);

		if (end <= got)
			return done + end;
		done += got;
		if (left) {
			*flags = UTRACE_PIECE_FAULT;
			return done;
		}
	}
	*flags = UTRACE_PIECE_TRUNCATED;
	return done;
}

static u32 copy_piece(const struct utrace_take *take, void *to, u64 addr, u32 size, u16 *flags)
{
	switch (take->kind) {
	case UTRACE_TAKE_STRING:
		return copy_string(to, addr, size, flags);
	case UTRACE_TAKE_WORDS:
		return copy_words(to, addr, size, take->size, flags);
	default:
		return copy_bytes(to, addr, size, flags);
	}
}

static void add_piece(struct taking *t, u32 index, u64 addr, u32 size, u16 flags)
{
	struct utrace_pieces *pieces = &t->watch->pieces;
	u32 room = reserve(t, size);
	struct utrace_piece *piece;

	if (!room) {
		pieces->incomplete = true;
		return;
	}
	piece = piece_at(t, pieces->used);
	piece->addr = addr;
	piece->take = index;
	if (room < size && t->takes[index].kind == UTRACE_TAKE_BYTES)
		flags = UTRACE_PIECE_TRUNCATED;
	piece->size = copy_piece(&t->takes[index], piece + 1, addr, room, &flags);
	piece->flags = flags;
	if (room < size && flags & UTRACE_PIECE_TRUNCATED)
		pieces->incomplete = true;
	memset((void *)(piece + 1) + piece->size, 0, ALIGN(piece->size, 8) - piece->size);
	t->last[index] = pieces->used;
	pieces->used = after(t, pieces->used);
}

/* How many bytes a take asks for; *@limit goes down by as many. */
static u64 bytes_wanted(struct taking *t, const struct utrace_take *take,
			const struct place *parent, u64 *limit)
{
	u64 count = take->count.from ? number(t, take, &take->count, parent) : 1;
	u64 size;

	if (check_mul_overflow(count, (u64)take->size, &size))
		size = U64_MAX;
	size = min(size, *limit);
	*limit -= size;
	return size;
}

static void take_one(struct taking *t, u32 index, const struct place *parent, u64 *limit)
{
	const struct utrace_take *take = &t->takes[index];
	u64 addr = number(t, take, &take->addr, parent);
	u64 size = take->max;

	if (take->kind == UTRACE_TAKE_BYTES)
		size = bytes_wanted(t, take, parent, limit);
	if (addr && size)
		add_piece(t, index, addr, min_t(u64, size, take->max),
			  size > take->max ? UTRACE_PIECE_TRUNCATED : 0);
}

static u64 limit_of(struct taking *t, const struct utrace_take *take, const struct place *parent)
{
	return take->limit.from ? number(t, take, &take->limit, parent) : U64_MAX;
}

/* For one piece of an earlier take. */
static void take_from(struct taking *t, u32 index, u32 at)
{
	const struct utrace_take *take = &t->takes[index];
	struct place place = data_of(t, at);
	u64 limit = limit_of(t, take, &place);

	if (!take->each) {
		take_one(t, index, &place, &limit);
		return;
	}
	for (; place.end - place.start >= take->each; place.start += take->each) {
		struct place part = { place.start, place.start + take->each };

		take_one(t, index, &part, &limit);
	}
}

static void take_all(struct taking *t, u32 index)
{
	const struct utrace_take *take = &t->takes[index];
	u64 limit;
	u32 at;

	if (!from_piece(&take->addr)) {
		limit = limit_of(t, take, NULL);
		take_one(t, index, NULL, &limit);
		return;
	}
	for (at = t->begin[take->addr.index]; at < t->end[take->addr.index]; at = after(t, at)) {
		if (fatal_signal_pending(current))
			return;
		take_from(t, index, at);
		cond_resched();
	}
}

static void run_takes(struct utrace_watch *watch, const struct utrace_capture *capture,
		      const struct utrace_record *rec)
{
	struct taking t = {
		.watch = watch,
		.call = &rec->syscall,
		.takes = takes_of(capture),
		.room = min(UTRACE_MAX_PIECES, watch->session->size / 4 - rec->size),
	};
	u32 i;

	for (i = 0; i < capture->count; i++) {
		t.last[i] = NO_PIECE;
		t.begin[i] = watch->pieces.used;
		take_all(&t, i);
		t.end[i] = watch->pieces.used;
	}
}

/**
 * utrace_capture - collect what a session wants of the current task's memory
 * @watch: of the current task
 * @rec: the record of its system call that will be told
 *
 * May sleep. utrace_captured() puts what was found into the record.
 */
void utrace_capture(struct utrace_watch *watch, const struct utrace_record *rec)
{
	struct utrace_captures *captures = captures_get(watch->session);
	const struct utrace_capture *capture = captures ? find_capture(captures, rec) : NULL;
	struct mem_cgroup *old;

	watch->pieces.used = 0;
	watch->pieces.incomplete = false;
	if (capture && rec->syscall.is_error && !(capture->flags & UTRACE_CAPTURE_FAILED))
		capture = NULL;
	if (capture && !utrace_may_trace_current(watch->session->cred)) {
		watch->pieces.incomplete = true;
	} else if (capture) {
		old = set_active_memcg(watch->session->memcg);
		run_takes(watch, capture, rec);
		set_active_memcg(old);
	}
	utrace_captures_put(captures);
}

/**
 * utrace_captured - make a record tell of the pieces that have been collected for it
 * @watch: whose pieces they are
 * @rec: the record
 */
void utrace_captured(const struct utrace_watch *watch, struct utrace_record *rec)
{
	if (watch->pieces.incomplete)
		rec->flags |= UTRACE_REC_INCOMPLETE;
	if (!watch->pieces.used)
		return;
	rec->syscall.pieces = rec->size;
	rec->size += watch->pieces.used;
}
