// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Commands from a file: what each came to is told with the line that it stands on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "json.h"
#include "words.h"

bool ctl_in_batch;
bool ctl_batch_is_stdin;

/* The command that runs; @reply and @error are what it has said, as JSON. */
static struct {
	unsigned long nr;
	char where[128];	/* "FILE:LINE: " */
	struct json_object *reply, *error;
} now;

static void hear_error(const char *what, const char *why, const char *advice)
{
	/* What comes behind the first follows from it. */
	if (now.error)
		return;
	now.error = json_object_new_object();
	json_add_text(now.error, "what", what);
	json_add_text(now.error, "why", why);
	json_add_text(now.error, "advice", advice);
}

static void add_command(struct json_object *o, char **words)
{
	const struct ctl_command *command = NULL;
	char title[CTL_TITLE];

	if (words[0])
		command = ctl_command_find(words[0], words[1]);
	if (command)
		json_add_text(o, "command", ctl_title(command, title));
}

/* Prints what came of a line, and forgets it. */
static void print_line(char **words, int ret)
{
	struct json_object *o = json_object_new_object();

	json_add_number(o, "line", now.nr);
	add_command(o, words);
	json_add_number(o, "exit", ret);
	if (now.error)
		json_object_object_add(o, "error", now.error);
	if (now.reply)
		json_object_object_add(o, "reply", now.reply);
	now.error = NULL;
	now.reply = NULL;
	json_keep(NULL);
	json_print(o);
	json_object_put(o);
}

static int run_line(char *text)
{
	char *words[WORDS_MAX] = { NULL };
	const char *why;
	int nr = words_split(text, words, &why), ret;

	if (!nr)
		return CTL_OK;
	if (nr < 0)
		words[0] = NULL;
	if (ctl_json) {
		json_keep(&now.reply);
		ctl_hears = hear_error;
	}
	ret = nr < 0 ? ctl_failed(CTL_USAGE, "usage", why, "put it in order") : ctl_run(nr, words);
	ctl_hears = NULL;
	if (ctl_json)
		print_line(words, ret);
	return ret;
}

static void tell_end(bool force)
{
	fprintf(stderr, "rdmarpcctl: %sthe command failed; %s\n", now.where,
		force ? "going on" : "what follows was not run, -f would go on");
}

static int run_lines(FILE *f, const char *path, bool force)
{
	char *text = NULL;
	int first = CTL_OK, ret;
	size_t room = 0;

	while ((force || first == CTL_OK) && getline(&text, &room, f) >= 0) {
		snprintf(now.where, sizeof(now.where), "%.80s:%lu: ", path, ++now.nr);
		ctl_where = now.where;
		ret = run_line(text);
		if (ret == CTL_OK && !fflush(stdout))
			continue;
		/* It cannot be written what came of it. */
		if (ret == CTL_OK)
			ret = CTL_FAILED;
		fflush(stdout);
		tell_end(force);
		first = first == CTL_OK ? ret : first;
	}
	free(text);
	ctl_where = "";
	return first;
}

int ctl_batch(const char *path, bool force)
{
	char what[128];
	FILE *f;
	int ret;

	ctl_in_batch = true;
	ctl_batch_is_stdin = !strcmp(path, "-");
	f = ctl_batch_is_stdin ? stdin : fopen(path, "re");
	snprintf(what, sizeof(what), "the batch %.80s cannot be read", path);
	if (!f)
		return ctl_failed(CTL_FAILED, what, strerror(errno), "give a file that can");
	ret = run_lines(f, path, force);
	if (ferror(f) && ret == CTL_OK)
		ret = ctl_failed(CTL_FAILED, what, strerror(errno), "give a file that can");
	if (!ctl_batch_is_stdin)
		fclose(f);
	return ret;
}
