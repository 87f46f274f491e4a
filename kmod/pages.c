// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "pages.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "stash.h"

/* What a peer, or a program, asks for must fail rather than have others killed. */
#define RR_PAGES_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static struct rr_pages *pages_new(u32 nr)
{
	struct rr_pages *pages = kvmalloc(struct_size(pages, bv, nr), RR_PAGES_GFP);

	if (pages)
		*pages = (struct rr_pages) {};
	return pages;
}

static void pages_unstash(struct rr_pages *pages, u32 nr)
{
	u32 part, got;

	do {
		part = min(nr - pages->nr, RR_PAGES_AT_ONCE);
		got = rr_stash_get(&pages->bv[pages->nr], part);
		pages->nr += got;
		cond_resched();
	} while (got == part && pages->nr < nr);
}

/* Pages of the stash first, if they may be. Return: @pages, or NULL, and they are gone. */
static struct rr_pages *pages_fill(struct rr_pages *pages, size_t len, gfp_t gfp)
{
	u32 nr = DIV_ROUND_UP(len, PAGE_SIZE);
	struct page *page;

	pages->ours = true;
	if (pages->stashed)
		pages_unstash(pages, nr);
	for (; pages->nr < nr; pages->nr++) {
		rr_pages_pause(pages->nr);
		page = alloc_page(gfp);
		if (!page) {
			rr_pages_free(pages);
			return NULL;
		}
		bvec_set_page(&pages->bv[pages->nr], page, PAGE_SIZE, 0);
	}
	pages->bv[nr - 1].bv_len -= nr * PAGE_SIZE - len;
	pages->len = len;
	return pages;
}

struct rr_pages *rr_pages_alloc(size_t len, enum rr_pages_fill fill)
{
	struct rr_pages *pages = pages_new(DIV_ROUND_UP(len, PAGE_SIZE));

	if (!pages)
		return NULL;
	return pages_fill(pages, len, RR_PAGES_GFP | (fill == RR_PAGES_PART ? __GFP_ZERO : 0));
}

struct rr_pages *rr_pages_take(size_t len)
{
	struct rr_pages *pages = pages_new(DIV_ROUND_UP(len, PAGE_SIZE));

	if (!pages)
		return NULL;
	pages->stashed = true;
	return pages_fill(pages, len, RR_PAGES_GFP & ~__GFP_ACCOUNT);
}

/* Return: whether there is nothing yet, or its last page is used to its end. */
static bool pages_even(const struct rr_pages *pages)
{
	const struct bio_vec *last;

	if (!pages->nr)
		return true;
	last = &pages->bv[pages->nr - 1];
	return last->bv_offset + last->bv_len == PAGE_SIZE;
}

/* Return: whether @page may follow what there is already: only ends are in mid-page. */
static bool pages_add(struct rr_pages *pages, struct page *page, u32 len, u32 offset)
{
	if ((pages->nr && offset) || !pages_even(pages))
		return false;
	bvec_set_page(&pages->bv[pages->nr++], page, len, offset);
	pages->len += len;
	return true;
}

/* Return: NULL if it is neither vmalloc's nor in the linear mapping, as a module's data. */
static struct page *page_of(const void *addr)
{
	if (is_vmalloc_addr(addr))
		return vmalloc_to_page(addr);
	return virt_addr_valid(addr) ? virt_to_page(addr) : NULL;
}

static bool add_kernel(struct rr_pages *pages, const void *addr, size_t len)
{
	struct page *page;
	size_t n;

	for (; len; addr += n, len -= n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
		rr_pages_pause(pages->nr);
		page = page_of(addr);
		if (!page || !pages_add(pages, page, n, offset_in_page(addr)))
			return false;
	}
	return true;
}

static bool add_bvec(struct rr_pages *pages, const struct bio_vec *bv, size_t skip,
		     size_t len)
{
	size_t at = bv->bv_offset + skip, n;

	for (; len; at += n, len -= n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(at));
		rr_pages_pause(pages->nr);
		if (!pages_add(pages, bv->bv_page + at / PAGE_SIZE, n, offset_in_page(at)))
			return false;
	}
	return true;
}

/* Entries of a whole page each are taken as they are. Return: how many there were. */
static u32 add_whole(struct rr_pages *pages, const struct bio_vec *bv, u32 most)
{
	struct bio_vec *to = &pages->bv[pages->nr];
	u32 n;

	most = min(most, RR_PAGES_AT_ONCE);
	for (n = 0; n < most && bv[n].bv_len == PAGE_SIZE && !bv[n].bv_offset; n++)
		to[n] = bv[n];
	pages->nr += n;
	pages->len += (size_t)n * PAGE_SIZE;
	return n;
}

static bool add_bvecs(struct rr_pages *pages, const struct iov_iter *iter)
{
	size_t left = iov_iter_count(iter), skip = iter->iov_offset, n;
	const struct bio_vec *bv = iter->bvec;
	u32 whole;

	for (; left; left -= n, skip = 0) {
		whole = skip || !pages_even(pages) ? 0 : add_whole(pages, bv, left / PAGE_SIZE);
		n = (size_t)whole * PAGE_SIZE;
		bv += whole;
		if (whole) {
			cond_resched();
			continue;
		}
		n = min_t(size_t, left, bv->bv_len - skip);
		if (!add_bvec(pages, bv++, skip, n))
			return false;
	}
	return true;
}

static bool add_kvecs(struct rr_pages *pages, const struct iov_iter *iter)
{
	size_t left = iov_iter_count(iter), skip = iter->iov_offset, n;
	const struct kvec *kv = iter->kvec;

	for (; left; left -= n, skip = 0) {
		n = min(left, kv->iov_len - skip);
		if (!add_kernel(pages, kv++->iov_base + skip, n))
			return false;
	}
	return true;
}

struct rr_pages *rr_pages_of(const struct iov_iter *iter)
{
	struct rr_pages *pages;
	bool fits;

	if (!iov_iter_is_kvec(iter) && !iov_iter_is_bvec(iter))
		return NULL;
	/* What has more pages than that has gaps. */
	pages = pages_new(DIV_ROUND_UP(iov_iter_count(iter), PAGE_SIZE) + 1);
	if (!pages)
		return ERR_PTR(-ENOMEM);
	fits = iov_iter_is_bvec(iter) ? add_bvecs(pages, iter) : add_kvecs(pages, iter);
	if (fits)
		return pages;
	rr_pages_free(pages);
	return NULL;
}

struct rr_pages *rr_pages_in(struct page *const *from, u32 offset, u32 len)
{
	struct rr_pages *pages = pages_new(DIV_ROUND_UP(offset + len, PAGE_SIZE));
	u32 n;

	if (!pages)
		return NULL;
	for (; len; len -= n, offset = 0) {
		n = min_t(u32, len, PAGE_SIZE - offset);
		rr_pages_pause(pages->nr);
		pages_add(pages, *from++, n, offset);
	}
	return pages;
}

size_t rr_pages_copy_from(struct rr_pages *pages, struct iov_iter *from)
{
	size_t copied = 0, n;
	struct bio_vec *bv;

	for (bv = pages->bv; bv < pages->bv + pages->nr; bv++) {
		rr_pages_pause(bv - pages->bv);
		n = copy_page_from_iter(bv->bv_page, bv->bv_offset, bv->bv_len, from);
		copied += n;
		if (n < bv->bv_len)
			break;
	}
	return copied;
}

size_t rr_pages_copy_to(const struct rr_pages *pages, size_t len, struct iov_iter *to)
{
	size_t copied = 0, want, n;
	const struct bio_vec *bv;

	for (bv = pages->bv; copied < len; bv++) {
		rr_pages_pause(bv - pages->bv);
		want = min_t(size_t, len - copied, bv->bv_len);
		n = copy_page_to_iter(bv->bv_page, bv->bv_offset, want, to);
		copied += n;
		if (n < want)
			break;
	}
	return copied;
}

static void pages_stash(const struct rr_pages *pages)
{
	const struct bio_vec *bv = pages->bv, *end = bv + pages->nr, *first;

	while (bv < end) {
		for (first = bv; bv < end && bv < first + RR_PAGES_AT_ONCE; bv++)
			if (page_count(bv->bv_page) > 1)
				break;
		rr_stash_put(first, bv - first);
		/* What a handler has given to others, as to a socket, is theirs. */
		if (bv < end && page_count(bv->bv_page) > 1)
			__free_page(bv++->bv_page);
	}
}

void rr_pages_free(struct rr_pages *pages)
{
	u32 i;

	if (!pages)
		return;
	if (pages->stashed)
		pages_stash(pages);
	for (i = 0; pages->ours && !pages->stashed && i < pages->nr; i++)
		__free_page(pages->bv[i].bv_page);
	/* What vmalloc gave must not be freed where one must not sleep. */
	if (is_vmalloc_addr(pages))
		kvfree_rcu(pages, rcu);
	else
		kfree(pages);
}
