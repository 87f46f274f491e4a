// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

#define WIDTH		80
#define INDENT		4
#define MAX_TEXT	256
/* A message of rdmarpcctl is longer. */
#define MAX_STRING	1024

/* ---- making it ---- */

/* Return: the length of a character of UTF-8 in more than one byte, 0 if it is none. */
static size_t utf8_length(const char *c)
{
	unsigned char first = *c;
	size_t len = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 :
		     first >= 0xc2 && first < 0xe0 ? 2 : 0, i;

	for (i = 1; i < len; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Processes give themselves any name; what is no text would make no JSON. */
void json_add_text(struct json_object *o, const char *name, const char *text)
{
	char copy[MAX_STRING];
	size_t len = 0, more;

	while (*text && len < sizeof(copy) - 5) {
		more = utf8_length(text);
		if (more) {
			memcpy(copy + len, text, more);
			len += more;
			text += more;
			continue;
		}
		copy[len++] = isascii(*text) ? *text : '?';
		text++;
	}
	json_object_object_add(o, name, json_object_new_string_len(copy, len));
}

void json_add_number(struct json_object *o, const char *name, uint64_t value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

void json_add_addr(struct json_object *o, const char *name, const struct sockaddr_storage *addr)
{
	char text[RDMARPC_ADDR_TEXT];

	json_add_text(o, name, rdmarpc_addr_text(addr, text));
}

void json_add_latency(struct json_object *o, const char *name, const struct rdmarpc_latency *l)
{
	struct json_object *in = json_object_new_object();

	json_add_number(in, "count", l->count);
	json_add_number(in, "p50_ns", rdmarpc_latency_percentile(l, 50));
	json_add_number(in, "p90_ns", rdmarpc_latency_percentile(l, 90));
	json_add_number(in, "p99_ns", rdmarpc_latency_percentile(l, 99));
	json_add_number(in, "max_ns", l->max_ns);
	json_object_object_add(o, name, in);
}

const char *json_text(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ? json_object_get_string(value) : "";
}

uint64_t json_number(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ? json_object_get_uint64(value) : 0;
}

/* ---- words for numbers ---- */

#define WORDS(function, ...)								\
const char *function(uint32_t nr)							\
{											\
	static const char * const words[] = { __VA_ARGS__ };				\
											\
	return nr < sizeof(words) / sizeof(words[0]) ? words[nr] : "?";			\
}

WORDS(json_server_state, "new", "listening", "down", "stopping", "draining")
WORDS(json_connection_state, "handshake", "active", "closing")
WORDS(json_close_reason, "owner", "admin", "peer", "handshake", "bad-message", "transfer",
      "silent", "device", "stuck")
WORDS(json_role, "server", "client")
WORDS(json_client_state, "connected", "reconnecting", "lost")
WORDS(json_handler_kind, "echo", "kernel-atomic", "kernel-sleeping", "program")
WORDS(json_error_kind, "bad-message", "handshake-failed", "connection-refused")

/* ---- what several commands print ---- */

void json_add_connection(struct json_object *o, const struct rdmarpc_connection_info *info)
{
	json_add_number(o, "id", info->id);
	json_add_text(o, "role", json_role(info->role));
	if (*info->server)
		json_add_text(o, "server", info->server);
	if (info->client)
		json_add_number(o, "client", info->client);
	json_add_text(o, "state", json_connection_state(info->state));
	json_add_addr(o, "local", &info->local);
	json_add_addr(o, "peer", &info->peer);
}

/* ---- as JSON ---- */

static struct json_object **kept;

void json_keep(struct json_object **to)
{
	kept = to;
}

void json_print(struct json_object *o)
{
	if (kept) {
		json_object_put(*kept);
		*kept = json_object_get(o);
		return;
	}
	puts(json_object_to_json_string_ext(o, ctl_pretty ? JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE :
							    JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
}

void json_print_line(struct json_object *o, FILE *to)
{
	fputs(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
						JSON_C_TO_STRING_NOSLASHESCAPE), to);
	fputc('\n', to);
}

/* ---- as text ---- */

size_t json_name_text(const char *name, char *text, size_t room)
{
	size_t len = strlen(name), i;

	if (len > 3 && !strcmp(name + len - 3, "_ns"))
		len -= 3;
	snprintf(text, room, "%.*s", (int)len, name);
	for (i = 0; text[i]; i++)
		if (text[i] == '_')
			text[i] = '-';
	return strlen(text);
}

static void put_array(struct json_object *list, char *text, size_t room)
{
	size_t i, len = 0;

	for (i = 0; i < json_object_array_length(list) && len < room; i++)
		len += snprintf(text + len, room - len, "%s%s", i ? "," : "",
				json_object_get_string(json_object_array_get_idx(list, i)));
}

static void put_value(const char *name, struct json_object *value, char *text, size_t room)
{
	size_t len = strlen(name), i;

	if (json_object_is_type(value, json_type_array))
		put_array(value, text, room);
	else if (json_object_is_type(value, json_type_boolean))
		snprintf(text, room, "%s", json_object_get_boolean(value) ? "on" : "off");
	else if (len > 3 && !strcmp(name + len - 3, "_ns"))
		snprintf(text, room, "%.1fus", json_object_get_uint64(value) / 1e3);
	else
		snprintf(text, room, "%s", json_object_get_string(value));
	for (i = 0; text[i]; i++)
		if (iscntrl((unsigned char)text[i]))
			text[i] = '?';
}

/* What there is nothing to say of is left out. */
static bool is_empty(struct json_object *value)
{
	return !value || (json_object_is_type(value, json_type_array) &&
			  !json_object_array_length(value));
}

/* An object within another, in lines that fit the screen. */
static void print_within(const char *what, struct json_object *o)
{
	char name[MAX_TEXT], value[MAX_TEXT];
	size_t at;

	json_name_text(what, name, sizeof(name));
	at = printf("\n%*s%s", INDENT, "", name) - 1;
	json_object_object_foreach(o, key, member) {
		json_name_text(key, name, sizeof(name));
		put_value(key, member, value, sizeof(value));
		if (at + strlen(name) + strlen(value) + 2 > WIDTH)
			at = printf("\n%*s", 2 * INDENT - 1, "") - 1;
		at += printf(" %s %s", name, value);
	}
}

static bool is_list_of_objects(struct json_object *value)
{
	return json_object_is_type(value, json_type_array) &&
	       json_object_is_type(json_object_array_get_idx(value, 0), json_type_object);
}

void json_print_text(const char *what, struct json_object *o)
{
	char name[MAX_TEXT], value[MAX_TEXT];
	bool first = true;
	size_t i;

	fputs(what, stdout);
	json_object_object_foreach(o, key, member) {
		if (is_empty(member))
			continue;
		if (json_object_is_type(member, json_type_object)) {
			print_within(key, member);
			continue;
		}
		if (is_list_of_objects(member)) {
			for (i = 0; i < json_object_array_length(member); i++)
				print_within(key, json_object_array_get_idx(member, i));
			continue;
		}
		json_name_text(key, name, sizeof(name));
		put_value(key, member, value, sizeof(value));
		printf(" %s%s%s", first ? "" : name, first ? "" : " ", value);
		first = false;
	}
	putchar('\n');
}

void json_print_list(const char *what, struct json_object *list)
{
	size_t i;

	if (ctl_json)
		json_print(list);
	for (i = 0; !ctl_json && i < json_object_array_length(list); i++)
		json_print_text(what, json_object_array_get_idx(list, i));
	json_object_put(list);
}
