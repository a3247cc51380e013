# SPDX-License-Identifier: BSD-2-Clause
#
# Turns tables/*.tbl into C.
#
#   awk -v out=DIR -f generate.awk *.tbl
#       DIR/NAME.c for each NAME.tbl, DIR/index.c, DIR/tables.h
#
# A table is lines of words, "#" starts a comment.  Lines that begin with a blank go on with the line before.
#
#   include FILE           a header that has the constants named below
#   enum NAME [/MARK] CONSTANT...
#   flags NAME [/MARK] CONSTANT...
#       Named constants; MARK is what an unknown value is commented with.  CONSTANT is a name that the headers
#       (or missing.h) have, or NAME=VALUE, "~" in it standing for a blank.  "decimal" for MARK's place: unnamed values are decimal.
#   struct NAME[@64|@32] [packed] TYPE[/KIND[.SET]]:MEMBER...
#       In the order of memory; offsets follow from the ABI's sizes and alignments.  TYPE: i8 u8 i16 u16 i32 u32 i64 u64
#       long ulong ptr char, struct.NAME, each with [N] for an array.  KIND is a function show_KIND; without it, by type.
#       A MEMBER named "." is not shown.  Without @ the struct is laid out for both ABIs.
#   show [MEMBER[!]]...
#       The members of the struct above in the order in which they are shown; "!": not when structs are abbreviated.
#       MEMBER/KIND[.SET] shows one in another way than its definition says, MEMBER:NAME by another name.  MEMBER...?WHEN: only if the function when_WHEN
#       says so.  "|" begins a group: its members are there as soon as the first byte of the first of them is, and the struct
#       is filled up with zeros; without groups, a member is there if all of it is.  At the end of a struct, "|" makes it one group.
#   call NAME[,NAME...][@64|@32] [ARG[&MASK]=VALUE[,VALUE...]]... RESULT [ARGUMENT...]
#       How a call is shown where that is not (only) what the library's table of system calls says; with a selector or two,
#       when these arguments have these values.  RESULT is a function result_RESULT, with [.SET].  ARGUMENT is
#       KIND[.SET][@LENGTH][:NAME], KIND a function arg_KIND; "-" is the library's argument, "*" all the others of the library.

function die(cause)
{
	print FILENAME ":" FNR ": " cause > "/dev/stderr"
	failed = 1
	exit 1
}

function base_name(path,    n, part)
{
	n = split(path, part, "/")
	sub(/\.tbl$/, "", part[n])
	return part[n]
}

BEGIN {
	split("i8 1 u8 1 char 1 i16 2 u16 2 i32 4 u32 4 i64 8 u64 8", w, " ")
	for (i = 1; i in w; i += 2)
		for (a = 32; a <= 64; a += 32) {
			size_of[w[i], a] = w[i + 1]
			align_of[w[i], a] = a == 32 && w[i + 1] == 8 ? 4 : w[i + 1]
		}
	split("long ulong ptr", w, " ")
	for (i = 1; i in w; i++)
		for (a = 32; a <= 64; a += 32)
			size_of[w[i], a] = align_of[w[i], a] = a / 8
	split("i8 int u8 uint char str i16 int u16 uint i32 int u32 uint i64 int u64 uint long int ulong uint ptr ptr", w, " ")
	for (i = 1; i in w; i += 2)
		shown_as[w[i]] = w[i + 1]
}

FNR == 1 {
	finish()
	file = base_name(FILENAME)
	files[++file_count] = file
}

{
	sub(/(^|[ \t])#.*/, "")
	if (NF == 0)
		next
	if ($0 ~ /^[ \t]/) {
		pending = pending " " $0
		next
	}
	finish()
	pending = $0
}

END {
	if (failed)
		exit 1
	finish()
	write_all()
}

# One whole line, continuations included.
function finish(    word, n)
{
	n = split(pending, word, " ")
	pending = ""
	if (!n)
		return
	if (word[1] == "include")
		includes[file] = includes[file] "#include <" word[2] ">\n"
	else if (word[1] == "enum" || word[1] == "flags")
		add_set(word, n)
	else if (word[1] == "struct")
		add_struct(word, n)
	else if (word[1] == "show")
		add_show(word, n)
	else if (word[1] == "call")
		add_call(word, n)
	else
		die("unknown word " word[1])
}

function add_set(word, n,    i, mark, name, text, part, from, decimal)
{
	name = word[2]
	if (name in set_file)
		die("set " name " occurs twice")
	set_file[name] = file
	mark = "NULL"
	from = 3
	decimal = "false"
	if (word[from] == "decimal") {
		decimal = "true"
		from++
	}
	if (word[from] ~ /^\//)
		mark = "\"" substr(word[from++], 2) "\""
	for (i = from; i <= n; i++) {
		split(word[i], part, "=")
		gsub(/~/, " ", part[1])
		text = text sprintf("\t{\"%s\", CONSTANT(%s)},\n", part[1], index(word[i], "=") ? part[2] : word[i])
	}
	code[file] = code[file] "static const struct constant constants_" name "[] = {\n" text "};\n" \
		sprintf("const struct set set_%s = {\"%s\", constants_%s, sizeof(constants_%s) / sizeof(constants_%s[0]), %s, %s, %s};\n\n",
			name, name, name, name, name, mark, word[1] == "flags" ? "true" : "false", decimal)
}

# --- structs ---

function flush_struct(    a, i, list, key)
{
	if (struct == "")
		return
	for (a = 32; a <= 64; a += 32) {
		if (!(a in struct_abi))
			continue
		key = struct "_" a
		list = ""
		detail = "false"
		grouped = begins = from = 0
		for (i = 1; i <= shown_count; i++)
			grouped += shown[i] == "|"
		for (i = 1; i <= shown_count; i++)
			if (shown[i] == "|")
				begins = 1
			else
				list = list field_text(i, a)
		code[struct_file] = code[struct_file] "static const struct field fields_" key "[] = {\n" list "};\n" \
			sprintf("const struct layout layout_%s = {\"%s\", %d, %d, sizeof(fields_%s) / sizeof(fields_%s[0]), %s, fields_%s};\n\n",
				key, struct, size_of["struct." struct, a], grouped ? 1 : size_of["struct." struct, a], key, key, detail, key)
		has_layout[struct, a] = 1
	}
	layouts[struct] = 1
	struct = ""
}

function field_text(i, a,    member, how, p, set, m, when)
{
	member = shown[i]
	hidden = sub(/!$/, "", member)
	how = ""
	when = "NULL"
	if ((p = index(member, "?")) > 0) {
		when = "when_" substr(member, p + 1)
		when_functions[when] = 1
		member = substr(member, 1, p - 1)
	}
	label = ""
	if ((p = index(member, ":")) > 0) {
		label = substr(member, p + 1)
		member = substr(member, 1, p - 1)
	}
	if ((p = index(member, "/")) > 0) {
		how = substr(member, p + 1)
		member = substr(member, 1, p - 1)
	}
	if (!((member, a) in offset))
		die("struct " struct " has no member " member)
	m = member
	if (how == "")
		how = kind_of[m]
	set = ""
	if ((p = index(how, ".")) > 0) {
		set = substr(how, p + 1)
		how = substr(how, 1, p - 1)
	}
	show_functions[how] = 1
	if (hidden)
		detail = "true"
	if (!grouped)
		from = offset[m, a] + element[m, a] * (count_of[m] ? count_of[m] : 1) - 1
	else if (begins)
		from = offset[m, a]
	begins = 0
	return sprintf("\t{\"%s\", %d, %d, %d, %d, %s, %s, show_%s, %s, %s},\n", label ? label : label_of[m], offset[m, a], element[m, a], count_of[m], from,
		is_signed[m], hidden ? "true" : "false", how, when, reference(set, how))
}

# A set and a struct may have the same name: the kind says which one is meant, and where it does not, only one may be there.
function reference(name, kind)
{
	if (name == "")
		return "NULL"
	if (kind ~ /^(in|out|inout|inref|outref|sized|sized_out|extended|extended_out|completed|changed|struct|struct_at)$/)
		return "@STRUCT:" name "@"
	return "@ANY:" name "@"
}

function add_struct(word, n,    i, from, a, at, name, p, type, member, kind, count, big)
{
	flush_struct()
	split("", struct_abi); split("", offset)
	struct = word[2]
	struct_file = file
	struct_abi[32] = struct_abi[64] = 1
	if ((p = index(struct, "@")) > 0) {
		a = substr(struct, p + 1)
		struct = substr(struct, 1, p - 1)
		split("", struct_abi)
		struct_abi[a + 0] = 1
	}
	from = 3
	packed = word[3] == "packed"
	if (packed)
		from++
	shown_count = 0
	whole = word[n] == "|"
	if (whole)
		n--
	for (i = from; i <= n; i++) {
		if ((p = index(word[i], ":")) == 0)
			die("member " word[i] " has no name")
		type = substr(word[i], 1, p - 1)
		member = substr(word[i], p + 1)
		kind = ""
		if ((p = index(type, "/")) > 0) {
			kind = substr(type, p + 1)
			type = substr(type, 1, p - 1)
		}
		count = 0
		if (match(type, /\[[0-9]+\]$/)) {
			count = substr(type, RSTART + 1, RLENGTH - 2) + 0
			type = substr(type, 1, RSTART - 1)
		}
		if (member == ".")
			member = ".pad" i
		else
			shown[++shown_count] = member
		if (kind == "")
			kind = type ~ /^struct\./ ? "struct." substr(type, 8) : shown_as[type]
		kind_of[member] = kind
		label_of[member] = member
		count_of[member] = count
		is_signed[member] = type ~ /^(i|long|char)/ ? "true" : "false"
		type_of[member] = type
		members[i] = member
	}
	if (whole)
		shown[++shown_count] = "|"
	for (a in struct_abi) {
		at = 0
		big = 1
		for (i = from; i <= n; i++) {
			member = members[i]
			type = type_of[member]
			if (!((type, a) in size_of))
				die("unknown type " type " for " a)
			p = packed ? 1 : align_of[type, a]
			if (p > big)
				big = p
			at = int((at + p - 1) / p) * p
			offset[member, a] = at
			element[member, a] = size_of[type, a]
			at += size_of[type, a] * (count_of[member] ? count_of[member] : 1)
		}
		size_of["struct." struct, a] = int((at + big - 1) / big) * big
		align_of["struct." struct, a] = big
	}
}

function add_show(word, n,    i)
{
	shown_count = 0
	for (i = 2; i <= n; i++)
		shown[++shown_count] = word[i]
}

# --- calls ---

function add_call(word, n,    names, abi, i, p, selectors, sel, args, count, result, set, rest, j, k, parts, rows, values, value, more)
{
	names = word[2]
	abi = 0
	if ((p = index(names, "@")) > 0) {
		abi = substr(names, p + 1) + 0
		names = substr(names, 1, p - 1)
	}
	i = 3
	selectors = 0
	while (i <= n && word[i] ~ /=/)
		sel[++selectors] = word[i++]
	result = word[i++]
	args = ""
	count = 0
	rest = "false"
	for (; i <= n; i++) {
		if (word[i] == "*")
			rest = "true"
		else {
			args = args "\t" spec_text(word[i], "arg") ",\n"
			count++
		}
	}
	k = ++call_count
	if (count)
		code_calls[file] = code_calls[file] "static const struct spec args_" k "[] = {\n" args "};\n"
	code_calls[file] = code_calls[file] "static const struct spec result_spec_" k " = " spec_text(result, "result") ";\n"
	p = split(names, parts, ",")
	for (j = 1; j <= p; j++)
		rows_for(parts[j], abi, sel, selectors, k, count, rest)
}

function selector_text(text, value,    p, arg, mask)
{
	p = index(text, "=")
	arg = substr(text, 1, p - 1)
	mask = "UINT64_MAX"
	if ((p = index(arg, "&")) > 0) {
		mask = substr(arg, p + 1)
		arg = substr(arg, 1, p - 1)
	}
	return sprintf("{%d, %s, CONSTANT(%s)}", arg, mask, value)
}

function rows_for(name, abi, sel, selectors, k, count, rest,    v, i, value, m, tail)
{
	tail = sprintf("%s, %d, %s, &result_spec_%d", rest, count, count ? "args_" k : "NULL", k)
	if (!selectors) {
		add_row(name, abi, "{{-1, 0, 0}, {-1, 0, 0}}", tail)
		return
	}
	v = substr(sel[1], index(sel[1], "=") + 1)
	m = split(v, value, ",")
	for (i = 1; i <= m; i++)
		add_row(name, abi, "{" selector_text(sel[1], value[i]) ", " (selectors > 1 ? \
			selector_text(sel[2], substr(sel[2], index(sel[2], "=") + 1)) : "{-1, 0, 0}") "}", tail)
}

function add_row(name, abi, selectors, tail)
{
	variants[file] = variants[file] sprintf("\t{\"%s\", %d, %s, %s},\n", name, abi, selectors, tail)
}

function spec_text(word, prefix,    name, p, length_, set, kind)
{
	name = "NULL"
	length_ = "-1"
	set = ""
	kind = word
	if ((p = index(kind, ":")) > 0) {
		name = "\"" substr(kind, p + 1) "\""
		kind = substr(kind, 1, p - 1)
	}
	if ((p = index(kind, "@")) > 0) {
		length_ = substr(kind, p + 1)
		if (length_ == "r")
			length_ = "-2"
		kind = substr(kind, 1, p - 1)
	}
	if ((p = index(kind, ".")) > 0) {
		set = substr(kind, p + 1)
		kind = substr(kind, 1, p - 1)
	}
	if (kind == "-")
		return "{" name ", {NULL}, NULL, -1}"
	if (prefix == "arg")
		arg_functions[kind] = 1
	else
		result_functions[kind] = 1
	return sprintf("{%s, {.%s = %s_%s}, %s, %s}", name, prefix, prefix, kind, reference(set, kind), length_)
}

# --- output ---

function resolve(text,    name, head, value, struct_only)
{
	head = ""
	while (match(text, /@(ANY|STRUCT):[A-Za-z0-9_]+@/)) {
		name = substr(text, RSTART, RLENGTH - 1)
		struct_only = name ~ /^@STRUCT/
		sub(/^.*:/, "", name)
		if (!struct_only && name in set_file)
			value = "&set_" name
		else if (name in layouts)
			value = "&struct_" name
		else {
			print "tables: nothing is named " name > "/dev/stderr"
			failed = 1
			value = "NULL"
		}
		head = head substr(text, 1, RSTART - 1) value
		text = substr(text, RSTART + RLENGTH)
	}
	return head text
}

function write_all(    i, f, name, path, list, n, sorted)
{
	flush_struct()
	for (i = 1; i <= file_count; i++) {
		f = files[i]
		path = out "/" f ".c"
		print "/* Made from " f ".tbl by generate.awk, do not edit. */" > path
		printf "%s", includes[f] > path
		print "#include \"tables/missing.h\"\n#include \"tables.h\"\n\n#define CONSTANT(value) ((uint64_t)(value))\n" > path
		printf "%s%s", resolve(code[f]), resolve(code_calls[f]) > path
		if (variants[f] != "")
			print "const struct variant variants_" f "[] = {\n" variants[f] "\t{NULL, 0, {{-1, 0, 0}, {-1, 0, 0}}, false, 0, NULL, NULL},\n};" > path
		close(path)
	}
	write_header(out "/tables.h")
	write_index(out "/index.c")
	if (failed)
		exit 1
}

function write_header(path,    name)
{
	print "/* Made from the tables by generate.awk, do not edit. */\n#ifndef TABLES_H\n#define TABLES_H\n\n#include \"decode/layout.h\"\n#include \"decode/spec.h\"\n" > path
	for (name in set_file)
		print "extern const struct set set_" name ";" > path
	for (name in layouts) {
		print "extern const struct layouts struct_" name ";" > path
		if ((name, 32) in has_layout)
			print "extern const struct layout layout_" name "_32;" > path
		if ((name, 64) in has_layout)
			print "extern const struct layout layout_" name "_64;" > path
	}
	for (name in arg_functions)
		print "arg_function arg_" name ";" > path
	for (name in result_functions)
		print "result_function result_" name ";" > path
	for (name in show_functions)
		print "show_function show_" name ";" > path
	for (name in when_functions)
		print "when_function " name ";" > path
	print "\n#endif" > path
	close(path)
}

function sort_names(set, sorted,    n, name, i, j, t)
{
	n = 0
	for (name in set) {
		for (i = n; i > 0 && sorted[i] > name; i--)
			sorted[i + 1] = sorted[i]
		sorted[i + 1] = name
		n++
	}
	return n
}

function write_index(path,    n, i, sorted)
{
	print "/* Made from the tables by generate.awk, do not edit. */\n#include \"tables.h\"\n" > path
	n = sort_names(layouts, sorted)
	for (i = 1; i <= n; i++)
		printf "const struct layouts struct_%s = {\"%s\", {%s, %s}};\n", sorted[i], sorted[i],
			(sorted[i], 64) in has_layout ? "&layout_" sorted[i] "_64" : "NULL",
			(sorted[i], 32) in has_layout ? "&layout_" sorted[i] "_32" : "NULL" > path
	print "\nconst struct layouts *const all_layouts[] = {" > path
	for (i = 1; i <= n; i++)
		print "\t&struct_" sorted[i] "," > path
	print "};\nconst size_t all_layouts_count = " n ";\n\nconst struct set *const all_sets[] = {" > path
	split("", sorted)
	n = sort_names(set_file, sorted)
	for (i = 1; i <= n; i++)
		print "\t&set_" sorted[i] "," > path
	print "};\nconst size_t all_sets_count = " n ";\n" > path
	for (i = 1; i <= file_count; i++)
		if (variants[files[i]] != "")
			print "extern const struct variant variants_" files[i] "[];" > path
	print "\nconst struct variant *const all_variants[] = {" > path
	for (i = 1; i <= file_count; i++)
		if (variants[files[i]] != "")
			print "\tvariants_" files[i] "," > path
	print "\tNULL,\n};" > path
	close(path)
}
