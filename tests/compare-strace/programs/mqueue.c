/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX message queues. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 32};
	struct timespec past = {1, 0};
	char buffer[32];
	unsigned int priority;
	mqd_t queue = mq_open("/compare", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attributes);

	mq_send(queue, "message", 7, 5);
	mq_getattr(queue, &attributes);
	mq_receive(queue, buffer, sizeof(buffer), &priority);
	mq_timedreceive(queue, buffer, sizeof(buffer), &priority, &past);
	mq_close(queue);
	mq_unlink("/compare");
	return 0;
}
