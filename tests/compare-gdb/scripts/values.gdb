# program: values
break main
run
info locals
print global
print hidden
print greeting
print buffer
print zeros
print numbers
print matrix
print points
print bits
print color
print flags
print unknown_flags
print real
print single
print extended
print truth
print byte
print small
print letter
print halfword
print big
print words
print complex_number
print nowhere
print head
print tail.compare
print &head
print *head.next
print head.next->at.y
print head.name
print &points[1]
print *points@2
print numbers[2] + 3
print numbers[1] << 4
print &numbers[3] - &numbers[0]
print sizeof(struct node)
print sizeof(int)
print (char)65
print 7/2
print 7%3
print 7/2.0
print -7/2
print 1 == 1
print !global
print ~global
print global && 0
print global > 41 ? 10 : 20
print/x global
print/x head.at
print/x numbers
print/t 10
print/o 8
print/c 65
print/d 'A'
print/x -1
print/a main
print/x bits
print/d color
print/s buffer
print/z 5
print "abc"
print sizeof("abc")
print $
print $$2
print $1
set var global = 43
print global
print global = 44
print ++global
print numbers[0] += 5
set var head.at.x = 77
print head.at
print $rip
print $sp
print (long)&head == (long)list
whatis global
whatis head
whatis &head
whatis numbers
whatis list
whatis (char)1
whatis sum
whatis head.compare
whatis words
whatis 1 + 1L
whatis 1.0f
ptype struct node
ptype head.next
ptype enum color
ptype word
ptype union number
ptype struct bits
ptype compare_ints
ptype node_type
ptype int*
print main
print sum
print *main
print &main
print compare_ints
print nosuch
print head.nosuch
print 1 +
print *nowhere
print *(int*)0
output global
output/x global
printf "%d %s %c %x %5.2f\n", global, greeting, letter, byte, real
echo text\n
x/4xw numbers
x/2dw numbers
x/s greeting
x/2xg words
x/3xb buffer
x/8cb buffer
x/2i $pc
set print pretty on
print head
print points
set print pretty off
set print elements 4
print numbers
print greeting
set print elements 200
info line main
info symbol main
info symbol global
info address global
print $_
print $nonexistent
set $foo = 5
print $foo * 2
print $foo++
print $foo
kill
