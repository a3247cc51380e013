# program: control
handle SIGUSR1 nostop noprint pass
show follow-fork-mode
show detach-on-fork
set follow-fork-mode child
catch fork
run
bt
info inferiors
continue
info inferiors
delete
set detach-on-fork off
run
info inferiors
inferior 1
