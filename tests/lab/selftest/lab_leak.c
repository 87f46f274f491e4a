// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Forgets memory that it has allocated. */
#include <linux/module.h>
#include <linux/slab.h>

static int __init lab_init(void)
{
	int i;

	/* Several: one may look referenced from a stale register or stack slot. */
	for (i = 0; i < 8; i++)
		if (!kmalloc(128, GFP_KERNEL))
			return -ENOMEM;
	return 0;
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("Forgets memory that it has allocated.");
MODULE_LICENSE("Dual BSD/GPL");
