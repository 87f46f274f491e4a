// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "pin.h"

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* Pages at a time: what the kernel looks up with interrupts off. */
#define PIN_BATCH	512U

/* ---- what the program has locked ---- */

static bool pin_charge(struct rr_pin *pin, u32 nr)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	if (!can_do_mlock())
		return false;
	if (atomic64_add_return(nr, &pin->mm->pinned_vm) > limit && !capable(CAP_IPC_LOCK)) {
		atomic64_sub(nr, &pin->mm->pinned_vm);
		return false;
	}
	pin->charged = nr;
	return true;
}

static void pin_uncharge(struct rr_pin *pin)
{
	atomic64_sub(pin->charged, &pin->mm->pinned_vm);
}

/* ---- its pages ---- */

static int pin_pages(struct rr_pin *pin, unsigned long addr, size_t len, struct page **list)
{
	unsigned int flags = FOLL_LONGTERM | (pin->write ? FOLL_WRITE : 0);
	int i, got;
	size_t n;

	while (pin->len < len) {
		got = pin_user_pages_fast(addr & PAGE_MASK,
					  min(pin->charged - pin->nr, PIN_BATCH), flags, list);
		if (got <= 0)
			return got ?: -EFAULT;
		for (i = 0; i < got; i++) {
			n = min_t(size_t, len - pin->len, PAGE_SIZE - offset_in_page(addr));
			bvec_set_page(&pin->bv[pin->nr++], list[i], n, offset_in_page(addr));
			pin->len += n;
			addr += n;
		}
		cond_resched();
	}
	return 0;
}

/* Rows of pages at once, as huge pages are. */
static void pin_unpin(struct rr_pin *pin)
{
	const struct bio_vec *bv = pin->bv;
	u32 i, n;

	for (i = 0; i < pin->nr; i += n) {
		for (n = 1; i + n < pin->nr; n++)
			if (bv[i + n].bv_page != bv[i].bv_page + n)
				break;
		unpin_user_page_range_dirty_lock(bv[i].bv_page, n, pin->write);
		cond_resched();
	}
}

static int pin_take(struct rr_pin *pin, unsigned long addr, size_t len, u32 nr)
{
	struct page **list;
	int err;

	list = kmalloc_array(min(nr, PIN_BATCH), sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	err = pin_charge(pin, nr) ? pin_pages(pin, addr, len, list) : -ENOMEM;
	kfree(list);
	return err;
}

struct rr_pin *rr_pin_create(unsigned long addr, size_t len, bool write)
{
	u32 nr = DIV_ROUND_UP(offset_in_page(addr) + len, PAGE_SIZE);
	struct rr_pin *pin;
	int err;

	if (!access_ok((void __user *)addr, len))
		return ERR_PTR(-EFAULT);
	pin = kvzalloc(struct_size(pin, bv, nr),
		       GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!pin)
		return ERR_PTR(-ENOMEM);
	pin->mm = current->mm;
	mmgrab(pin->mm);
	pin->write = write;
	err = pin_take(pin, addr, len, nr);
	if (!err)
		return pin;
	rr_pin_free(pin);
	return ERR_PTR(err);
}

void rr_pin_free(struct rr_pin *pin)
{
	if (!pin)
		return;
	pin_unpin(pin);
	pin_uncharge(pin);
	mmdrop(pin->mm);
	kvfree(pin);
}
