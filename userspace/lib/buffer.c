// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Registered buffers: memory that is pinned once for many calls. */
#include <errno.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "internal.h"
#include "librdmarpc.h"

int rdmarpc_buffer_register(struct rdmarpc_client *cl, void *addr, size_t len)
{
	struct lib_buffers *buffers = lib_buffers(cl);
	struct rdmarpc_register args = {
		.size = sizeof(args),
		.addr = (uintptr_t)addr,
		.len = len,
	};
	int ret;

	pthread_rwlock_wrlock(&buffers->lock);
	ret = ioctl(buffers->fd, RDMARPC_IOCTL_REGISTER, &args) ? -errno : (int)args.id;
	if (ret > 0) {
		buffers->all[ret - 1] = (struct lib_buffer) { addr, len };
		if (ret > buffers->most)
			buffers->most = ret;
	}
	pthread_rwlock_unlock(&buffers->lock);
	return ret;
}

int rdmarpc_buffer_unregister(struct rdmarpc_client *cl, int id)
{
	struct lib_buffers *buffers = lib_buffers(cl);
	struct rdmarpc_unregister args = { .size = sizeof(args), .id = id };
	int err;

	pthread_rwlock_wrlock(&buffers->lock);
	err = ioctl(buffers->fd, RDMARPC_IOCTL_UNREGISTER, &args) ? -errno : 0;
	if (!err)
		buffers->all[id - 1] = (struct lib_buffer) {};
	pthread_rwlock_unlock(&buffers->lock);
	return err;
}

/* Return: the id of the buffer that has all of it, or 0. */
static int find(const struct lib_buffers *buffers, uint64_t addr, size_t len)
{
	const struct lib_buffer *b;
	int i;

	for (i = 0; i < buffers->most; i++) {
		b = &buffers->all[i];
		if (b->len >= len && addr >= (uintptr_t)b->addr &&
		    addr - (uintptr_t)b->addr <= b->len - len && b->len)
			return i + 1;
	}
	return 0;
}

void lib_find_buffers(struct rdmarpc_client *cl, struct rdmarpc_submit *sub)
{
	struct lib_buffers *buffers = lib_buffers(cl);

	if (!buffers->most)
		return;
	pthread_rwlock_rdlock(&buffers->lock);
	sub->request_buf = find(buffers, sub->request, sub->request_len);
	sub->reply_buf = find(buffers, sub->reply, sub->reply_len);
	pthread_rwlock_unlock(&buffers->lock);
}
