/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What a program asks of rdmarpc_floor.ko: bench-ioctl has it too. */
#ifndef FLOOR_IOCTL_H
#define FLOOR_IOCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define FLOOR_DEVICE	"rdmarpc_floor"

struct floor_copy {
	__u8 bytes[64];
};

/* They come back, the first of them inverted. */
#define FLOOR_IOCTL_COPY	_IOWR('F', 0, struct floor_copy)

#endif /* FLOOR_IOCTL_H */
