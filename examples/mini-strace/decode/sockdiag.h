/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/sockdiag.h - a socket's protocol and addresses by its inode.
 */
#ifndef MINI_STRACE_SOCKDIAG_H
#define MINI_STRACE_SOCKDIAG_H

#include <stdbool.h>
#include <sys/types.h>

#include "decode/text.h"

/* Adds "TCP:[127.0.0.1:80->127.0.0.1:1234]" or the like, or returns false; the descriptor is the process's. */
bool socket_describe(pid_t pid, int fd, unsigned long inode, struct text *mark);
/* Whether it is a netlink socket. */
bool socket_is_netlink(pid_t pid, int fd);

/* Its protocol (NETLINK_ROUTE); -1 if the kernel does not say so, which it does of bound ones only. */
int socket_netlink_protocol(pid_t pid, int fd);

#endif
