# program: threads
# core: break run; run
info threads
bt
thread apply all bt
thread 1
bt
thread 2
up
info locals
info inferiors
info program
next
finish
signal 0
print $_thread
