// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Never returns from loading. */
#include <linux/module.h>

static int __init lab_init(void)
{
	for (;;)
		cpu_relax();
	return 0;
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("Never returns from loading.");
MODULE_LICENSE("Dual BSD/GPL");
