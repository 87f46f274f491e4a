// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* rdmarpcctl [-j] [-p] OBJECT COMMAND */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

bool ctl_json;
bool ctl_pretty;

static const char help[] =
"usage: rdmarpcctl [-j] [-p] OBJECT COMMAND …\n"
"\n"
"  server start NAME --listen ADDR:PORT [--echo] [--max-connections N] [--max-calls N]\n"
"  server stop NAME\n"
"  server show [NAME]\n"
"  connection show\n"
"  call ADDR:PORT METHOD [DATA|-] [--timeout MS]\n"
"  ping ADDR:PORT [-c COUNT]\n"
"  handler serve SERVER METHOD [--threads N] -- COMMAND …\n"
"  stats show [SERVER]\n"
"  doctor\n"
"\n"
"  -j          JSON instead of text\n"
"  -p          JSON for people\n"
"  --version   print the version\n"
"\n"
"ADDR is a name, an IPv4 address, or an IPv6 address in brackets.\n"
"Exit status: 0 done, 1 failed, 2 usage, 3 could not connect, 4 not executed,\n"
"5 maybe executed, 6 the application's error.\n";

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} objects[] = {
	{ "server", ctl_server },
	{ "connection", ctl_connection },
	{ "call", ctl_call },
	{ "ping", ctl_ping },
	{ "handler", ctl_handler },
	{ "stats", ctl_stats },
	{ "doctor", ctl_doctor },
};

int ctl_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("rdmarpcctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("\nSee rdmarpcctl help.\n", stderr);
	va_end(ap);
	return CTL_USAGE;
}

struct rdmarpc_admin *ctl_admin(void)
{
	struct rdmarpc_admin *a;
	int err = rdmarpc_admin_open(&a);

	if (!err)
		return a;
	fprintf(stderr, "rdmarpcctl: no rdmarpc in this kernel (%s): load it with modprobe rdmarpc\n",
		strerror(-err));
	return NULL;
}

int ctl_admin_failed(struct rdmarpc_admin *a, int err, const char *what)
{
	const char *said = rdmarpc_admin_message(a);

	if (err == -EPERM && !*said)
		said = "it needs CAP_NET_ADMIN: run it as root";
	fprintf(stderr, "rdmarpcctl: %s: %s%s%s%s\n", what, *said ? said : strerror(-err),
		*said ? " (" : "", *said ? strerror(-err) : "", *said ? ")" : "");
	rdmarpc_admin_close(a);
	return CTL_FAILED;
}

static const char *connect_advice(int err)
{
	switch (err) {
	case -EINVAL:
		return "write it as NAME:PORT, IPV4:PORT or [IPV6]:PORT";
	case -ENOENT:
		return "the name is unknown, or /dev/rdmarpc is not there (modprobe rdmarpc)";
	case -EACCES:
	case -EPERM:
		return "you may not open /dev/rdmarpc: join the group rdmarpc";
	case -EBUSY:
		return "the server has as many connections as it allows";
	case -ETIMEDOUT:
		return "no answer in time: is the server's machine up, and its RDMA device?";
	default:
		return rdmarpc_error_text(err);
	}
}

struct rdmarpc_client *ctl_connect(const char *addr)
{
	struct rdmarpc_client *cl;
	int err = rdmarpc_client_open(addr, 0, 0, &cl);

	if (!err)
		return cl;
	fprintf(stderr, "rdmarpcctl: cannot connect to %s: %s (%s)\n", addr,
		connect_advice(err), strerror(-err));
	return NULL;
}

int ctl_call_exit(const struct rdmarpc_completion *result)
{
	switch (result->outcome) {
	case RDMARPC_OUTCOME_OK:
		return CTL_OK;
	case RDMARPC_OUTCOME_APP_ERROR:
		fprintf(stderr, "rdmarpcctl: application error %u\n", result->app_error);
		return CTL_APP_ERROR;
	default:
		fprintf(stderr, "rdmarpcctl: call failed, %s: %s (%s)\n",
			rdmarpc_outcome_text(result->outcome), rdmarpc_error_text(result->error),
			strerror(-result->error));
		return result->outcome == RDMARPC_OUTCOME_NOT_EXECUTED ? CTL_NOT_EXECUTED :
									 CTL_MAYBE_EXECUTED;
	}
}

int ctl_number(const char *text, unsigned long min, unsigned long max, unsigned long *nr)
{
	char *end;

	errno = 0;
	*nr = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || *nr < min || *nr > max)
		return -1;
	return 0;
}

void ctl_print_json(struct json_object *obj)
{
	puts(json_object_to_json_string_ext(obj, ctl_pretty ? JSON_C_TO_STRING_PRETTY :
							      JSON_C_TO_STRING_PLAIN));
	json_object_put(obj);
}

int main(int argc, char **argv)
{
	size_t i;

	for (argv++, argc--; argc && argv[0][0] == '-'; argv++, argc--) {
		if (!strcmp(*argv, "-j") || !strcmp(*argv, "--json"))
			ctl_json = true;
		else if (!strcmp(*argv, "-p") || !strcmp(*argv, "--pretty"))
			ctl_json = ctl_pretty = true;
		else if (!strcmp(*argv, "-h") || !strcmp(*argv, "--help"))
			return fputs(help, stdout) < 0;
		else if (!strcmp(*argv, "-V") || !strcmp(*argv, "--version"))
			return puts("rdmarpcctl 0.1.0") < 0;
		else
			return ctl_usage("unknown option %s", *argv);
	}
	if (!argc)
		return ctl_usage("what shall it do?");
	if (!strcmp(*argv, "help"))
		return fputs(help, stdout) < 0;
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (!strcmp(*argv, objects[i].name))
			return objects[i].run(argc - 1, argv + 1);
	return ctl_usage("unknown object %s", *argv);
}
