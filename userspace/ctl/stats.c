// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static int show_one(const char *name, uint64_t value, void *ctx)
{
	if (ctl_json)
		json_object_object_add(ctx, name, json_object_new_uint64(value));
	else
		printf("%-22s %" PRIu64 "\n", name, value);
	return 0;
}

int ctl_stats(int argc, char **argv)
{
	struct json_object *obj;
	struct rdmarpc_admin *a;
	int err;

	if (argc < 1 || argc > 2 || strcmp(*argv, "show"))
		return ctl_usage("stats show [SERVER]");
	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	obj = json_object_new_object();
	err = rdmarpc_stats_each(a, argc > 1 ? argv[1] : NULL, show_one, obj);
	if (err) {
		json_object_put(obj);
		return ctl_admin_failed(a, err, "counters cannot be read");
	}
	rdmarpc_admin_close(a);
	if (ctl_json)
		ctl_print_json(obj);
	else
		json_object_put(obj);
	return CTL_OK;
}
