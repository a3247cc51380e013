# program: control
handle SIGUSR1 nostop print pass
info signals SIGUSR1
run
handle SIGUSR1 stop print
run
bt
info program
continue
catch signal SIGUSR1
run
continue
delete
break on_signal
run
continue
bt
finish
