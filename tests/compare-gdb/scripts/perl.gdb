# file: /usr/bin/perl
# args: -e 1
break perl_parse
run
bt
info args
print argc
whatis my_perl
ptype struct sv
print sizeof(struct interpreter)
finish
info line perl_run
break perl_run
continue
bt 1
up
delete
continue
