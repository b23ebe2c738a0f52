/* SPDX-License-Identifier: MIT */
#ifndef UTIL_LIST_H
#define UTIL_LIST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A circular doubly-linked list with the link inside its members: for the folders that
 * know no Wayland. A removed link points to itself, so that removing twice is harmless.
 */
struct wltex_list {
	struct wltex_list *prev, *next;
};

static inline void wltex_list_init(struct wltex_list *list)
{
	list->prev = list;
	list->next = list;
}

/* Insert link after list: at the head of the list, or after a member. */
static inline void wltex_list_insert(struct wltex_list *list, struct wltex_list *link)
{
	link->prev = list;
	link->next = list->next;
	list->next->prev = link;
	list->next = link;
}

static inline void wltex_list_remove(struct wltex_list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	wltex_list_init(link);
}

static inline bool wltex_list_empty(const struct wltex_list *list)
{
	return list->next == list;
}

#define wltex_container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define wltex_list_for_each(pos, head, member) \
	for ((pos) = wltex_container_of((head)->next, __typeof__(*(pos)), member); \
		&(pos)->member != (head); \
		(pos) = wltex_container_of((pos)->member.next, __typeof__(*(pos)), member))

#endif
