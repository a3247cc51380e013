/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
#ifndef UT_SYM_VARIABLE_H
#define UT_SYM_VARIABLE_H
static inline void ut__module_free_variables(utrace_module *module)
{
	(void)module;
}
#endif
