# program: optimised
break leaf
run
bt
info args
print a
print b
up
info locals
info args
print *pair
print start
print factor
info frame
finish
break twice
run
bt
info locals
info args
up
info locals
next
next
next
continue
