# program: control
# args: one two
run
bt
info threads
up
info registers rip
kill
info program
