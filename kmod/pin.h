/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Pins: memory of a program's that stays where it is, for a device, whatever becomes of
 * the program's mapping of it. It counts as what the program has locked, in
 * mm->pinned_vm against RLIMIT_MEMLOCK, as all memory does that is pinned for RDMA.
 */
#ifndef RR_PIN_H
#define RR_PIN_H

#include <linux/bvec.h>
#include <linux/types.h>
#include <linux/uio.h>

struct mm_struct;

/**
 * struct rr_pin - a stretch of a process's memory
 * @mm: the process's, which is charged
 * @charged: pages
 * @write: the device may write it
 * @len: bytes
 * @nr: of @bv
 * @bv: a page each, and what of it belongs to the stretch
 */
struct rr_pin {
	struct mm_struct *mm;
	u32 charged;
	bool write;
	size_t len;
	u32 nr;
	struct bio_vec bv[];
};

/**
 * rr_pin_create - pin memory of the current process
 * @addr: where it begins
 * @len: how much, 1 to 2^32 - 1
 * @write: the device is to write it, not only to read
 *
 * Context: process, may sleep.
 * Return: the pin, ended by rr_pin_free(); or ERR_PTR: ENOMEM, that is, RLIMIT_MEMLOCK as
 * well; EFAULT it is not memory that the program may read, or write, or of a kind that
 * cannot be pinned; EINTR and others.
 */
struct rr_pin *rr_pin_create(unsigned long addr, size_t len, bool write);

/* No device may touch it any more. May sleep. NULL is fine. */
void rr_pin_free(struct rr_pin *pin);

/* Sets up @iter to go over all of it; @dir is ITER_SOURCE or ITER_DEST. */
static inline void rr_pin_iter(const struct rr_pin *pin, unsigned int dir,
			       struct iov_iter *iter)
{
	iov_iter_bvec(iter, dir, pin->bv, pin->nr, pin->len);
}

#endif /* RR_PIN_H */
