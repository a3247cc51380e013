# program: crash
run
bt
bt full
bt 1
bt -1
info locals
info args
info frame
up
info locals
info args
print *item
print item->next
up 2
down
frame 1
print depth
print $rip
info registers rip
x/i $pc
info source
list
list walk
list 5,8
list crash.c:1,4
info line
info symbol $pc
continue
