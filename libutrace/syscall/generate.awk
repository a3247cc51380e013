# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#
# Turns syscalls.tbl into C.
#
#   awk -f generate.awk syscalls.tbl > syscalls.inc
#       the entries of an initializer, one per line of the table
#   awk -v mode=index -f generate.awk syscalls.tbl > syscalls-index.inc
#       for each ABI an array from the call's number to the index of its
#       entry, -1 where there is none
#
# Checks the table; with any error there is no output and the status is 1.
# Only what POSIX says about awk is used.

function words(list, set, prefix,    n, i, part)
{
	n = split(list, part, " ")
	for (i = 1; i <= n; i++)
		set[part[i]] = prefix toupper(part[i])
}

function report(text)
{
	print text | "cat 1>&2"
	errors++
}

function bad(cause)
{
	report(FILENAME ":" FNR ": " $1 ": " cause)
}

BEGIN {
	MAX_ARGS = 6
	MAX_NUMBER = 1023

	words("file desc network process signal ipc memory creds stat lstat " \
	      "fstat statfs fstatfs clock pure", class_name, "UTRACE_CLASS_")
	words("int fd addr size pid uid gid mode off none zero hex",
	      result_name, "UTRACE_ARG_")
	words("int uint long ulong hex size off offlo offhi fd dirfd pid " \
	      "uid gid mode signal path string ptr bufin bufout in out " \
	      "inout iovin iovout msgin msgout mmsgin mmsgout sockin " \
	      "sockout argv envp sigset sigsetout intp intpout " \
	      "intarray2out longpout flags enum", kind_name, "UTRACE_ARG_")

	# Which kinds must or may have a set or a length.
	words("in out inout flags enum", needs_set, "")
	words("in out inout flags enum uid gid intp intpout", takes_set, "")
	words("bufin bufout iovin iovout mmsgin mmsgout sockin sockout",
	      needs_length, "")
	words("bufin bufout iovin iovout mmsgin mmsgout sockin sockout in " \
	      "out inout sigset sigsetout", takes_length, "")
	words("bufout out", takes_result, "")

	# What an argument which holds a length may be.
	words("int uint long ulong size", is_length, "")
	words("intp intpout", is_length_pointer, "")

	abis = split("x86_64 x32 i386", abi, " ")
	for (a = 1; a <= abis; a++)
		highest[a] = -1

	if (mode == "")
		mode = "table"
	if (mode != "table" && mode != "index")
		report("generate.awk: unknown mode \"" mode \
		       "\", there are \"table\" and \"index\"")
}

{
	sub(/#.*/, "")
}

NF == 0 {
	next
}

NF < 6 {
	bad("needs at least six columns, has " NF)
	next
}

{
	if ($1 !~ /^[A-Za-z_][A-Za-z0-9_]*$/)
		bad("not a name")

	# Numbers.
	numbers = ""
	present = 0
	for (a = 1; a <= abis; a++) {
		number = $(a + 1)
		if (number == "-") {
			number = -1
		} else if (number !~ /^(0|[1-9][0-9]*)$/ ||
			   length(number) > 4 || number + 0 > MAX_NUMBER) {
			bad("bad " abi[a] " number \"" number "\"")
			number = -1
		} else {
			number += 0
			present++
			if ((a, number) in entry_of)
				bad(abi[a] " number " number \
				    " is used already in line " \
				    line_of[a, number])
			if ((a, $1) in name_line)
				bad("occurs for " abi[a] " already in line " \
				    name_line[a, $1])
			entry_of[a, number] = entries + 0
			line_of[a, number] = FNR
			name_line[a, $1] = FNR
			if (number > highest[a])
				highest[a] = number
		}
		numbers = numbers (a > 1 ? ", " : "") number
	}
	if (!present)
		bad("has no number")

	# Classes.
	classes = ""
	if ($5 == "-") {
		classes = "0"
	} else {
		split("", seen)
		n = split($5, part, ",")
		for (i = 1; i <= n; i++) {
			if (!(part[i] in class_name))
				bad("unknown class \"" part[i] "\"")
			else if (part[i] in seen)
				bad("class \"" part[i] "\" occurs twice")
			else
				classes = classes (i > 1 ? " | " : "") \
					  class_name[part[i]]
			seen[part[i]] = 1
		}
	}

	if (!($6 in result_name))
		bad("unknown kind of result \"" $6 "\"")

	# Arguments: take them apart first, lengths refer to later ones.
	count = NF - 6
	if (count > MAX_ARGS)
		bad("has " count " arguments, at most " MAX_ARGS \
		    " are possible")
	split("", seen)
	for (i = 0; i < count; i++) {
		kind[i] = $(i + 7)
		set[i] = len[i] = label[i] = ""
		if ((p = index(kind[i], ":")) > 0) {
			label[i] = substr(kind[i], p + 1)
			kind[i] = substr(kind[i], 1, p - 1)
		}
		if (label[i] !~ /^[A-Za-z_][A-Za-z0-9_]*$/)
			bad("argument " i " (" $(i + 7) ") has no valid name")
		else if (label[i] in seen)
			bad("argument name \"" label[i] "\" occurs twice")
		seen[label[i]] = 1
		if ((p = index(kind[i], "@")) > 0) {
			len[i] = substr(kind[i], p + 1)
			kind[i] = substr(kind[i], 1, p - 1)
			if (len[i] !~ /^([0-9]|r)$/) {
				bad("argument " i " (" $(i + 7) \
				    ") has a bad length")
				len[i] = ""
			}
		}
		if ((p = index(kind[i], ".")) > 0) {
			set[i] = substr(kind[i], p + 1)
			kind[i] = substr(kind[i], 1, p - 1)
			if (set[i] !~ /^[A-Za-z_][A-Za-z0-9_]*(\[[1-9][0-9]*\])?$/)
				bad("argument " i " (" $(i + 7) \
				    ") has a bad set")
		}
	}

	text = ""
	for (i = 0; i < count; i++) {
		where = "argument " i " (" $(i + 7) ")"
		if (!(kind[i] in kind_name)) {
			bad(where ": unknown kind \"" kind[i] "\"")
			continue
		}
		if (set[i] == "" && kind[i] in needs_set)
			bad(where ": " kind[i] " needs a set")
		if (set[i] != "" && !(kind[i] in takes_set))
			bad(where ": " kind[i] " takes no set")
		if (len[i] == "" && kind[i] in needs_length)
			bad(where ": " kind[i] " needs a length")
		if (len[i] != "" && !(kind[i] in takes_length))
			bad(where ": " kind[i] " takes no length")

		if (len[i] == "") {
			size = "UTRACE_LENGTH_NONE"
		} else if (len[i] == "r") {
			size = "UTRACE_LENGTH_RESULT"
			if (!(kind[i] in takes_result))
				bad(where ": the length of " kind[i] \
				    " cannot be the result")
		} else {
			size = len[i] + 0
			if (size >= count || size == i)
				bad(where ": length in argument " size \
				    " is out of range")
			else if (kind[i] == "sockout" ? \
				 !(kind[size] in is_length_pointer) : \
				 !(kind[size] in is_length))
				bad(where ": argument " size " (" \
				    $(size + 7) ") cannot hold a length")
		}

		text = text sprintf("%s\n\t\t{ .name = \"%s\", .kind = %s, " \
				    ".set = %s, .length = %s }",
				    i > 0 ? "," : "", label[i],
				    kind_name[kind[i]],
				    set[i] == "" ? "NULL" : "\"" set[i] "\"",
				    size)
	}

	line = sprintf("{ .name = \"%s\", .number = { %s }, .classes = %s, " \
		       ".result = %s, .arg_count = %d", $1, numbers, classes,
		       result_name[$6], count)
	if (count > 0)
		line = line ", .args = {" text " }"
	output[entries++] = line " },"
}

END {
	if (!errors && !entries)
		report("generate.awk: no calls in the table")
	if (errors) {
		close("cat 1>&2")
		exit 1
	}

	print "/* Made from syscalls.tbl by generate.awk, do not edit. */"
	if (mode == "table") {
		for (i = 0; i < entries; i++)
			print output[i]
		exit 0
	}
	for (a = 1; a <= abis; a++) {
		printf "static const short index_%s[] = {", abi[a]
		for (i = 0; i <= highest[a]; i++)
			printf "%s%d,", i % 12 ? " " : "\n\t",
			       (a, i) in entry_of ? entry_of[a, i] : -1
		# An ABI without calls: C has no arrays without elements.
		if (highest[a] < 0)
			printf " -1 "
		print "\n};"
	}
}
