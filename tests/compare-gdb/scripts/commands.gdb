# program: control
info line loop
list loop
info source
info symbol loop
info inferiors
tbreak main
run
skip function loop
skip file control.c
skip -gfi *.c
skip -rfu ^fact
info skip
skip disable 1
skip delete 2
info skip
skip delete
rbreak ^fact
rbreak control.c:^jum
hbreak loop
thbreak jumps
info breakpoints
delete
find &watched, +4, 0
find /b main, +60, 0xc3
find /2b main, +100, 0x48
find main, +100, (char)0x55
find &watched, +4, "abc"
print $_
print $numfound
dump memory /tmp/compare-gdb.bin main main+16
restore /tmp/compare-gdb.bin binary &watched 0 4
restore /tmp/compare-gdb.bin
shell rm /tmp/compare-gdb.bin
print/x watched
thread name foo
thread find foo
thread find nope
info threads
thread apply all -q bt
thread apply all -s print nosuch
taas print 1
faas print 1
tfaas print 1
frame apply all print 1
frame apply level 0 print $pc
frame function main
frame level 0
alias zz = print
zz 5
alias spe = set print elements
spe 20
show print elements
pipe print 5 | cat -n
|print 6|cat -n
complete info li
show args
show cwd
show scheduler-locking
show listsize
info line
info auxv
info signals SIGUSR1
info checkpoints
break loop
continue
info frame
up
info frame
info program
info sharedlibrary
return
next
catch throw
catch catch
catch rethrow
catch load
catch unload libm
catch vfork
catch signal all
info breakpoints
