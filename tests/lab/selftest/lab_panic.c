// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Panics when it is loaded. */
#include <linux/module.h>
#include <linux/panic.h>

static int __init lab_init(void)
{
	panic("lab: this panic is wanted");
	return 0;
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("Panics when it is loaded.");
MODULE_LICENSE("Dual BSD/GPL");
