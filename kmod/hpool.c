// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "hpool.h"

#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "compat/mm.h"
#include "pages.h"

/* What a peer's request needs must fail rather than have others killed. */
#define HPOOL_GFP	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static unsigned int handler_memory_mb = 1024;
module_param(handler_memory_mb, uint, 0644);
MODULE_PARM_DESC(handler_memory_mb, "Memory that all programs that serve together may use for large requests and replies (MiB)");
static atomic_long_t handler_pages;

static bool page_admit(void)
{
	long most = (long)READ_ONCE(handler_memory_mb) << (20 - PAGE_SHIFT);

	if (atomic_long_inc_return(&handler_pages) <= most)
		return true;
	atomic_long_dec(&handler_pages);
	return false;
}

/* Return: whether there is one more among @pages. */
static bool page_add(struct list_head *pages)
{
	struct page *page;

	if (!page_admit())
		return false;
	page = alloc_page(HPOOL_GFP);
	if (page)
		list_add(&page->lru, pages);
	else
		atomic_long_dec(&handler_pages);
	return page;
}

static void pages_drop(struct list_head *pages)
{
	struct page *page, *tmp;

	list_for_each_entry_safe(page, tmp, pages, lru) {
		__free_page(page);
		atomic_long_dec(&handler_pages);
	}
}

/* Another thread may have had to have it at the same time. */
static void page_put_in(struct page **at, struct list_head *pages)
{
	struct page *page = list_first_entry(pages, struct page, lru);

	list_del(&page->lru);
	if (cmpxchg(at, NULL, page))
		list_add(&page->lru, pages);
}

/* All or none: what is put in stays, and may leave its owner no memory to go on with. */
bool rr_hpool_fill(struct rr_hpool *pool, u32 first, u32 nr)
{
	bool all = true;
	LIST_HEAD(pages);
	u32 i;

	for (i = first; i < first + nr && all; i++) {
		if (READ_ONCE(pool->pages[i]))
			continue;
		all = !fatal_signal_pending(current) && page_add(&pages);
		cond_resched();
	}
	for (i = first; i < first + nr && all; i++)
		if (!READ_ONCE(pool->pages[i]))
			page_put_in(&pool->pages[i], &pages);
	pages_drop(&pages);
	return all;
}

int rr_hpool_init(struct rr_hpool *pool, u32 nr_first, u32 nr)
{
	u32 i;

	pool->nr = nr;
	pool->nr_first = nr_first;
	pool->pages = kvcalloc(nr, sizeof(*pool->pages), GFP_KERNEL_ACCOUNT);
	if (!pool->pages)
		return -ENOMEM;
	for (i = 0; i < nr_first; i++) {
		pool->pages[i] = alloc_page(HPOOL_GFP);
		if (!pool->pages[i]) {
			rr_hpool_destroy(pool);
			return -ENOMEM;
		}
	}
	return 0;
}

void rr_hpool_destroy(struct rr_hpool *pool)
{
	u32 i;

	for (i = 0; i < pool->nr; i++) {
		if (!pool->pages[i])
			continue;
		__free_page(pool->pages[i]);
		if (i >= pool->nr_first)
			atomic_long_dec(&handler_pages);
		cond_resched();
	}
	kvfree(pool->pages);
}

void rr_hpool_put(struct rr_hpool *pool, u32 offset, u32 len, struct iov_iter *from)
{
	struct page *page;
	u32 n;

	for (; len; offset += n, len -= n) {
		n = min_t(u32, len, PAGE_SIZE - offset_in_page(offset));
		page = READ_ONCE(pool->pages[offset >> PAGE_SHIFT]);
		if (!page || copy_page_from_iter(page, offset_in_page(offset), n, from) < n)
			return;
	}
}

void rr_hpool_get(const struct rr_hpool *pool, u32 offset, u32 len, void *to)
{
	struct page *page;
	u32 n;

	for (; len; offset += n, len -= n, to += n) {
		n = min_t(u32, len, PAGE_SIZE - offset_in_page(offset));
		page = READ_ONCE(pool->pages[offset >> PAGE_SHIFT]);
		if (page)
			memcpy_from_page(to, page, offset_in_page(offset), n);
		else
			memset(to, 0, n);
	}
}

struct rr_pages *rr_hpool_pages(const struct rr_hpool *pool, u32 offset, u32 len)
{
	return rr_pages_in(&pool->pages[offset >> PAGE_SHIFT], offset_in_page(offset), len);
}

static vm_fault_t hpool_fault(struct vm_fault *vmf)
{
	struct rr_hpool *pool = vmf->vma->vm_private_data;

	if (!rr_hpool_fill(pool, vmf->pgoff, 1))
		return VM_FAULT_SIGBUS;
	vmf->page = READ_ONCE(pool->pages[vmf->pgoff]);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct hpool_vm_ops = {
	.fault = hpool_fault,
};

int rr_hpool_mmap(struct rr_hpool *pool, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff >= pool->nr ||
	    vma_pages(vma) > pool->nr - vma->vm_pgoff)
		return -EINVAL;
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND);
	vma->vm_private_data = pool;
	vma->vm_ops = &hpool_vm_ops;
	return 0;
}
