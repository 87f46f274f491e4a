// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * What a program pays to have 64 bytes taken into the kernel and 64 brought back, with
 * next to nothing done in between.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "floor.h"
#include "floor_ioctl.h"

static long copy_back(void __user *arg)
{
	struct floor_copy c;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	/* So that whoever asked sees that it was done. */
	c.bytes[0] = ~c.bytes[0];
	return copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : 0;
}

static long floor_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return cmd == FLOOR_IOCTL_COPY ? copy_back((void __user *)arg) : -ENOTTY;
}

static const struct file_operations floor_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = floor_ioctl,
};

static struct miscdevice floor_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = FLOOR_DEVICE,
	.fops = &floor_fops,
};

int floor_ioctl_init(void)
{
	return misc_register(&floor_misc);
}

void floor_ioctl_exit(void)
{
	misc_deregister(&floor_misc);
}
