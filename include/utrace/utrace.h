/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/utrace.h - all of libutrace.
 *
 * A tool opens a session (session.h), spawns or attaches to processes (process.h), and takes events (event.h) in a loop.
 * A held thread can be looked at and changed (regs.h, memory.h, syscall.h) and is then resumed (control.h).
 * Failures are explained in a struct (error.h).  The rules that hold everywhere stand in base.h.
 */
#ifndef UTRACE_UTRACE_H
#define UTRACE_UTRACE_H

#include <utrace/base.h>
#include <utrace/breakpoint.h>
#include <utrace/call.h>
#include <utrace/class.h>
#include <utrace/control.h>
#include <utrace/core.h>
#include <utrace/error.h>
#include <utrace/event.h>
#include <utrace/facts.h>
#include <utrace/memory.h>
#include <utrace/process.h>
#include <utrace/regs.h>
#include <utrace/session.h>
#include <utrace/step.h>
#include <utrace/symbol.h>
#include <utrace/syscall.h>
#include <utrace/tls.h>
#include <utrace/type.h>
#include <utrace/unwind.h>
#include <utrace/variable.h>

#endif
