// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* README.md's lines in C, in the program that they leave out. */
#include <librdmarpc.h>
#include <stdio.h>

int main(void)
{
#include "readme-program.inc"
	printf("%.*s\n", (int)result.reply_len, reply);
	rdmarpc_client_close(client);
	return 0;
}
