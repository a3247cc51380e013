/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/disassemble.c - instructions as text, by capstone in AT&T syntax.
 */
#include <capstone/capstone.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"
#include "frames.h"
#include "print.h"
#include "source.h"

enum { INSTRUCTION_MAX = 16 };

struct decoded {
	size_t length;
	char text[256];
	uint64_t target; /* of a jump or call, or of an operand relative to the pc; 0: none */
	bool is_jump;
};

static uint64_t immediate_target(const cs_insn *instruction)
{
	const cs_x86 *x86 = &instruction->detail->x86;

	if (x86->op_count == 1 && x86->operands[0].type == X86_OP_IMM)
		return (uint64_t)x86->operands[0].imm;
	return 0;
}

static uint64_t relative_target(const cs_insn *instruction)
{
	const cs_x86 *x86 = &instruction->detail->x86;

	for (int i = 0; i < x86->op_count; i++)
		if (x86->operands[i].type == X86_OP_MEM && x86->operands[i].mem.base == X86_REG_RIP)
			return instruction->address + instruction->size + (uint64_t)x86->operands[i].mem.disp;
	return 0;
}

static bool is_jump(csh handle, const cs_insn *instruction)
{
	return cs_insn_group(handle, instruction, CS_GRP_JUMP) || cs_insn_group(handle, instruction, CS_GRP_CALL);
}

/* The size stands in the mnemonic only where no register tells it, as in gdb. */
static void write_mnemonic(char *text, size_t size, const cs_insn *instruction)
{
	static const char *const alone[] = {"push", "pop", "call", "ret", "leave", "jmp"};
	static const char *const sized[] = {"mov", "lea", "add", "sub",  "cmp", "test", "and", "or",  "xor", "inc",
					    "dec", "neg", "not", "imul", "sar", "shr",  "shl", "sbb", "adc", "xchg"};
	const cs_x86 *x86 = &instruction->detail->x86;
	size_t length = strlen(instruction->mnemonic);
	size_t stem = length - 1;
	bool has_register = false;
	bool cut = false;

	for (int i = 0; i < x86->op_count; i++)
		has_register |= x86->operands[i].type == X86_OP_REG;
	if (length < 3 || !strchr("bwlq", instruction->mnemonic[stem]))
		stem = length;
	for (size_t i = 0; stem < length && i < sizeof(alone) / sizeof(alone[0]); i++)
		cut |= strlen(alone[i]) == stem && strncmp(alone[i], instruction->mnemonic, stem) == 0;
	for (size_t i = 0; stem < length && has_register && i < sizeof(sized) / sizeof(sized[0]); i++)
		cut |= strlen(sized[i]) == stem && strncmp(sized[i], instruction->mnemonic, stem) == 0;
	(void)snprintf(text, size, "%.*s", (int)(cut ? stem : length), instruction->mnemonic);
}

/* Numbers in hexadecimal but for scales, and no blanks after commas. */
static void write_operands(char *text, size_t size, const char *operands)
{
	size_t at = 0;
	bool inside = false;
	char before = ' ';

	for (; *operands && at + 24 < size; operands++) {
		inside = *operands == '(' || (inside && *operands != ')');
		if (*operands == ' ' && before == ',')
			continue;
		if (*operands >= '0' && *operands <= '9' && strchr(" ,$-*(", before) && !(inside && before == ',') &&
		    operands[1] != 'x') {
			char *end;
			unsigned long long number = strtoull(operands, &end, 10);

			at += (size_t)snprintf(text + at, size - at, "0x%llx", number);
			operands = end - 1;
		} else if (*operands == '0' && operands[1] == 'x') {
			while ((*operands >= '0' && *operands <= '9') || (*operands >= 'a' && *operands <= 'f') ||
			       *operands == 'x')
				text[at++] = *operands++;
			operands--;
		} else {
			text[at++] = *operands;
		}
		before = *operands;
	}
	text[at] = '\0';
}

static void write_text(struct decoded *decoded, const cs_insn *instruction)
{
	char mnemonic[CS_MNEMONIC_SIZE];
	char operands[sizeof(decoded->text) - CS_MNEMONIC_SIZE - 2];

	write_mnemonic(mnemonic, sizeof(mnemonic), instruction);
	write_operands(operands, sizeof(operands), instruction->op_str);
	if (*operands)
		(void)snprintf(decoded->text, sizeof(decoded->text), "%-6s %s", mnemonic, operands);
	else
		(void)snprintf(decoded->text, sizeof(decoded->text), "%s", mnemonic);
}

static bool decode(struct gdb *gdb, uint64_t address, const unsigned char *bytes, size_t size, struct decoded *decoded)
{
	cs_insn *instruction = NULL;
	csh handle;

	if (cs_open(CS_ARCH_X86, pointer_size(gdb) == 4 ? CS_MODE_32 : CS_MODE_64, &handle) != CS_ERR_OK)
		return fail(gdb, "capstone could not be opened.");
	(void)cs_option(handle, CS_OPT_SYNTAX, gdb->settings.intel_syntax ? CS_OPT_SYNTAX_INTEL : CS_OPT_SYNTAX_ATT);
	(void)cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	*decoded = (struct decoded){.length = 1};
	(void)strcpy(decoded->text, "(bad)");
	if (cs_disasm(handle, bytes, size, address, 1, &instruction) == 1) {
		decoded->length = instruction->size;
		decoded->is_jump = is_jump(handle, instruction) && immediate_target(instruction);
		decoded->target = decoded->is_jump ? immediate_target(instruction) : relative_target(instruction);
		write_text(decoded, instruction);
		cs_free(instruction, 1);
	}
	(void)cs_close(&handle);
	return true;
}

static bool decode_at(struct gdb *gdb, uint64_t address, struct decoded *decoded, unsigned char *bytes)
{
	ssize_t got = gdb->image ? utrace_image_read(gdb->image, address, bytes, INSTRUCTION_MAX, NULL) : -1;

	if (got <= 0)
		return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)address);
	return decode(gdb, address, bytes, (size_t)got, decoded);
}

static void print_target(struct gdb *gdb, const struct decoded *decoded)
{
	if (decoded->target && !decoded->is_jump)
		say(gdb, "        # 0x%llx", (unsigned long long)decoded->target);
	if (decoded->target)
		print_linker_symbol(gdb, decoded->target);
}

static bool is_present(struct gdb *gdb, uint64_t address)
{
	utrace_frame *frame = selected_frame(gdb);

	return frame && utrace_frame_pc(frame) == address;
}

bool print_instruction(struct gdb *gdb, uint64_t address, size_t *length)
{
	unsigned char bytes[INSTRUCTION_MAX];
	struct decoded decoded;

	if (!decode_at(gdb, address, &decoded, bytes))
		return false;
	say(gdb, "%s0x%llx", is_present(gdb, address) ? "=> " : "   ", (unsigned long long)address);
	print_linker_symbol(gdb, address);
	say(gdb, ":\t%s", decoded.text);
	print_target(gdb, &decoded);
	say(gdb, "\n");
	*length = decoded.length;
	return true;
}

bool instruction_length(struct gdb *gdb, uint64_t address, size_t *length)
{
	unsigned char bytes[INSTRUCTION_MAX];
	struct decoded decoded;

	if (!decode_at(gdb, address, &decoded, bytes))
		return false;
	*length = decoded.length;
	return true;
}

/* ---- disassemble ---- */

struct range {
	uint64_t start, end;
	bool raw;
	bool source;
	const char *function;
};

static bool function_range(struct gdb *gdb, uint64_t address, struct range *range)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};

	if (utrace_symbol_at(gdb->image, address, &symbol, NULL) || !symbol.length)
		return fail(gdb, "No function contains specified address.");
	range->start = symbol.address;
	range->end = symbol.address + symbol.length;
	range->function = symbol.name;
	return true;
}

static bool parse_range(struct gdb *gdb, const char *arguments, struct range *range)
{
	struct expr *expr;
	struct value *value;
	utrace_frame *frame;
	uint64_t address;

	if (!*arguments) {
		frame = need_frame(gdb);
		return frame && function_range(gdb, utrace_frame_pc(frame), range);
	}
	expr = parse_argument(gdb, &arguments);
	value = expr ? evaluate(gdb, expr) : NULL;
	if (!value || !value_as_address(gdb, value, &address))
		return false;
	if (*arguments != ',')
		return function_range(gdb, address, range);
	arguments += 1 + strspn(arguments + 1, " ");
	range->start = address;
	if (*arguments == '+') {
		if (!evaluate_integer(gdb, arguments + 1, &range->end))
			return false;
		range->end += address;
		return true;
	}
	return evaluate_address(gdb, arguments, &range->end);
}

static void print_source(struct gdb *gdb, uint64_t address, uint32_t *last)
{
	struct utrace_line line = {.size = sizeof(line)};

	if (utrace_line_at(gdb->image, address, &line, NULL) || line.line == *last)
		return;
	if (*last)
		say(gdb, "\n");
	else
		say(gdb, "%s:\n", source_name(&line));
	*last = line.line;
	source_show_stop(gdb, &line);
}

static bool print_range(struct gdb *gdb, const struct range *range)
{
	uint32_t line = 0;

	for (uint64_t at = range->start; at < range->end && !*gdb->interrupted;) {
		unsigned char bytes[INSTRUCTION_MAX];
		struct decoded decoded;

		if (!decode_at(gdb, at, &decoded, bytes))
			return false;
		if (range->source)
			print_source(gdb, at, &line);
		say(gdb, "%s0x%0*llx", is_present(gdb, at) ? "=> " : "   ", (int)pointer_size(gdb) * 2,
		    (unsigned long long)at);
		if (range->function)
			say(gdb, " <+%llu>", (unsigned long long)(at - range->start));
		else
			print_linker_symbol(gdb, at);
		say(gdb, ":\t");
		for (size_t i = 0; range->raw && i < decoded.length; i++)
			say(gdb, "%02x%s", bytes[i], i + 1 < decoded.length ? " " : "\t");
		say(gdb, "%s", decoded.text);
		print_target(gdb, &decoded);
		say(gdb, "\n");
		at += decoded.length;
	}
	return true;
}

bool command_disassemble(struct gdb *gdb, const char *arguments)
{
	struct range range = {0};

	if (*arguments == '/') {
		range.raw = strcspn(arguments, "r") < strcspn(arguments, " ");
		range.source = strcspn(arguments, "ms") < strcspn(arguments, " ");
		arguments += strcspn(arguments, " ");
		arguments += strspn(arguments, " ");
	}
	if (!gdb->image)
		return fail(gdb, "No frame selected.");
	if (!parse_range(gdb, arguments, &range))
		return false;
	if (range.function)
		say(gdb, "Dump of assembler code for function %s:\n", range.function);
	else
		say(gdb, "Dump of assembler code from 0x%llx to 0x%llx:\n", (unsigned long long)range.start,
		    (unsigned long long)range.end);
	if (!print_range(gdb, &range))
		return false;
	say(gdb, "End of assembler dump.\n");
	return true;
}
