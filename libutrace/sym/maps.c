/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/maps.c - see maps.h. (proc(5), /proc/PID/maps)
 */
#include "sym/maps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define DELETED " (deleted)"

static bool parse(char *line, struct ut__mapping *mapping)
{
	unsigned long long start;
	unsigned long long end;
	unsigned long long offset;
	unsigned long inode;
	unsigned major_number;
	unsigned minor_number;
	char flags[5];
	size_t length;
	int name = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %lu %n", &start, &end, flags, &offset, &major_number, &minor_number,
		   &inode, &name) < 7)
		return false;
	*mapping = (struct ut__mapping){.start = start,
					.end = end,
					.offset = offset,
					.device = makedev(major_number, minor_number),
					.inode = inode,
					.is_code = flags[2] == 'x',
					.is_readable = flags[0] == 'r',
					.name = line + name};
	length = strcspn(mapping->name, "\n");
	mapping->name[length] = '\0';
	if (inode && length > strlen(DELETED) && strcmp(mapping->name + length - strlen(DELETED), DELETED) == 0) {
		mapping->name[length - strlen(DELETED)] = '\0';
		mapping->is_deleted = true;
	}
	return true;
}

int ut__maps_each(pid_t pid, bool (*visit)(const struct ut__mapping *mapping, void *context), void *context)
{
	struct ut__mapping mapping;
	char path[64];
	char *line = NULL;
	size_t room = 0;
	FILE *file;
	int count = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (getline(&line, &room, file) > 0) {
		if (!parse(line, &mapping))
			continue;
		count++;
		if (!visit(&mapping, context))
			break;
	}
	free(line);
	(void)fclose(file);
	return count;
}
