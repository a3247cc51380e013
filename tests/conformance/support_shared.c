/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_shared.c - copies of victims that every user can reach and run, whatever folder the tests were built in.
 */
#include "support_talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

void talk_share(struct talk_shared *shared, const char *program, mode_t mode)
{
	const char *directory = getenv("TMPDIR");
	int from = open(program, O_RDONLY | O_CLOEXEC);
	struct stat status;
	int to;

	snprintf(shared->path, sizeof(shared->path), "%s/utrace-test-XXXXXX", directory ? directory : "/tmp");
	to = mkostemp(shared->path, O_CLOEXEC);
	assert_true(from >= 0 && to >= 0);
	assert_int_equal(fstat(from, &status), 0);
	assert_int_equal(sendfile(to, from, NULL, (size_t)status.st_size), status.st_size);
	assert_int_equal(fchmod(to, mode), 0);
	close(from);
	close(to);
}

void talk_unshare(struct talk_shared *shared)
{
	if (shared->path[0])
		unlink(shared->path);
	shared->path[0] = 0;
}
