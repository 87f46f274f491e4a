/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A store of values by key: what its client and its server agree on.
 *
 *   SAMPLE_GET  request: the key; reply: the value
 *   SAMPLE_PUT  request: struct sample_put, the key, the value; reply: nothing
 */
#ifndef RDMARPC_SAMPLE_H
#define RDMARPC_SAMPLE_H

#include <linux/types.h>

#define SAMPLE_GET		1
#define SAMPLE_PUT		2

#define SAMPLE_MAX_KEY		255
#define SAMPLE_MAX_VALUE	2048

struct sample_put {
	__le16 key_len;
	__le16 value_len;
};

/* The application's errors, as its calls get them. */
#define SAMPLE_MALFORMED	1
#define SAMPLE_NO_KEY		2
#define SAMPLE_FULL		3

#endif /* RDMARPC_SAMPLE_H */
