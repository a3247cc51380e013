/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_ledger.h - what a whole run has told, and that everyone who began has ended once.
 */
#ifndef TEST_SUPPORT_LEDGER_H
#define TEST_SUPPORT_LEDGER_H

#include "support_talk.h"

struct ledger {
	pid_t pid;       /* of the victim */
	int told[16];    /* by enum utrace_reason */
	int created[5];  /* by enum utrace_create_kind */
	int exits[5];    /* by enum utrace_exit_cause */
	int processes;   /* that began, the victim among them */
	int threads;     /* that began, without each process's first */
	int unfollowed;  /* children that were let go */
	int status;      /* the victim's wait status */
	int last_status; /* of the process that ended last */
};

/* For a victim with one thread; its CREATE events must be of interest if it makes children. */
struct ledger ledger_start(const struct talk_world *world);
void ledger_add(struct ledger *ledger, const struct utrace_event *event);
/* Resumes everything until nothing is attached any more. */
void ledger_run(struct ledger *ledger, struct talk_world *world);
/* Everyone who began has ended. */
void ledger_check(const struct ledger *ledger);
/* All of these. */
struct ledger ledger_of_run(struct talk_world *world);

#endif
