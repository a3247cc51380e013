/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminals and ioctl(2). */
#include <asm/ioctls.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int main(void)
{
	struct termios settings;
	struct winsize size = {24, 80, 0, 0};
	int number;
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int slave;

	grantpt(master);
	unlockpt(master);
	ioctl(master, TIOCGPTN, &number);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ioctl(master, TIOCSWINSZ, &size);
	ioctl(slave, TIOCGWINSZ, &size);
	tcgetattr(slave, &settings);
	settings.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(slave, TCSANOW, &settings);
	tcsetattr(slave, TCSADRAIN, &settings);
	tcflush(slave, TCIOFLUSH);
	ioctl(slave, FIONREAD, &number);
	ioctl(slave, FIONBIO, &(int){1});
	ioctl(slave, TIOCGPGRP, &number);
	ioctl(0, TCGETS, &settings);
	ioctl(slave, FIOCLEX);
	ioctl(slave, 0x12345678, 7);
	return 0;
}
