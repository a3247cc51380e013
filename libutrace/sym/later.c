/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
#include "sym/sym.h"
void ut__types_free(struct ut__types *types)
{
	(void)types;
}
void ut__tls_free(utrace_image *image)
{
	(void)image;
}
