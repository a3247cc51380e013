# program: cplus
break shop::square::area
run
bt
print *this
print side
print id
print this->side
print twice
print this
up
info locals
print object
print counter
print moved
print &counter
print *&object
next
next
up
up
info locals
print plain
print both
print diamond
print pointer
print *pointer
print reference
print fixed
print *fixed
set print object on
print pointer
print *pointer
print reference
print roof
whatis pointer
whatis *pointer
ptype pointer
set print object off
print shop::stock
print shop::hidden_count
print shop::(anonymous namespace)::hidden_count
print hidden_count
print shop::inner::rate
print shop::inner::level::high
print (int)shop::inner::level::high
print level
print strange
print fruit
print shop::pear
print shop::base::objects
print plain.objects
print plain.shop::base::id
print pairs
print pairs[1].second
print numbers
print reals
print numbers.items[1]
print call
print call.what
print callbacks::one
print alias
print &alias
print member
print method
print call.*member
print function
print *function
print yes
print !yes
print true
print false
print wide
print short_text
print long_text
print nothing
print lambda
print sizeof(shop::square)
print sizeof(shop::buffer<int, 4>)
ptype shop::base
ptype shop::square
ptype shop::both
ptype shop::diamond
ptype shop::inner::level
ptype shop::fruit
ptype shop::buffer<int, 4>
ptype shop::buffer<int,4>
ptype numbers
ptype callbacks
ptype struct callbacks
ptype callbacks::list
ptype reference
ptype lambda
ptype member
ptype method
whatis plain
whatis reference
whatis alias
whatis level
whatis numbers
whatis callbacks::list
whatis callbacks::word
whatis member
whatis method
whatis over
whatis shop::largest<int>
whatis wide
whatis nothing
print over
print 'over(int)'
print callbacks::twice
print (shop::base)both
print *(shop::both *)pointer
print static_cast<shop::base *>(&both)
print reinterpret_cast<long>(pointer) == (long)pointer
print static_cast<int>(3.7)
print (shop::named *)&both
print ((shop::named *)&both)->name
print both.name
print both.shop::named::name
print (shop::top *)&diamond
print diamond.value
print diamond.left_value
print *roof
print *(shop::diamond *)roof
print sizeof(long double)
set print pretty on
print both
print diamond
print call
set print pretty off
set print static-members off
print plain
set print static-members on
print plain
info vtbl both
info vtbl pointer
print 5 > 3
print sizeof(plain)
print alignof(int)
print &plain.side == &plain.side
print *this
print/x both
print/d level
print ::counter
info symbol shop::stock
info line shop::square::area
list shop::square::area
break shop::buffer<int, 4>::sum
break over(double)
break shop::largest<double>
info breakpoints
p sizeof(shop::inner::pair_of)
whatis shop::inner::pair_of
ptype shop::inner::pair_of
whatis pairs
whatis &pairs
whatis pairs[0]
kill
