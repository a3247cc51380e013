/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/messages.c - scattered buffers, and messages with their control data.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

enum { MOST_CONTROL = 65536, MOST_MESSAGES = 1024 };

/* struct msghdr of either ABI. */
struct message {
	uint64_t name;
	uint64_t iov;
	uint64_t iov_count;
	uint64_t control;
	uint64_t control_size;
	int name_size;
	uint32_t flags;
};

struct iovec_context {
	uint64_t limit;
	bool data;
	bool netlink;
};

static void show_iovec(struct decoder *d, const struct piece *piece, const void *context)
{
	struct iovec_context *with = (struct iovec_context *)context;
	uint64_t base = word_at(d, piece->bytes);
	uint64_t size = word_at(d, piece->bytes + word_size(d));
	uint64_t shown = size < with->limit ? size : with->limit;

	if (with->limit != UINT64_MAX)
		with->limit -= shown;
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "iov_base");
	if (!with->data)
		writer_address(d->writer, base);
	else if (with->netlink)
		show_netlink_at(d, (int)argument(d, 0), base, shown);
	else
		show_bytes_at(d, base, shown);
	writer_name(d->writer, "iov_len");
	writer_natural(d->writer, size);
	writer_end(d->writer);
}

static void show_vector(struct decoder *d, uint64_t address, uint64_t count, struct iovec_context *context)
{
	struct decoder readable = *d;

	/* The array was there at entry, whether or not the call worked. */
	readable.failed = false;
	show_array_at(&readable, address, count, word_size(d) * 2, show_iovec, context);
}

void show_iovecs_at(struct decoder *d, uint64_t address, uint64_t count, uint64_t limit, bool data)
{
	struct iovec_context context = {.limit = limit, .data = data};

	show_vector(d, address, count, &context);
}

bool arg_iovin(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_iovecs_at(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)), UINT64_MAX, true);
	return true;
}

bool arg_iovout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	show_iovecs_at(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)),
		       d->failed ? UINT64_MAX : (uint64_t)d->call->result, !d->failed);
	return true;
}

/* Of another process: only where the data is. */
bool arg_iovaddr(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_iovecs_at(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)), UINT64_MAX, false);
	return true;
}

/* --- control messages (cmsg(3)) --- */
struct control {
	int level;
	int type;
	const unsigned char *data;
	size_t size;
};

static void show_rights(struct decoder *d, const struct control *control)
{
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; i + sizeof(int) <= control->size; i += sizeof(int)) {
		int fd;

		memcpy(&fd, control->data + i, sizeof(fd));
		show_fd_number(d, fd);
	}
	writer_end(d->writer);
}

static void show_layout_data(struct decoder *d, const struct layouts *layouts, const struct control *control)
{
	const struct piece piece = {.bytes = control->data, .size = control->size};

	layout_show(d, layout_of(d, layouts), &piece);
}

static void show_uints(struct decoder *d, const struct control *control)
{
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; i + sizeof(uint32_t) <= control->size; i += sizeof(uint32_t)) {
		uint32_t value;

		memcpy(&value, control->data + i, sizeof(value));
		writer_natural(d->writer, value);
	}
	writer_end(d->writer);
}

static void show_octets(struct decoder *d, const struct control *control)
{
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; i < control->size; i++)
		writer_hex(d->writer, control->data[i]);
	writer_end(d->writer);
}

static const struct layouts *socket_layout(const struct decoder *d, int type, size_t size)
{
	const struct layouts *layouts = NULL;

	if (type == SCM_CREDENTIALS)
		layouts = &struct_ucred;
	else if (type == 29) /* SO_TIMESTAMP_OLD */
		layouts = &struct_timeval;
	else if (type == 35) /* SO_TIMESTAMPNS_OLD */
		layouts = &struct_timespec;
	else if (type == 64) /* SO_TIMESTAMPNS_NEW */
		layouts = &struct___kernel_timespec;
	return layouts && size >= layout_of(d, layouts)->size ? layouts : NULL;
}

static void show_socket_data(struct decoder *d, const struct control *control)
{
	const struct layouts *layouts = socket_layout(d, control->type, control->size);

	if (control->type == SCM_RIGHTS && control->size >= sizeof(int)) {
		writer_name(d->writer, "cmsg_data");
		show_rights(d, control);
	} else if (layouts) {
		writer_name(d->writer, "cmsg_data");
		show_layout_data(d, layouts, control);
	} else if (control->type == 3 && control->size) { /* SCM_SECURITY */
		writer_name(d->writer, "cmsg_data");
		writer_bytes(d->writer, (const char *)control->data, control->size, false, QUOTE_NORMAL);
	}
}

static void show_ip_data(struct decoder *d, const struct control *control)
{
	switch (control->type) {
	case IP_PKTINFO:
		if (control->size < sizeof(struct in_pktinfo))
			return;
		writer_name(d->writer, "cmsg_data");
		show_layout_data(d, &struct_in_pktinfo, control);
		break;
	case IP_TTL:
	case 23: /* IP_CHECKSUM */
		if (control->size < sizeof(uint32_t))
			return;
		writer_name(d->writer, "cmsg_data");
		show_uints(d, control);
		break;
	case IP_TOS:
	case IP_RECVOPTS:
	case IP_RETOPTS:
		if (!control->size)
			return;
		writer_name(d->writer, "cmsg_data");
		show_octets(d, control);
		break;
	default:
		break;
	}
}

static void show_control(struct decoder *d, const struct control *control, uint64_t size)
{
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "cmsg_len");
	writer_natural(d->writer, size);
	writer_name(d->writer, "cmsg_level");
	writer_constant(d->writer, &set_sockopt_level, (uint64_t)(int64_t)control->level);
	writer_name(d->writer, "cmsg_type");
	if (control->level == SOL_SOCKET) {
		writer_constant(d->writer, &set_scm, (uint64_t)(int64_t)control->type);
		show_socket_data(d, control);
	} else if (control->level == SOL_IP) {
		writer_constant(d->writer, &set_so_ip, (uint64_t)(int64_t)control->type);
		show_ip_data(d, control);
	} else {
		writer_hex(d->writer, (uint32_t)control->type);
	}
	writer_end(d->writer);
}

/* Shows the messages in the bytes; returns how many bytes are not taken. */
static size_t show_controls(struct decoder *d, const unsigned char *bytes, size_t size)
{
	size_t word = word_size(d);
	size_t head = word + 2 * sizeof(int);

	while (size >= head) {
		uint64_t length = word_at(d, bytes);
		struct control control = {.data = bytes + head};
		uint64_t inside = length < size ? length : size;

		memcpy(&control.level, bytes + word, sizeof(control.level));
		memcpy(&control.type, bytes + word + sizeof(int), sizeof(control.type));
		control.size = inside > head ? (size_t)inside - head : 0;
		show_control(d, &control, length);
		if (inside < head)
			return size - head;
		length = (length + word - 1) / word * word;
		if (length >= size || length < head)
			return 0;
		bytes += length;
		size -= (size_t)length;
	}
	return size;
}

static void show_control_at(struct decoder *d, const struct message *message)
{
	size_t size = message->control_size < MOST_CONTROL ? (size_t)message->control_size : MOST_CONTROL;
	unsigned char *bytes;

	if (!message->control_size)
		return;
	writer_name(d->writer, "msg_control");
	bytes = size >= word_size(d) + 2 * sizeof(int) ? malloc(size) : NULL;
	if (!bytes || !message->control || !fetch(d, message->control, bytes, size)) {
		writer_address(d->writer, message->control);
	} else {
		writer_begin(d->writer, FRAME_ARRAY);
		size_t left = show_controls(d, bytes, size);

		if (left)
			write_token(d, "... /* %#llx */", (unsigned long long)(message->control + size - left));
		else if (size < message->control_size)
			writer_more(d->writer);
		writer_end(d->writer);
	}
	free(bytes);
}

/* --- struct msghdr --- */
static size_t header_size(const struct decoder *d)
{
	return is_32_bit(d) ? 28 : 56;
}

static bool read_message(struct decoder *d, uint64_t address, struct message *message)
{
	unsigned char bytes[56];
	size_t word = word_size(d);
	const unsigned char *at = bytes + 2 * word;

	if (!address || !d->verbose || !fetch(d, address, bytes, header_size(d)))
		return false;
	message->name = word_at(d, bytes);
	memcpy(&message->name_size, bytes + word, sizeof(message->name_size));
	message->iov = word_at(d, at);
	message->iov_count = word_at(d, at + word);
	message->control = word_at(d, at + 2 * word);
	message->control_size = word_at(d, at + 3 * word);
	memcpy(&message->flags, at + 4 * word, sizeof(message->flags));
	return true;
}

/* `before`: how long the name could be, where the kernel wrote it; `limit`: how many bytes were transferred. */
static void show_message(struct decoder *d, const struct message *message, const int *before, uint64_t limit)
{
	bool cut = before && message->name_size > *before;
	struct iovec_context context = {.limit = limit, .data = true};
	int family;

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "msg_name");
	family = show_sockaddr_family_at(d, message->name, cut ? *before : message->name_size);
	writer_name(d->writer, "msg_namelen");
	if (before && *before != message->name_size) {
		writer_begin(d->writer, FRAME_CHANGE);
		writer_integer(d->writer, *before);
		writer_changed(d->writer);
		writer_integer(d->writer, message->name_size);
		writer_end(d->writer);
	} else {
		writer_integer(d->writer, message->name_size);
	}
	context.netlink = family == AF_NETLINK;
	writer_name(d->writer, "msg_iov");
	show_vector(d, message->iov, message->iov_count, &context);
	writer_name(d->writer, "msg_iovlen");
	writer_natural(d->writer, message->iov_count);
	show_control_at(d, message);
	writer_name(d->writer, "msg_controllen");
	writer_natural(d->writer, message->control_size);
	writer_name(d->writer, "msg_flags");
	writer_constant(d->writer, &set_msg, message->flags);
	writer_end(d->writer);
}

bool arg_msgin(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct message message;

	(void)spec;
	if (read_message(d, as_ulong(d, value), &message))
		show_message(d, &message, NULL, UINT64_MAX);
	else
		writer_address(d->writer, as_ulong(d, value));
	return true;
}

bool arg_msgout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t address = as_ulong(d, value);
	int before = (int)d->state->saved[1];
	struct message message;

	(void)spec;
	if (must_wait(d)) {
		d->state->saved[0] = read_message(d, address, &message);
		d->state->saved[1] = d->state->saved[0] ? (uint64_t)message.name_size : 0;
		return false;
	}
	if (!d->state->saved[0] || !read_message(d, address, &message)) {
		writer_address(d->writer, address);
	} else if (d->failed) {
		writer_begin(d->writer, FRAME_STRUCT);
		writer_name(d->writer, "msg_namelen");
		writer_integer(d->writer, before);
		writer_end(d->writer);
	} else {
		show_message(d, &message, &before, (uint64_t)d->call->result);
	}
	return true;
}

/* --- struct mmsghdr --- */
struct vector_context {
	uint64_t with_length; /* for so many messages the kernel wrote the length */
	bool received;
};

static void show_one(struct decoder *d, const struct piece *piece, const void *context)
{
	struct vector_context *with = (struct vector_context *)context;
	struct message message;
	uint32_t length;

	memcpy(&length, piece->bytes + header_size(d), sizeof(length));
	if (!read_message(d, piece->address, &message))
		return;
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "msg_hdr");
	show_message(d, &message, NULL, with->received ? length : UINT64_MAX);
	if (with->with_length) {
		writer_name(d->writer, "msg_len");
		writer_natural(d->writer, length);
		with->with_length--;
	}
	writer_end(d->writer);
}

static bool show_messages(struct decoder *d, uint64_t address, uint64_t count, struct vector_context *context)
{
	struct decoder readable = *d;

	readable.failed = d->failed && context->received;
	show_array_at(&readable, address, count < MOST_MESSAGES ? count : MOST_MESSAGES, header_size(d) + word_size(d),
		      show_one, context);
	return true;
}

bool arg_mmsgin(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct vector_context context = {.with_length = d->failed ? 0 : (uint64_t)d->call->result};

	if (must_wait(d))
		return false;
	return show_messages(d, as_ulong(d, value), (uint32_t)argument(d, spec->length), &context);
}

bool arg_mmsgout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t count = d->failed ? 0 : (uint64_t)d->call->result;
	struct vector_context context = {.with_length = count, .received = true};

	(void)spec;
	if (must_wait(d))
		return false;
	return show_messages(d, as_ulong(d, value), count, &context);
}

/* As it was at entry; what is left stands behind the result. */
bool arg_recvmmsg_timeout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct decoder readable = *d;

	readable.failed = false;
	layout_show_at(&readable, spec->set, as_ulong(d, value));
	return true;
}

void result_recvmmsg(struct decoder *d, const struct spec *spec, int64_t result)
{
	struct writer writer;
	struct decoder aux = decoder_for_aux(d, &writer);

	writer_integer(d->writer, result);
	if (!result) {
		text_string(d->aux, "Timeout");
	} else if (argument(d, 4)) {
		text_string(d->aux, "left ");
		layout_show_at(&aux, spec->set, as_ulong(d, argument(d, 4)));
	}
}

/* What is sent and received over a netlink socket has a structure of its own. */
static void show_socket_bytes(struct decoder *d, uint64_t address, uint64_t size)
{
	if (d->verbose && is_netlink_socket(d, (int)argument(d, 0)))
		show_netlink_at(d, (int)argument(d, 0), address, size);
	else
		show_bytes_at(d, address, size);
}

bool arg_sockbuf_in(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_socket_bytes(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)));
	return true;
}

bool arg_sockbuf_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t size = as_ulong(d, argument(d, 2));

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed)
		writer_address(d->writer, as_ulong(d, value));
	else
		show_socket_bytes(d, as_ulong(d, value),
				  (uint64_t)d->call->result < size ? (uint64_t)d->call->result : size);
	return true;
}
