# program: control
break factorial if n == 2
tbreak main
info breakpoints
run
bt
continue
bt
info breakpoints
print n
up
print n
frame 2
down
frame
delete 1
break loop
commands
silent
print count
end
break 38
ignore 4 2
continue
info breakpoints
continue
info locals
print local
continue
disable 4
condition 3 1 == 0
info breakpoints
finish
until
advance jumps
bt
clear jumps
tbreak jump
continue
bt
finish
