/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef STATS_H
#define STATS_H

#include <json-c/json.h>

#include "librdmarpc.h"

/* Adds to @o the counters of a server, or with NULL the module's. Return: 0 or an errno. */
int stats_counters(struct rdmarpc_admin *a, const char *server, struct json_object *o);

/* What stats show prints as text. */
void stats_print(struct json_object *o);

#endif /* STATS_H */
