// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Commands from a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "words.h"

bool ctl_in_batch;
bool ctl_batch_is_stdin;

static int run_line(char *text)
{
	char *words[WORDS_MAX];
	const char *why;
	int nr = words_split(text, words, &why);

	if (nr < 0)
		return ctl_failed(CTL_USAGE, "usage", why, "put it in order");
	return nr ? ctl_run(nr, words) : CTL_OK;
}

static void tell_where(const char *path, unsigned long nr, bool force)
{
	fprintf(stderr, "rdmarpcctl: %s:%lu: the command failed; %s\n", path, nr,
		force ? "going on" : "what follows was not run, -f would go on");
}

static int run_lines(FILE *f, const char *path, bool force)
{
	unsigned long nr = 0;
	char *text = NULL;
	int first = CTL_OK, ret;
	size_t room = 0;

	while ((force || first == CTL_OK) && getline(&text, &room, f) >= 0) {
		nr++;
		ret = run_line(text);
		if (ret == CTL_OK && !fflush(stdout))
			continue;
		/* It cannot be written what came of it. */
		if (ret == CTL_OK)
			ret = CTL_FAILED;
		tell_where(path, nr, force);
		first = first == CTL_OK ? ret : first;
	}
	free(text);
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
