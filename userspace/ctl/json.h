/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the commands print. Each makes JSON of it; as text, that JSON is written in
 * words. So both say the same.
 */
#ifndef JSON_H
#define JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "librdmarpc.h"

void json_add_text(struct json_object *o, const char *name, const char *text);
void json_add_number(struct json_object *o, const char *name, uint64_t value);
void json_add_addr(struct json_object *o, const char *name, const struct sockaddr_storage *addr);
/* Who is connected with whom, as show and monitor have it. */
void json_add_connection(struct json_object *o, const struct rdmarpc_connection_info *info);
void json_add_latency(struct json_object *o, const char *name, const struct rdmarpc_latency *l);

/* What an object has by that name; "" and 0 if it has not. */
const char *json_text(struct json_object *o, const char *name);
uint64_t json_number(struct json_object *o, const char *name);

/* As JSON, in one line or for people. */
void json_print(struct json_object *o);

/* From now on json_print() leaves it in *@to, NULL before, and prints nothing; NULL ends that. */
void json_keep(struct json_object **to);

/* As a line of JSON. */
void json_print_line(struct json_object *o, FILE *to);

/*
 * As text: @what, the first value, then names and values; objects within it on lines
 * of their own. No byte reaches a terminal that could do more there than be seen.
 */
void json_print_text(const char *what, struct json_object *o);

/* A name as text has it: without its unit, as times are told in microseconds. Return: its length. */
size_t json_name_text(const char *name, char *text, size_t room);

/* A list, as JSON or as text; frees it. */
void json_print_list(const char *what, struct json_object *list);

/* The words for a number, "?" for one that is not known. */
const char *json_server_state(uint32_t state);
const char *json_connection_state(uint32_t state);
const char *json_close_reason(uint32_t reason);
const char *json_role(uint32_t role);
const char *json_client_state(uint32_t state);
const char *json_handler_kind(uint32_t kind);
const char *json_error_kind(uint32_t kind);

#endif /* JSON_H */
