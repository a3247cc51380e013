/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/worker.c - a thread that owns a session's tracees, because the kernel takes orders for a tracee from one
 * thread only (ptrace(2)), and runs what other threads ask for.
 *
 * Lock order: worker->lock is never held while the queue lock of the session is taken, nor while a request runs.
 * worker->lock guards first, last, quit and pumping.  A requester that finds `pumping` set wakes the backend: the flag
 * is set before the worker decides to wait, and a wake that comes before the wait ends it, so none is lost.
 */
#include "core/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "core/queue.h"

struct ut__worker {
	utrace_session *session;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ut__request *first;
	struct ut__request **last;
	bool quit;
	bool pumping;
	/* Of the start. */
	sem_t started;
	int open_status;
	struct utrace_error *error;
};

static struct ut__request *take_request(struct ut__worker *worker)
{
	struct ut__request *request = worker->first;

	if (!request)
		return NULL;
	worker->first = request->next;
	if (!worker->first)
		worker->last = &worker->first;
	return request;
}

static void run_requests(struct ut__worker *worker)
{
	struct ut__request *request;

	while ((request = take_request(worker)) != NULL) {
		(void)pthread_mutex_unlock(&worker->lock);
		request->result = ut__request_execute(request);
		(void)sem_post(&request->done);
		(void)pthread_mutex_lock(&worker->lock);
	}
}

static void pump(struct ut__worker *worker)
{
	utrace_session *session = worker->session;

	worker->pumping = true;
	(void)pthread_mutex_unlock(&worker->lock);
	(void)session->ops->pump(session, UINT64_MAX, NULL);
	(void)pthread_mutex_lock(&worker->lock);
	worker->pumping = false;
}

static void serve(struct ut__worker *worker)
{
	utrace_session *session = worker->session;

	(void)pthread_mutex_lock(&worker->lock);
	for (;;) {
		run_requests(worker);
		if (worker->quit)
			break;
		if (atomic_load(&session->process_count) == 0 || ut__queue_full(session)) {
			session->ops->flush(session);
			(void)pthread_cond_wait(&worker->changed, &worker->lock);
		} else {
			pump(worker);
		}
	}
	(void)pthread_mutex_unlock(&worker->lock);
}

static void *worker_main(void *argument)
{
	struct ut__worker *worker = argument;
	utrace_session *session = worker->session;

	session->owner = pthread_self();
	worker->open_status = session->ops->open(session, worker->error);
	(void)sem_post(&worker->started);
	if (worker->open_status)
		return NULL;
	serve(worker);
	session->ops->close(session);
	return NULL;
}

/* The host's signals must not be handled on a thread that it does not know of. */
static int create_thread(struct ut__worker *worker)
{
	sigset_t all;
	sigset_t old;
	int status;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	status = pthread_create(&worker->thread, NULL, worker_main, worker);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return status;
}

static void worker_free(struct ut__worker *worker)
{
	(void)sem_destroy(&worker->started);
	(void)pthread_cond_destroy(&worker->changed);
	(void)pthread_mutex_destroy(&worker->lock);
	free(worker);
}

int ut__worker_start(utrace_session *session, struct utrace_error *error)
{
	struct ut__worker *worker = calloc(1, sizeof(*worker));
	int status;

	if (!worker)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the session's thread.");
	worker->session = session;
	worker->error = error;
	worker->last = &worker->first;
	(void)pthread_mutex_init(&worker->lock, NULL);
	(void)pthread_cond_init(&worker->changed, NULL);
	(void)sem_init(&worker->started, 0, 0);
	session->worker = worker;
	status = create_thread(worker);
	if (status) {
		worker_free(worker);
		return ut__fail(error, UTRACE_SYSTEM, status, "The session's thread can't be created (errno %d).",
				status);
	}
	while (sem_wait(&worker->started) && errno == EINTR)
		;
	if (!worker->open_status)
		return UTRACE_OK;
	status = worker->open_status;
	(void)pthread_join(worker->thread, NULL);
	worker_free(worker);
	return status;
}

/* With worker->lock held, after a change that the worker must see. */
static void alert(struct ut__worker *worker)
{
	if (worker->pumping)
		worker->session->ops->wake(worker->session);
	(void)pthread_cond_signal(&worker->changed);
}

void ut__worker_stop(struct ut__worker *worker)
{
	(void)pthread_mutex_lock(&worker->lock);
	worker->quit = true;
	alert(worker);
	(void)pthread_mutex_unlock(&worker->lock);
	(void)pthread_join(worker->thread, NULL);
	worker_free(worker);
}

ssize_t ut__worker_call(struct ut__worker *worker, struct ut__request *request)
{
	(void)sem_init(&request->done, 0, 0);
	request->next = NULL;
	(void)pthread_mutex_lock(&worker->lock);
	*worker->last = request;
	worker->last = &request->next;
	alert(worker);
	(void)pthread_mutex_unlock(&worker->lock);
	while (sem_wait(&request->done) && errno == EINTR)
		;
	(void)sem_destroy(&request->done);
	return request->result;
}

void ut__worker_nudge(struct ut__worker *worker)
{
	(void)pthread_mutex_lock(&worker->lock);
	(void)pthread_cond_signal(&worker->changed);
	(void)pthread_mutex_unlock(&worker->lock);
}
