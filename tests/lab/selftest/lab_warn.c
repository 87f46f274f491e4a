// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Warns when it is loaded. */
#include <linux/module.h>

static int __init lab_init(void)
{
	WARN(1, "lab: this warning is wanted\\n");
	return 0;
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("Warns when it is loaded.");
MODULE_LICENSE("Dual BSD/GPL");
