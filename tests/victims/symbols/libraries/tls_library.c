/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls_library.c - a library with thread-local storage; built twice, under two names (-DTLS_NAME=...), and large enough for the dynamic kind.
 */
#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

__thread int JOIN(TLS_NAME, _array)[1000];
__thread int TLS_NAME = 11;

int *JOIN(TLS_NAME, _address)(void)
{
	JOIN(TLS_NAME, _array)[7]++;
	return &TLS_NAME;
}
