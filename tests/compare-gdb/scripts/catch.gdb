# program: control
catch fork
catch syscall exit_group
catch syscall write
info breakpoints
run
bt
continue
continue
continue
continue
