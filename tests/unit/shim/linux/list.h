/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef SHIM_LIST_H
#define SHIM_LIST_H

#include <stddef.h>

struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline int list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	entry->prev = head;
	entry->next = head->next;
	head->next->prev = entry;
	head->next = entry;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	list_add(entry, head->prev);
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

#define list_first_entry_or_null(head, type, member)	\
	(list_empty(head) ? NULL :			\
	 (type *)((char *)(head)->next - offsetof(type, member)))

#define list_for_each_entry(pos, head, member)						\
	for (pos = (__typeof__(pos))((char *)(head)->next - offsetof(__typeof__(*pos), member)); \
	     &pos->member != (head);							\
	     pos = (__typeof__(pos))((char *)pos->member.next - offsetof(__typeof__(*pos), member)))

#endif
