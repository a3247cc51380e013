/* SPDX-License-Identifier: BSD-2-Clause */
/* System V: memory, semaphores, messages. */
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
	struct {
		long type;
		char text[8];
	} message = {2, "message"};
	struct sembuf operations[] = {{0, 1, IPC_NOWAIT}, {0, -1, SEM_UNDO}};
	struct shmid_ds segment;
	struct msqid_ds queue;
	int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	int semaphores = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	int messages = msgget(IPC_PRIVATE, IPC_CREAT | IPC_EXCL | 0600);
	void *at = shmat(memory, NULL, SHM_RDONLY);

	shmctl(memory, IPC_STAT, &segment);
	shmdt(at);
	shmctl(memory, IPC_RMID, NULL);
	semop(semaphores, operations, 2);
	semctl(semaphores, 0, GETVAL);
	semctl(semaphores, 0, IPC_RMID);
	msgsnd(messages, &message, 8, IPC_NOWAIT);
	msgrcv(messages, &message, 8, 2, MSG_NOERROR);
	msgctl(messages, IPC_STAT, &queue);
	msgctl(messages, IPC_RMID, NULL);
	return 0;
}
