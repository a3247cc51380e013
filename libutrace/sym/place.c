/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/place.c - where a variable's value is, and its bytes, read and written. (DWARF 5, 2.6)
 */
#include "sym/variable.h"

#include <stdlib.h>
#include <string.h>
#include <utrace/memory.h>
#include <utrace/tls.h>

#include "sym/type.h"

enum { NESTING_MAX = 32 };

/* What expressions of a variable see of the process. */
struct context {
	utrace_image *image;
	utrace_module *module;
	utrace_frame *frame; /* NULL: none */
	unsigned depth;
};

static int need_frame(const struct context *context, struct utrace_error *error)
{
	if (context->frame)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_INVALID, 0, "Where the variable is depends on a frame, and none was given.");
}

static int get_register(void *data, unsigned number, uint64_t *value, struct utrace_error *error)
{
	struct context *context = data;
	int status = need_frame(context, error);

	*value = 0;
	return status ? status
		      : ut__frame_register_bytes(context->frame, number, value, context->module->file->bits / 8, error);
}

static int get_memory(void *data, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	return ut__image_read(((struct context *)data)->image, address, buffer, size, error);
}

static int get_cfa(void *data, uint64_t *value, struct utrace_error *error)
{
	struct context *context = data;
	int status = need_frame(context, error);

	if (status)
		return status;
	*value = utrace_frame_cfa(context->frame);
	return *value ? UTRACE_OK
		      : ut__fail(error, UTRACE_NOT_FOUND, 0, "The canonical frame address is not known here.");
}

/* DW_AT_frame_base is of the function out of line, also for what is inlined in it. */
static int get_frame_base(void *data, uint64_t *value, struct utrace_error *error)
{
	struct context *context = data;
	int status = need_frame(context, error);
	Dwarf_Attribute attribute;
	struct ut__scope scope;
	Dwarf_Op *ops;
	size_t count;
	Dwarf_Die die;

	if (!status)
		status = ut__frame_scope(context->frame, &scope, error);
	if (status)
		return status;
	die = scope.chain->dies[scope.chain->count - 1];
	if (context->depth >= NESTING_MAX || !dwarf_attr_integrate(&die, DW_AT_frame_base, &attribute) ||
	    dwarf_getlocation_addr(&attribute, scope.pc, &ops, &count, 1) != 1)
		return ut__fail(error, UTRACE_INVALID, 0, "The function's frame base is not described.");
	return ut__frame_evaluate(context->image, context->module, context->frame, &attribute, ops, count,
				  context->depth + 1, NULL, value, error);
}

static int get_tls(void *data, uint64_t offset, uint64_t *address, struct utrace_error *error)
{
	struct context *context = data;
	int status = need_frame(context, error);

	if (status)
		return status;
	return utrace_tls_address(context->image, utrace_stack_thread(utrace_frame_stack(context->frame)),
				  context->module, offset, address, error);
}

static int get_entry_value(void *data, Dwarf_Op *ops, size_t count, uint64_t *value, struct utrace_error *error)
{
	struct ut__passed passed = {.how = UT__PASSED_REGISTER};
	struct context *context = data;
	int status = need_frame(context, error);

	if (status)
		return status;
	if (count != 1 || !ut__op_is_register(&ops[0], &passed.reg))
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "An entry value of more than a register is not known.");
	return ut__entry_value(context->frame, &passed, context->depth, value, error);
}

static int get_parameter(void *data, Dwarf_Die *parameter, uint64_t *value, struct utrace_error *error)
{
	struct ut__passed passed = {.how = UT__PASSED_PARAMETER, .parameter = parameter};
	struct context *context = data;
	int status = need_frame(context, error);

	return status ? status : ut__entry_value(context->frame, &passed, context->depth, value, error);
}

static const struct ut__expression_ops ops_of_frame = {
	.reg = get_register,
	.read = get_memory,
	.cfa = get_cfa,
	.frame_base = get_frame_base,
	.tls = get_tls,
	.entry_value = get_entry_value,
	.parameter = get_parameter,
};

int ut__frame_evaluate(utrace_image *image, utrace_module *module, utrace_frame *frame, Dwarf_Attribute *attribute,
		       const Dwarf_Op *ops, size_t count, unsigned depth, struct ut__place *place, uint64_t *value,
		       struct utrace_error *error)
{
	struct context context = {.image = image, .module = module, .frame = frame, .depth = depth};
	struct ut__expression expression = {.ops = &ops_of_frame,
					    .data = &context,
					    .attribute = attribute,
					    .bytes = module->file->bits / 8,
					    .bias = module->bias,
					    .depth = depth};

	if (place)
		return ut__expression_place(&expression, ops, count, place, error);
	return ut__expression_value(&expression, ops, count, value, error);
}

int ut__constant_piece(Dwarf_Attribute *attribute, struct ut__piece *piece, struct utrace_error *error)
{
	Dwarf_Block block;
	Dwarf_Sword number;
	const char *string;

	*piece = (struct ut__piece){.kind = UT__PIECE_BYTES};
	if (dwarf_formsdata(attribute, &number) == 0) {
		piece->kind = UT__PIECE_VALUE;
		piece->value = (uint64_t)number;
	} else if (dwarf_formblock(attribute, &block) == 0) {
		piece->bytes = block.data;
		piece->byte_count = block.length;
	} else if ((string = dwarf_formstring(attribute))) {
		piece->bytes = (const unsigned char *)string;
		piece->byte_count = strlen(string) + 1;
	} else {
		return ut__fail(error, UTRACE_INVALID, 0, "The constant of the variable is damaged.");
	}
	return UTRACE_OK;
}

int ut__variable_location(utrace_variable *variable, const uint64_t *pc, Dwarf_Attribute *attribute, Dwarf_Op **ops,
			  size_t *count, struct utrace_error *error)
{
	int found;

	*ops = NULL;
	*count = 0;
	if (!dwarf_attr_integrate(&variable->die, DW_AT_location, attribute))
		return 0;
	/* A list of locations by address needs one; a plain location is the same everywhere. */
	if (!dwarf_getlocation(attribute, ops, count))
		return 1;
	if (!pc)
		return ut__fail(error, UTRACE_INVALID, 0,
				"Where the variable is depends on the place in the program, and none was given.");
	found = dwarf_getlocation_addr(attribute, *pc, ops, count, 1);
	if (found < 0)
		return ut__fail(error, UTRACE_INVALID, 0, "The locations of the variable are damaged: %s.",
				dwarf_errmsg(-1));
	return found;
}

static int find_place(utrace_variable *variable, utrace_frame *frame, struct ut__place *place,
		      struct utrace_error *error)
{
	Dwarf_Attribute attribute;
	utrace_module *module = variable->module;
	Dwarf_Op *ops;
	size_t count;
	uint64_t pc;
	int status;

	place->count = 0;
	if (!ut__module_file(module, error))
		return module->status;
	if (dwarf_attr_integrate(&variable->die, DW_AT_const_value, &attribute)) {
		status = ut__constant_piece(&attribute, &place->pieces[0], error);
		place->count = !status;
		return status;
	}
	pc = frame ? utrace_frame_lookup_pc(frame) - module->bias : 0;
	status = ut__variable_location(variable, frame ? &pc : NULL, &attribute, &ops, &count, error);
	if (status <= 0)
		return status;
	return ut__frame_evaluate(module->image, module, frame, &attribute, ops, count, 0, place, NULL, error);
}

static uint32_t kind_of(const struct ut__place *place)
{
	if (!place->count)
		return UTRACE_PLACE_OPTIMIZED_OUT;
	if (place->count > 1)
		return UTRACE_PLACE_PIECES;
	switch (place->pieces[0].kind) {
	case UT__PIECE_MEMORY:
		return UTRACE_PLACE_MEMORY;
	case UT__PIECE_REGISTER:
		return UTRACE_PLACE_REGISTER;
	case UT__PIECE_NONE:
		return UTRACE_PLACE_OPTIMIZED_OUT;
	default:
		return UTRACE_PLACE_VALUE;
	}
}

int utrace_variable_place(utrace_variable *variable, utrace_frame *frame, struct utrace_place *place,
			  struct utrace_error *error)
{
	struct utrace_place full = {.size = sizeof(full), .dwarf_register = -1};
	struct ut__place own;
	int status;

	ut__sym_lock(variable->module->image->symbols);
	status = find_place(variable, frame, &own, error);
	ut__sym_unlock(variable->module->image->symbols);
	if (status)
		return status;
	full.kind = kind_of(&own);
	if (full.kind == UTRACE_PLACE_MEMORY)
		full.address = own.pieces[0].value;
	if (full.kind == UTRACE_PLACE_REGISTER)
		full.dwarf_register = (int32_t)own.pieces[0].value;
	return ut__store(place, &full, sizeof(full), error);
}

utrace_type *utrace_variable_type(utrace_variable *variable)
{
	utrace_type *type;

	ut__sym_lock(variable->module->image->symbols);
	type = ut__type_of(variable->module->file, &variable->die);
	ut__sym_unlock(variable->module->image->symbols);
	return type;
}

/* ---- bytes ---- */

static int fail_optimized_out(const utrace_variable *variable, struct utrace_error *error)
{
	const char *name = utrace_variable_name(variable);

	return ut__fail(error, UTRACE_NOT_FOUND, 0, "%s is optimised out here.", name ? name : "The variable");
}

/* The bytes that have a piece's bits, from the byte that has the first one. */
static int read_piece(utrace_variable *variable, utrace_frame *frame, const struct ut__piece *piece,
		      unsigned char *buffer, size_t size, struct utrace_error *error)
{
	uint64_t first = piece->bit_offset / 8;

	memset(buffer, 0, size);
	switch (piece->kind) {
	case UT__PIECE_MEMORY:
		return ut__image_read(variable->module->image, piece->value + first, buffer, size, error);
	case UT__PIECE_REGISTER:
		if (!frame)
			return ut__fail(error, UTRACE_INVALID, 0, "The variable is in a register of a frame.");
		if (!first)
			return ut__frame_register_bytes(frame, (unsigned)piece->value, buffer, size, error);
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "The variable begins in the middle of a register.");
	case UT__PIECE_VALUE:
		memcpy(buffer, &piece->value, size < sizeof(piece->value) ? size : sizeof(piece->value));
		return UTRACE_OK;
	case UT__PIECE_BYTES:
		if (first < piece->byte_count)
			memcpy(buffer, piece->bytes + first,
			       size < piece->byte_count - first ? size : piece->byte_count - first);
		return UTRACE_OK;
	case UT__PIECE_IMPLICIT_POINTER:
		return ut__fail(error, UTRACE_NOT_FOUND, 0,
				"The pointer points to something that is optimised out, so it has no address.");
	default:
		return fail_optimized_out(variable, error);
	}
}

static void copy_bits(unsigned char *to, uint64_t to_bit, const unsigned char *from, uint64_t from_bit, uint64_t bits)
{
	if (bits >= 8 && to_bit % 8 == 0 && from_bit % 8 == 0) {
		memcpy(to + to_bit / 8, from + from_bit / 8, bits / 8);
		to_bit += bits / 8 * 8;
		from_bit += bits / 8 * 8;
		bits %= 8;
	}
	for (uint64_t i = 0; i < bits; i++) {
		unsigned bit = from[(from_bit + i) / 8] >> (from_bit + i) % 8 & 1u;
		unsigned char *byte = &to[(to_bit + i) / 8];
		unsigned char mask = (unsigned char)(1u << (to_bit + i) % 8);

		*byte = (unsigned char)(bit ? *byte | mask : *byte & ~mask);
	}
}

static int read_pieces(utrace_variable *variable, utrace_frame *frame, const struct ut__place *place,
		       unsigned char *buffer, size_t size, struct utrace_error *error)
{
	uint64_t at = 0;

	memset(buffer, 0, size);
	for (size_t i = 0; i < place->count && at < size * 8; i++) {
		const struct ut__piece *piece = &place->pieces[i];
		uint64_t bits = piece->bits && piece->bits < size * 8 - at ? piece->bits : size * 8 - at;
		size_t bytes = (piece->bit_offset % 8 + bits + 7) / 8;
		unsigned char *part = malloc(bytes ? bytes : 1);
		int status;

		if (!part)
			return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a variable's value.");
		status = read_piece(variable, frame, piece, part, bytes, error);
		if (!status)
			copy_bits(buffer, at, part, piece->bit_offset % 8, bits);
		free(part);
		if (status)
			return status;
		at += bits;
	}
	return UTRACE_OK;
}

static size_t value_size(utrace_variable *variable, size_t size)
{
	int64_t full = utrace_type_size(utrace_variable_type(variable));

	return full >= 0 && (uint64_t)full < size ? (size_t)full : size;
}

ssize_t utrace_variable_read(utrace_variable *variable, utrace_frame *frame, void *buffer, size_t size,
			     struct utrace_error *error)
{
	struct ut__place place;
	size_t wanted = value_size(variable, size);
	int status;

	ut__sym_lock(variable->module->image->symbols);
	status = find_place(variable, frame, &place, error);
	if (!status && !place.count)
		status = fail_optimized_out(variable, error);
	if (!status && place.count == 1 && !place.pieces[0].bits && place.pieces[0].kind == UT__PIECE_MEMORY)
		status = ut__image_read(variable->module->image, place.pieces[0].value, buffer, wanted, error);
	else if (!status)
		status = read_pieces(variable, frame, &place, buffer, wanted, error);
	ut__sym_unlock(variable->module->image->symbols);
	return status ? status : (ssize_t)wanted;
}

static int write_memory(utrace_image *image, uint64_t address, const void *buffer, size_t size,
			struct utrace_error *error)
{
	ssize_t done;

	if (!image->process)
		return ut__fail(error, UTRACE_WRONG_STATE, 0, "The program does not run, so nothing can be written.");
	done = utrace_memory_write(image->process, address, buffer, size, error);

	if (done < 0)
		return (int)done;
	return (size_t)done == size ? UTRACE_OK : UTRACE_FAULT;
}

static int write_piece(utrace_variable *variable, utrace_frame *frame, const struct ut__piece *piece,
		       const unsigned char *buffer, size_t size, struct utrace_error *error)
{
	if (piece->bit_offset || piece->bits % 8)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "Parts of bytes of a variable can't be written.");
	if (piece->kind == UT__PIECE_MEMORY)
		return write_memory(variable->module->image, piece->value, buffer, size, error);
	if (piece->kind == UT__PIECE_REGISTER && frame)
		return ut__frame_set_register_bytes(frame, (unsigned)piece->value, buffer, size, error);
	return ut__fail(error, UTRACE_WRONG_STATE, 0, "The variable has no place here that could be written.");
}

int utrace_variable_write(utrace_variable *variable, utrace_frame *frame, const void *buffer, size_t size,
			  struct utrace_error *error)
{
	struct ut__place place;
	size_t wanted = value_size(variable, size);
	size_t at = 0;
	int status;

	ut__sym_lock(variable->module->image->symbols);
	status = find_place(variable, frame, &place, error);
	if (!status && !place.count)
		status = ut__fail(error, UTRACE_WRONG_STATE, 0, "The variable is optimised out here.");
	for (size_t i = 0; !status && i < place.count && at < wanted; i++) {
		const struct ut__piece *piece = &place.pieces[i];
		size_t part = piece->bits && piece->bits / 8 < wanted - at ? piece->bits / 8 : wanted - at;

		status = write_piece(variable, frame, piece, (const unsigned char *)buffer + at, part, error);
		at += part;
	}
	ut__sym_unlock(variable->module->image->symbols);
	return status;
}
