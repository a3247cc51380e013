# program: values
# args:
break half
run
print $mxcsr
print $fctrl
ptype/o node_type
ptype/o struct bits
ptype $xmm0
whatis $xmm0
ptype $ymm0
print $xmm15.v4_float
print $st0
print $_siginfo
x/-3xw $sp
x/-2i $pc
x/2i
print/x $eflags
info line main
