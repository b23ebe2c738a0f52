/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "track/private.h"

#define REQUEST WL_PROTOCOL_LOGGER_REQUEST
#define EVENT WL_PROTOCOL_LOGGER_EVENT

static const struct {
	const char *class, *name, *signature;
	enum wl_protocol_logger_type type;
	enum message_kind kind;
} known[] = {
	{"wl_shm", "create_pool", "nhi", REQUEST, MESSAGE_SHM_CREATE_POOL},
	{"wl_shm_pool", "create_buffer", "niiiiu", REQUEST, MESSAGE_POOL_CREATE_BUFFER},
	{"wl_shm_pool", "resize", "i", REQUEST, MESSAGE_POOL_RESIZE},
	{"wl_surface", "attach", "oii", REQUEST, MESSAGE_SURFACE_ATTACH},
	{"wl_surface", "damage", "iiii", REQUEST, MESSAGE_SURFACE_DAMAGE},
	{"wl_surface", "damage_buffer", "iiii", REQUEST, MESSAGE_SURFACE_DAMAGE_BUFFER},
	{"wl_surface", "commit", "", REQUEST, MESSAGE_SURFACE_COMMIT},
	{"wl_buffer", "release", "", EVENT, MESSAGE_BUFFER_RELEASE},
	{"wl_subcompositor", "get_subsurface", "noo", REQUEST, MESSAGE_SUBSURFACE_CREATE},
	{"wl_subsurface", "place_above", "o", REQUEST, MESSAGE_SUBSURFACE_PLACE},
	{"wl_subsurface", "place_below", "o", REQUEST, MESSAGE_SUBSURFACE_PLACE},
	{"zwp_linux_buffer_params_v1", "add", "huuuuu", REQUEST, MESSAGE_PARAMS_ADD},
	{"zwp_linux_buffer_params_v1", "create", "iiuu", REQUEST, MESSAGE_PARAMS_CREATE},
	{"zwp_linux_buffer_params_v1", "create_immed", "niiuu", REQUEST,
		MESSAGE_PARAMS_CREATE_IMMED},
	{"zwp_linux_buffer_params_v1", "created", "n", EVENT, MESSAGE_PARAMS_CREATED},
	{"zwp_linux_buffer_params_v1", "failed", "", EVENT, MESSAGE_PARAMS_FAILED},
};

/* Compare the types of the arguments, without "since" versions and "may be NULL". */
static bool same_signature(const char *signature, const char *types)
{
	for (; *signature != '\0'; signature++) {
		if (*signature == '?' || isdigit((unsigned char)*signature))
			continue;
		if (*signature != *types)
			return false;
		types++;
	}
	return *types == '\0';
}

static enum message_kind classify(
	const char *class, enum wl_protocol_logger_type type, const struct wl_message *message)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].type == type && strcmp(known[i].class, class) == 0 &&
			strcmp(known[i].name, message->name) == 0 &&
			same_signature(message->signature, known[i].signature))
			return known[i].kind;
	}
	return MESSAGE_OTHER;
}

enum message_kind message_table_learn(struct message_table *table, const char *class,
	enum wl_protocol_logger_type type, const struct wl_message *message)
{
	size_t slot = message_slot(message);
	enum message_kind kind = classify(class, type, message);

	/* What was learnt before moves to the neighbour, and the neighbour's is forgotten. */
	table->slots[slot ^ 1] = table->slots[slot];
	table->slots[slot] = (struct message_slot){.message = message, .kind = kind};
	return kind;
}
