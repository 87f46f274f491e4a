// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* rdmarpcctl [-j] [-p] OBJECT COMMAND */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

bool ctl_json;
bool ctl_pretty;

static const char help[] =
"usage: rdmarpcctl [-j] [-p] OBJECT COMMAND …\n"
"\n"
"  server start NAME --listen ADDR:PORT [--echo] [--max-connections N] [--max-calls N]\n"
"               [--handler-user USER]… [--handler-group GROUP]\n"
"  server set NAME [--max-connections N] [--max-calls N] [--handler-user USER]…\n"
"               [--no-handler-users] [--handler-group GROUP] [--no-handler-group]\n"
"  server stop NAME\n"
"  server show [NAME]\n"
"  connection show\n"
"  connection close ID\n"
"  call ADDR:PORT METHOD [DATA|-] [--timeout MS]\n"
"  ping ADDR:PORT [-c COUNT]\n"
"  handler serve SERVER METHOD [--threads N] -- COMMAND …\n"
"  handler show\n"
"  client show\n"
"  poller show\n"
"  stats show [SERVER]\n"
"  monitor [server] [connection] [error]\n"
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
	{ "client", ctl_client },
	{ "poller", ctl_poller },
	{ "stats", ctl_stats },
	{ "monitor", ctl_monitor },
	{ "doctor", ctl_doctor },
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int print_help(void)
{
	return fputs(help, stdout) < 0 ? CTL_FAILED : CTL_OK;
}

/* A command that is not told where to write to writes to nobody. */
static void fill_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int run(int argc, char **argv)
{
	const char *object;
	size_t i;

	if (!argc)
		return ctl_usage("what shall it do?");
	object = *argv;
	if (!strcmp(object, "help"))
		return print_help();
	/* Each object parses its options anew. */
	optind = 0;
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (!strcmp(object, objects[i].name))
			return objects[i].run(argc - 1, argv + 1);
	return ctl_usage("unknown object %s", object);
}

int main(int argc, char **argv)
{
	int opt, ret;

	fill_standard_files();
	/* The commands say themselves what they take. */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+jphV", options, NULL)) != -1) {
		switch (opt) {
		case 'p':
			ctl_pretty = true;
			/* fall through */
		case 'j':
			ctl_json = true;
			break;
		case 'h':
			return print_help();
		case 'V':
			return puts("rdmarpcctl " CTL_VERSION) < 0 ? CTL_FAILED : CTL_OK;
		default:
			return ctl_usage("-j, -p, -h and --version are the options before OBJECT");
		}
	}
	ret = run(argc - optind, argv + optind);
	if (fflush(stdout) && ret == CTL_OK) {
		fprintf(stderr, "rdmarpcctl: the output could not be written: %s\n",
			strerror(errno));
		return CTL_FAILED;
	}
	return ret;
}
