/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/plan.h - which function writes which argument of a call; private to decode/.
 */
#ifndef MINI_STRACE_PLAN_H
#define MINI_STRACE_PLAN_H

#include "decode/decoder.h"

struct plans;

struct plans *plans_create(void);
void plans_destroy(struct plans *plans);
/* For these arguments of the call; never NULL. */
const struct plan *plan_for(struct plans *plans, const struct utrace_event_syscall *call);

/* kinds.c: the function of a kind of the library's table, and what its set is. */
void kind_resolve(struct spec *spec, const struct utrace_syscall_arg *arg);
void kind_resolve_result(struct spec *spec, uint16_t kind);

/* ioctl.c: the number that a request of i386 has on x86-64, where a struct's size is in it. */
uint32_t ioctl_request_64(uint32_t request);

/* dump.c */
void dump_call(struct decoder *d, const struct plan *plan, struct text *text);

#endif
