/* SPDX-License-Identifier: BSD-2-Clause */
/* keyctl(2) by operation. */
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	static char text[64] = "some text";
	static const int keys[] = {-1, -3, -8, 12345};
	struct iovec vector = {text, 4};
	struct keyctl_dh_params dh = {{1}, 2, 3};

	syscall(SYS_add_key, "user", "name", "payload", 7, KEY_SPEC_SESSION_KEYRING);
	syscall(SYS_add_key, "keyring", "name", NULL, 0, 1);
	syscall(SYS_request_key, "user", "none", "info", KEY_SPEC_USER_KEYRING);
	for (int op = 0; op < 34; op++) {
		if (op == KEYCTL_INSTANTIATE_IOV)
			syscall(SYS_keyctl, op, 1, &vector, 1, -3);
		else if (op == KEYCTL_DH_COMPUTE)
			syscall(SYS_keyctl, op, &dh, text, sizeof(text), NULL);
		else
			syscall(SYS_keyctl, op, keys[op % 4], text, 5, 7);
	}
	syscall(SYS_keyctl, KEYCTL_SETPERM, 99, 0x3f3f0000);
	syscall(SYS_keyctl, KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_NO_CHANGE);
	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text));
	syscall(SYS_keyctl, KEYCTL_SEARCH, -3, "user", "name", 0);
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	return 0;
}
