/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance counters: the attributes by type and size. */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct perf_event_attr attribute;

	for (unsigned int type = 0; type < 7; type++) {
		memset(&attribute, 0, sizeof(attribute));
		attribute.type = type;
		attribute.size = (const unsigned int[]){64, 72, 80, 96, 104, 112, 120}[type];
		attribute.config = type == PERF_TYPE_HW_CACHE ? 0x10102 : type;
		attribute.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
		attribute.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID;
		attribute.disabled = 1;
		attribute.inherit = type & 1;
		attribute.freq = type >> 1 & 1;
		attribute.sample_freq = 4000;
		attribute.precise_ip = type & 3;
		attribute.exclude_kernel = 1;
		attribute.use_clockid = type == 1;
		attribute.clockid = 1;
		attribute.watermark = type == 2;
		attribute.wakeup_events = 3;
		attribute.bp_type = HW_BREAKPOINT_RW;
		attribute.bp_addr = 0x1000;
		attribute.bp_len = HW_BREAKPOINT_LEN_4;
		attribute.branch_sample_type = PERF_SAMPLE_BRANCH_ANY;
		attribute.sample_regs_user = 7;
		attribute.sample_stack_user = 4096;
		attribute.aux_watermark = 5;
		attribute.sample_max_stack = 9;
		syscall(SYS_perf_event_open, &attribute, -1, 0, -1, PERF_FLAG_FD_CLOEXEC | PERF_FLAG_FD_NO_GROUP);
	}
	memset(&attribute, 0xff, sizeof(attribute));
	attribute.size = sizeof(attribute);
	syscall(SYS_perf_event_open, &attribute, -1, 0, -1, -1L);
	attribute.size = 8;
	syscall(SYS_perf_event_open, &attribute, 0, -1, 3, 0);
	attribute.size = 0;
	syscall(SYS_perf_event_open, &attribute, 0, -1, 3, 0);
	syscall(SYS_perf_event_open, NULL, 0, -1, 3, 0);
	return 0;
}
