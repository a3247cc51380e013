# program: values
list
list
list -
list 10
list sum
list 20,25
list values.c:30
info line sum
info source
break sum
break values.c:80
tbreak 90
break nosuchfunction
break nosuch.c:3
info breakpoints
info functions sum
info functions ^main
info types color
info variables ^global
print global
print numbers
print head.name
print &global
ptype main
info symbol sum
info program
info threads
bt
next
x/2i main
show args
set args one two
show args
show listsize
frobnicate
info frobnicate
