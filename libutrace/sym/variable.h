#ifndef UT_SYM_VARIABLE_H
#define UT_SYM_VARIABLE_H
static inline void ut__module_free_variables(utrace_module *module)
{
	(void)module;
}
#endif
