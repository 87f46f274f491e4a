/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Changing a mapping's flags, as the newest kernels do it. */
#ifndef RR_COMPAT_MM_H
#define RR_COMPAT_MM_H

#include <linux/mm.h>

#ifndef RR_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

#endif /* RR_COMPAT_MM_H */
