# program: control
# args: word
break main
run
next
next
step
next
next
next
info locals
print i
finish
step
next
next
next
next
step
step
step
next
next
next
info breakpoints
next
next
next
next
continue
