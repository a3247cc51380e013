# program: threads
break check
run
info threads
thread 1
bt
print total
print results
print own
thread
thread 2
thread apply all bt 1
thread apply 1 print own
thread 9
delete
continue
