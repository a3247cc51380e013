/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/layouts.c - see layouts.h. Facts: Intel SDM, FXSAVE and XSAVE areas; <asm-generic/siginfo.h>; the names are those
 * that gdb gives the members.
 */
#include "layouts.h"

#include <cpuid.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "threads.h"

#define VECTOR(name, type, kind, size, count)                                                                          \
	{                                                                                                              \
		name, type, kind, size, count, 0, NULL                                                                 \
	}

static const struct layout vec128_members[] = {
	VECTOR("v8_bfloat16", "v8bf16", LAYOUT_BRAIN, 2, 8),    VECTOR("v8_half", "v8h", LAYOUT_REAL, 2, 8),
	VECTOR("v4_float", "v4f", LAYOUT_REAL, 4, 4),           VECTOR("v2_double", "v2d", LAYOUT_REAL, 8, 2),
	VECTOR("v16_int8", "v16i8", LAYOUT_SIGNED, 1, 16),      VECTOR("v8_int16", "v8i16", LAYOUT_SIGNED, 2, 8),
	VECTOR("v4_int32", "v4i32", LAYOUT_SIGNED, 4, 4),       VECTOR("v2_int64", "v2i64", LAYOUT_SIGNED, 8, 2),
	VECTOR("uint128", "uint128_t", LAYOUT_UNSIGNED, 16, 0), {.name = NULL},
};

static const struct layout vec256_members[] = {
	VECTOR("v16_bfloat16", "bfloat16", LAYOUT_BRAIN, 2, 16), VECTOR("v16_half", "half", LAYOUT_REAL, 2, 16),
	VECTOR("v8_float", "float", LAYOUT_REAL, 4, 8),          VECTOR("v4_double", "double", LAYOUT_REAL, 8, 4),
	VECTOR("v32_int8", "int8_t", LAYOUT_SIGNED, 1, 32),      VECTOR("v16_int16", "int16_t", LAYOUT_SIGNED, 2, 16),
	VECTOR("v8_int32", "int32_t", LAYOUT_SIGNED, 4, 8),      VECTOR("v4_int64", "int64_t", LAYOUT_SIGNED, 8, 4),
	VECTOR("v2_int128", "int128_t", LAYOUT_SIGNED, 16, 2),   {.name = NULL},
};

static const struct layout vec128 = {NULL, "union vec128", LAYOUT_STRUCT, 16, 0, 0, vec128_members};
static const struct layout vec256 = {NULL, "union builtin_type_vec256i", LAYOUT_STRUCT, 32, 0, 0, vec256_members};

#define INT(name, offset)                                                                                              \
	{                                                                                                              \
		name, "int", LAYOUT_SIGNED, 4, 0, offset, NULL                                                         \
	}
#define LONG(name, offset)                                                                                             \
	{                                                                                                              \
		name, "long", LAYOUT_SIGNED, 8, 0, offset, NULL                                                        \
	}
#define POINTER(name, offset)                                                                                          \
	{                                                                                                              \
		name, "void *", LAYOUT_POINTER, 8, 0, offset, NULL                                                     \
	}
#define UID(name, offset)                                                                                              \
	{                                                                                                              \
		name, "unsigned int", LAYOUT_UNSIGNED, 4, 0, offset, NULL                                              \
	}
#define STRUCT(name, members, offset)                                                                                  \
	{                                                                                                              \
		name, "struct {...}", LAYOUT_STRUCT, 0, 0, offset, members                                             \
	}

static const struct layout sigval_members[] = {INT("sival_int", 0), POINTER("sival_ptr", 0), {.name = NULL}};
static const struct layout kill_members[] = {INT("si_pid", 0), UID("si_uid", 4), {.name = NULL}};
static const struct layout timer_members[] = {
	INT("si_tid", 0), INT("si_overrun", 4), STRUCT("si_sigval", sigval_members, 8), {.name = NULL}};
static const struct layout rt_members[] = {
	INT("si_pid", 0), UID("si_uid", 4), STRUCT("si_sigval", sigval_members, 8), {.name = NULL}};
static const struct layout child_members[] = {INT("si_pid", 0),     UID("si_uid", 4),     INT("si_status", 8),
					      LONG("si_utime", 16), LONG("si_stime", 24), {.name = NULL}};
static const struct layout bound_members[] = {POINTER("_lower", 0), POINTER("_upper", 8), {.name = NULL}};
static const struct layout fault_members[] = {POINTER("si_addr", 0),
					      {"_addr_lsb", "short", LAYOUT_SIGNED, 2, 0, 8, NULL},
					      STRUCT("_addr_bnd", bound_members, 16),
					      {.name = NULL}};
static const struct layout poll_members[] = {LONG("si_band", 0), INT("si_fd", 8), {.name = NULL}};
static const struct layout sys_members[] = {
	POINTER("_call_addr", 0), INT("_syscall", 8), UID("_arch", 12), {.name = NULL}};

static const struct layout field_members[] = {
	{"_pad", "int", LAYOUT_SIGNED, 4, 28, 0, NULL},
	STRUCT("_kill", kill_members, 0),
	STRUCT("_timer", timer_members, 0),
	STRUCT("_rt", rt_members, 0),
	STRUCT("_sigchld", child_members, 0),
	STRUCT("_sigfault", fault_members, 0),
	STRUCT("_sigpoll", poll_members, 0),
	STRUCT("_sigsys", sys_members, 0),
	{.name = NULL},
};

static const struct layout siginfo_members[] = {
	INT("si_signo", 0), INT("si_errno", 4),
	INT("si_code", 8),  {"_sifields", "union {...}", LAYOUT_STRUCT, 112, 0, 16, field_members},
	{.name = NULL},
};

static const struct layout siginfo = {NULL, "struct siginfo", LAYOUT_STRUCT, sizeof(siginfo_t), 0, 0, siginfo_members};

/* ---- making them ---- */

static struct value *made(struct gdb *gdb, const struct layout *layout, const unsigned char *bytes)
{
	struct value *value = value_new(gdb, NULL);

	value->layout = layout;
	value->size = layout->size * (layout->count ? layout->count : 1);
	value->bytes = arena_alloc(&gdb->arena, value->size);
	memcpy(value->bytes, bytes, value->size);
	value->fetched = true;
	return value;
}

static struct value *signal_value(struct gdb *gdb)
{
	const struct thread_info *info = gdb->inferior.thread ? thread_info(gdb->inferior.thread) : NULL;

	siginfo_t trap = {.si_signo = SIGTRAP};

	if (info && info->event.reason == UTRACE_EVENT_SIGNAL)
		return made(gdb, &siginfo, (const unsigned char *)&info->event.u.signal.info);
	/* What the kernel says of these traps, which never become signals here. (arch/x86/kernel/traps.c) */
	trap.si_code = info && info->event.reason == UTRACE_EVENT_BREAKPOINT ? SI_KERNEL : TRAP_TRACE;
	if (info && (info->event.reason == UTRACE_EVENT_BREAKPOINT || info->event.reason == UTRACE_EVENT_STEPPED))
		return made(gdb, &siginfo, (const unsigned char *)&trap);
	(void)fail(gdb, "Unable to read siginfo");
	return NULL;
}

enum { ST0 = 32, XMM0 = 160, FEATURES = 512, YMM0 = 576, XSTATE_MAX = 16384, FEATURE_YMM = 2, FEATURE_OPMASK = 5 };

static bool read_floats(struct gdb *gdb, unsigned char *set)
{
	struct utrace_error error;

	if (utrace_regset_get(gdb->inferior.thread, UTRACE_REGSET_FLOAT, set, 512, &error) >= 512)
		return true;
	return fail_with(gdb, &error);
}

/* A component of the XSAVE area; where the processor has not written it, it is all zeros. */
static bool read_component(struct gdb *gdb, unsigned int feature, size_t offset, unsigned char *bytes, size_t size)
{
	unsigned char *area = arena_alloc(&gdb->arena, XSTATE_MAX);
	ssize_t got = utrace_regset_get(gdb->inferior.thread, UTRACE_REGSET_XSTATE, area, XSTATE_MAX, NULL);

	if (got < (ssize_t)(offset + size))
		return false;
	memset(bytes, 0, size);
	if (load_unsigned(area + FEATURES, 8) >> feature & 1)
		memcpy(bytes, area + offset, size);
	return true;
}

/* The number behind a prefix, below `limit`. */
static bool numbered(const char *name, const char *prefix, unsigned long limit, unsigned long *number)
{
	size_t length = strlen(prefix);
	char *end;

	if (strncmp(name, prefix, length) != 0 || name[length] < '0' || name[length] > '9')
		return false;
	*number = strtoul(name + length, &end, 10);
	return !*end && *number < limit;
}

static struct value *vector_value(struct gdb *gdb, const char *name)
{
	unsigned char set[512];
	unsigned char bytes[32];
	unsigned long number;
	unsigned long limit = pointer_size(gdb) == 4 ? 8 : 16;

	if (numbered(name, "xmm", limit, &number))
		return read_floats(gdb, set) ? made(gdb, &vec128, set + XMM0 + 16 * number) : NULL;
	if (!numbered(name, "ymm", limit, &number) || !read_floats(gdb, set) ||
	    !read_component(gdb, FEATURE_YMM, YMM0 + 16 * number, bytes + 16, 16))
		return NULL;
	memcpy(bytes, set + XMM0 + 16 * number, 16);
	return made(gdb, &vec256, bytes);
}

/* AVX-512's masks; where they are the processor says. */
static struct value *mask_value(struct gdb *gdb, unsigned long number)
{
	unsigned int size;
	unsigned int offset;
	unsigned int c;
	unsigned int d;
	unsigned char bytes[8];
	utrace_type *type = base_type(gdb, "long");

	if (!type || !__get_cpuid_count(0xd, FEATURE_OPMASK, &size, &offset, &c, &d) || !size ||
	    !read_component(gdb, FEATURE_OPMASK, offset + 8 * number, bytes, sizeof(bytes)))
		return NULL;
	return value_integer(gdb, type, load_unsigned(bytes, 8));
}

static struct value *named_integer(struct gdb *gdb, utrace_type *type, const char *name, uint64_t number)
{
	struct value *value = value_integer(gdb, type, number);

	value->name = name;
	return value;
}

/* Of FXSAVE's x87 part; gdb calls the tags that of FSAVE, which has two bits for each. */
static struct value *control_value(struct gdb *gdb, const char *name)
{
	static const struct {
		const char *name;
		size_t offset, size;
	} fields[] = {{"fctrl", 0, 2},  {"fstat", 2, 2},  {"fop", 6, 2},    {"fioff", 8, 4},
		      {"fiseg", 12, 2}, {"fooff", 16, 4}, {"foseg", 20, 2}, {"mxcsr", 24, 4}};
	unsigned char set[512];
	utrace_type *type = base_type(gdb, "int");

	for (size_t i = 0; type && i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(name, fields[i].name) == 0)
			return read_floats(gdb, set)
				       ? named_integer(gdb, type, fields[i].name,
						       load_unsigned(set + fields[i].offset, fields[i].size))
				       : NULL;
	return NULL;
}

static struct value *stack_value(struct gdb *gdb, unsigned long number)
{
	unsigned char set[512];
	utrace_type *type = base_type(gdb, "long double");

	if (!type || !read_floats(gdb, set))
		return NULL;
	return value_double(gdb, type, load_real(set + ST0 + 16 * number, 10));
}

struct value *layout_value(struct gdb *gdb, const char *name)
{
	struct value *value;
	unsigned long number;

	if (strcmp(name, "_siginfo") == 0)
		return signal_value(gdb);
	if (!gdb->inferior.thread)
		return NULL;
	if (numbered(name, "st", 8, &number))
		return stack_value(gdb, number);
	if (numbered(name, "k", 8, &number))
		return mask_value(gdb, number);
	value = vector_value(gdb, name);
	return value || gdb->error ? value : control_value(gdb, name);
}

struct value *layout_member(struct gdb *gdb, struct value *object, const char *name)
{
	const struct layout *member = object->layout->members;
	static const char *const names[] = {"signed char", "short", "int", "long"};
	utrace_type *type;
	struct value *value;

	while (member && member->name && strcmp(member->name, name) != 0)
		member++;
	if (!member || !member->name) {
		(void)fail(gdb, "There is no member named %s.", name);
		return NULL;
	}
	if (member->kind == LAYOUT_STRUCT || member->size == 16 ||
	    (member->kind != LAYOUT_SIGNED && member->size == 2)) {
		struct layout *copy = arena_copy(&gdb->kept, member, sizeof(*member));

		copy->size = (unsigned int)object->size - member->offset;
		copy->size /= copy->count ? copy->count : 1;
		return made(gdb, copy, object->bytes + member->offset);
	}
	if (member->kind == LAYOUT_REAL)
		type = base_type(gdb, member->size == 4 ? "float" : "double");
	else if (member->kind == LAYOUT_POINTER)
		type = pointer_type(gdb, NULL);
	else
		type = base_type(gdb,
				 member->kind == LAYOUT_UNSIGNED ? "unsigned int" : names[__builtin_ctz(member->size)]);
	type = type && member->count ? utrace_type_array_of(type, member->count) : type;
	if (!type)
		return NULL;
	value = value_new(gdb, type);
	value->bytes = arena_copy(&gdb->arena, object->bytes + member->offset, value->size);
	value->fetched = true;
	return value;
}

/* ---- showing them ---- */

/* IEEE 754's 16 bits. */
static long double half_of(uint16_t bits)
{
	unsigned int exponent = bits >> 10 & 0x1f;
	long double fraction = bits & 0x3ff;
	long double number;

	if (exponent == 0x1f) {
		uint32_t wide = (uint32_t)(bits >> 15) << 31 | 0x7f800000 | (uint32_t)(bits & 0x3ff) << 13;

		return load_real((const unsigned char *)&wide, 4);
	}
	number = exponent ? __builtin_ldexpl(fraction + 1024, (int)exponent - 25) : __builtin_ldexpl(fraction, -24);
	return bits >> 15 ? -number : number;
}

static void show_wide(struct gdb *gdb, const unsigned char *bytes, bool is_signed, char letter)
{
	unsigned __int128 number;
	char digits[48];
	size_t at = sizeof(digits);
	bool negative;

	memcpy(&number, bytes, sizeof(number));
	negative = is_signed && number >> 127;
	if (letter == 'x') {
		if (number >> 64)
			say(gdb, "0x%llx%016llx", (unsigned long long)(number >> 64), (unsigned long long)number);
		else
			say(gdb, "0x%llx", (unsigned long long)number);
		return;
	}
	if (negative)
		number = 0 - number;
	do
		digits[--at] = (char)('0' + (int)(number % 10));
	while (number /= 10);
	say(gdb, "%s%.*s", negative ? "-" : "", (int)(sizeof(digits) - at), digits + at);
}

static void show_element(struct gdb *gdb, const struct layout *layout, const unsigned char *bytes, char letter)
{
	uint32_t wide = (uint32_t)load_unsigned(bytes, 2) << 16;

	if (layout->size == 16)
		show_wide(gdb, bytes, layout->kind == LAYOUT_SIGNED, letter);
	else if (letter && letter != 'd')
		print_formatted(gdb, bytes, layout->size, layout->kind == LAYOUT_SIGNED, letter);
	else if (layout->kind == LAYOUT_BRAIN)
		print_real_as(gdb, load_real((const unsigned char *)&wide, 4), 4, 7);
	else if (layout->kind == LAYOUT_REAL && layout->size == 2)
		print_real_as(gdb, half_of((uint16_t)load_unsigned(bytes, 2)), 5, 10);
	else if (layout->kind == LAYOUT_REAL)
		print_real(gdb, load_real(bytes, layout->size), layout->size);
	else if (layout->kind == LAYOUT_SIGNED)
		say(gdb, "%lld", (long long)load_signed(bytes, layout->size));
	else if (layout->kind == LAYOUT_UNSIGNED)
		say(gdb, "%llu", (unsigned long long)load_unsigned(bytes, layout->size));
	else
		say(gdb, "0x%llx", (unsigned long long)load_unsigned(bytes, layout->size));
	if (layout->kind == LAYOUT_POINTER && load_unsigned(bytes, 8))
		print_symbol(gdb, load_unsigned(bytes, 8));
}

static void show_elements(struct gdb *gdb, const struct layout *layout, const unsigned char *bytes, char letter)
{
	size_t run;

	say(gdb, "{");
	for (size_t i = 0; i < layout->count; i += run) {
		size_t size = layout->size;

		run = 1;
		while (i + run < layout->count && memcmp(bytes + i * size, bytes + (i + run) * size, size) == 0)
			run++;
		say(gdb, "%s", i ? ", " : "");
		show_element(gdb, layout, bytes + i * size, letter);
		if (run >= gdb->settings.print_repeats)
			say(gdb, " <repeats %zu times>", run);
		else
			run = 1;
	}
	say(gdb, "}");
}

static void show_part(struct gdb *gdb, const struct layout *layout, const unsigned char *bytes, char letter, int depth)
{
	const char *between = "";

	if (layout->kind != LAYOUT_STRUCT) {
		if (layout->count)
			show_elements(gdb, layout, bytes, letter);
		else
			show_element(gdb, layout, bytes, letter);
		return;
	}
	say(gdb, "{");
	for (const struct layout *member = layout->members; member->name; member++) {
		say(gdb, "%s", between);
		between = gdb->settings.print_pretty ? "," : ", ";
		if (gdb->settings.print_pretty)
			say(gdb, "\n%*s", 2 * depth + 2, "");
		say(gdb, "%s = ", member->name);
		show_part(gdb, member, bytes + member->offset, letter, depth + 1);
	}
	if (gdb->settings.print_pretty)
		say(gdb, "\n%*s", 2 * depth, "");
	say(gdb, "}");
}

void show_layout(struct gdb *gdb, const struct value *value, char letter)
{
	show_part(gdb, value->layout, value->bytes, letter, 0);
}

/* Inner structs are not shown with their members: they are a level down. */
static void print_members(struct gdb *gdb, const struct layout *layout, int indent)
{
	say(gdb, "{\n");
	for (const struct layout *member = layout->members; member->name; member++) {
		say(gdb, "%*s", indent + 4, "");
		if (member->kind == LAYOUT_STRUCT && indent == 0) {
			say(gdb, "union ");
			print_members(gdb, member, indent + 4);
			say(gdb, " %s;\n", member->name);
		} else if (member->count && member->type[0] != 'v') {
			say(gdb, "%s %s __attribute__ ((vector_size(%u)));\n", member->type, member->name,
			    member->count);
		} else {
			say(gdb, "%s%s%s;\n", member->type, member->kind == LAYOUT_POINTER ? "" : " ", member->name);
		}
	}
	say(gdb, "%*s}", indent, "");
}

void print_layout_type(struct gdb *gdb, const struct layout *layout, bool expanded)
{
	if (!expanded || layout->kind != LAYOUT_STRUCT) {
		say(gdb, "%s", layout->type);
		return;
	}
	say(gdb, "%s ", layout->type);
	print_members(gdb, layout, 0);
}
