/* SPDX-License-Identifier: BSD-2-Clause */
/* Extended attributes. */
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

int main(void)
{
	char buffer[64];
	int fd = open("a", O_RDWR | O_CREAT, 0600);

	setxattr("a", "user.one", "value", 5, XATTR_CREATE);
	fsetxattr(fd, "user.two", "v\0w", 3, 0);
	getxattr("a", "user.one", buffer, sizeof(buffer));
	lgetxattr("a", "user.none", buffer, sizeof(buffer));
	listxattr("a", buffer, sizeof(buffer));
	fremovexattr(fd, "user.two");
	removexattr("b", "user.one");
	return 0;
}
