# program: control
break main
run
watch watched
continue
continue
continue
info watchpoints
bt
delete 2
break loop
continue
next
watch local
continue
continue
continue
rwatch handled
info breakpoints
continue
continue
continue
continue
continue
continue
