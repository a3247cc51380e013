/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/families.h - what one family of decoders takes from another; private to decode/.
 */
#ifndef MINI_STRACE_FAMILIES_H
#define MINI_STRACE_FAMILIES_H

#include "decode/decoder.h"

/* files.c */
void show_open_flags_value(struct decoder *d, uint32_t flags);

/* decode.c: lengths that the kernel may use and will write over. */
struct plan;
void remember_lengths(struct decoder *d, const struct plan *plan);

/* process.c */
/* [0 3] of a set of processors with `size` bytes. */
void show_cpu_set_at(struct decoder *d, uint64_t address, uint64_t size);

/* poll.c */
void show_fdset_at(struct decoder *d, uint64_t address, int count);
void show_selected(struct decoder *d, const uint64_t args[5], const struct layouts *timeout, int64_t result);

/* sockets.c */
void show_port(struct decoder *d, const char *name, uint16_t port);
void show_inet4_value(struct decoder *d, const void *address);
void show_inet6_key(struct decoder *d, const char *name, const void *address);
void show_ifindex_value(struct decoder *d, unsigned int index);
/* Returns the family, or -1 if the address could not be read. */
int show_sockaddr_family_at(struct decoder *d, uint64_t address, int size);
void remember_length(struct decoder *d, uint64_t address);
void show_length(struct decoder *d, uint64_t address);

/* messages.c */
/* An array of struct iovec; of the data at most `limit` bytes; `data` false: addresses only. */
void show_iovecs_at(struct decoder *d, uint64_t address, uint64_t count, uint64_t limit, bool data);

/* netlink.c */
bool is_netlink_socket(const struct decoder *d, int fd);
void show_netlink_at(struct decoder *d, int fd, uint64_t address, uint64_t size);

/* route.c, diag.c: the payloads of one protocol, asked or answered; false: not known */
typedef bool payload_function(struct decoder *d, uint16_t type, bool answer, const unsigned char *bytes, size_t size);
payload_function show_route_payload;
payload_function show_diag_payload;
/* route.c: a struct that may be cut short: its first member, and "..."; false if not even that is there. */
bool show_message_head(struct decoder *d, const struct layouts *layouts, const unsigned char *bytes, size_t size);
/* {family=, data=} of a message that is not known. */
void show_unknown_message(struct decoder *d, const unsigned char *bytes, size_t size);

#endif
