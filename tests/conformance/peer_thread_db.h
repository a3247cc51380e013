/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer_thread_db.h - libthread_db on a held victim, to compare with. It is loaded by dlopen; what it asks its
 * caller for (proc_service.h) is answered through the library.
 */
#ifndef TEST_PEER_THREAD_DB_H
#define TEST_PEER_THREAD_DB_H

#include "support_image.h"

struct thread_db;

struct thread_db *thread_db_open(struct image_world *world);
void thread_db_close(struct thread_db *db);
pid_t thread_db_tid(struct thread_db *db, unsigned long pthread);
unsigned long thread_db_pthread(struct thread_db *db, pid_t tid);
/* false: not allocated yet */
bool thread_db_tls(struct thread_db *db, unsigned long pthread, utrace_module *module, uint64_t offset,
		   unsigned long *address);

#endif
