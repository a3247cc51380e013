# program: optimised
break twice
info breakpoints
run
bt
info frame
up
info frame
finish
run
step
step
bt
break leaf
continue
bt
info frame
up
finish
