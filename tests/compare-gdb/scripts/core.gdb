# program: crash
# core: run
bt
info threads
info registers rip
info locals
up
info args
info inferiors
info sharedlibrary
info program
info auxv
break main
continue
step
kill
set var $x = 1
print $x
thread apply all bt
frame function main
x/2i $pc
detach
bt
