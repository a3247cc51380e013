# file: /usr/bin/python3.11
# args: -c pass
break PyImport_Init
info breakpoints
run
bt 2
info args
print runtime_initialized
break PyObject_Repr
delete 2
ptype PyObject
ptype struct _typeobject *
whatis PyType_Type.tp_name
print PyType_Type.tp_name
print PyLong_Type.tp_basicsize
print sizeof(PyDictObject)
print &PyList_Type
print PyDict_Type.ob_base
info line PyObject_Repr
list PyObject_Repr
info symbol PyObject_Repr
kill
