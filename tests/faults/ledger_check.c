// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * ledger-check FILE… [--killed FILE…]: what all ledgers say together. Behind --killed
 * are those of callers that were killed: they need not know what became of a call.
 * Prints one JSON object; exits with 1 if a promise was broken.
 *
 * ledger-check --in-flight FILE…: how many calls have not ended.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include <rdmarpc.h>

#include "record.h"

#define TOLD	10	/* violations that are told one by one */

struct call {
	uint64_t id;
	uint32_t submitted, ended, executed;
	uint32_t outcome;
	bool wrong, late, lost, killed;
};

static struct call *calls;
static size_t room;
static unsigned long violations;

static struct call *find(uint64_t id)
{
	size_t i = (id * 0x9e3779b97f4a7c15ull) % room;

	while (calls[i].id && calls[i].id != id)
		i = (i + 1) % room;
	calls[i].id = id;
	return &calls[i];
}

static void take(const struct record *r, bool killed)
{
	struct call *c = find(r->id);

	switch (r->kind) {
	case RECORD_SUBMITTED:
		c->submitted++;
		c->killed = killed;
		break;
	case RECORD_ENDED:
		c->ended++;
		c->outcome = r->outcome;
		c->wrong = r->wrong;
		c->late = r->late;
		c->lost = r->lost;
		break;
	case RECORD_EXECUTED:
		c->executed++;
		break;
	}
}

static void violated(const struct call *c, const char *what)
{
	if (violations++ < TOLD)
		fprintf(stderr, "call %016llx: %s (submitted %u, ended %u with outcome %u, executed %u)\n",
			(unsigned long long)c->id, what, c->submitted, c->ended, c->outcome,
			c->executed);
}

static void check_ended(const struct call *c)
{
	switch (c->outcome) {
	case RDMARPC_OUTCOME_NOT_EXECUTED:
		if (c->executed)
			violated(c, "called not executed, but executed");
		break;
	case RDMARPC_OUTCOME_OK:
	case RDMARPC_OUTCOME_APP_ERROR:
	case RDMARPC_OUTCOME_EXECUTED:
		if (!c->executed)
			violated(c, "called executed, but was not");
		break;
	}
	if (c->wrong)
		violated(c, "got another's reply");
	if (c->late)
		violated(c, "ended long after its deadline");
	if (c->lost)
		violated(c, "not executed at once, though it waits");
}

static void check(const struct call *c)
{
	if (c->submitted != 1)
		violated(c, "not submitted once");
	if (c->executed > 1)
		violated(c, "executed more than once");
	if (c->ended > 1 || (!c->ended && !c->killed))
		violated(c, "did not end once");
	if (c->ended)
		check_ended(c);
}

/* Return: its records, @nr of them; what was cut off at the end is left out. */
static struct record *load(const char *path, size_t *nr)
{
	struct record *records;
	struct stat st;
	FILE *f = fopen(path, "re");

	if (!f || fstat(fileno(f), &st)) {
		perror(path);
		exit(2);
	}
	*nr = st.st_size / sizeof(*records);
	records = calloc(*nr + 1, sizeof(*records));
	if (!records || fread(records, sizeof(*records), *nr, f) != *nr) {
		perror(path);
		exit(2);
	}
	fclose(f);
	return records;
}

static int in_flight(int nr_files, char **files)
{
	long n = 0;
	size_t nr, i;
	int f;

	for (f = 0; f < nr_files; f++) {
		struct record *records = load(files[f], &nr);

		for (i = 0; i < nr; i++)
			n += records[i].kind == RECORD_SUBMITTED ? 1 :
			     records[i].kind == RECORD_ENDED ? -1 : 0;
		free(records);
	}
	printf("%ld\n", n);
	return 0;
}

static size_t count(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_size / sizeof(struct record);
}

static void take_files(int nr_files, char **files)
{
	struct record *records;
	bool killed = false;
	size_t total = 0, nr, i;
	int f;

	for (f = 0; f < nr_files; f++)
		total += count(files[f]);
	room = 2 * total + 1;
	calls = calloc(room, sizeof(*calls));
	if (!calls)
		exit(2);
	for (f = 0; f < nr_files; f++) {
		if (!strcmp(files[f], "--killed")) {
			killed = true;
			continue;
		}
		records = load(files[f], &nr);
		for (i = 0; i < nr; i++)
			take(&records[i], killed);
		free(records);
	}
}

int main(int argc, char **argv)
{
	static const char * const names[] = {
		"ok", "app_error", "not_executed", "executed", "maybe_executed",
	};
	unsigned long outcomes[5] = { 0 }, nr = 0;
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "--in-flight"))
		return in_flight(argc - 2, argv + 2);
	take_files(argc - 1, argv + 1);
	for (i = 0; i < room; i++) {
		if (!calls[i].id)
			continue;
		nr++;
		check(&calls[i]);
		if (calls[i].ended && calls[i].outcome < 5)
			outcomes[calls[i].outcome]++;
	}
	printf("{\"calls\":%lu", nr);
	for (i = 0; i < 5; i++)
		printf(",\"%s\":%lu", names[i], outcomes[i]);
	printf(",\"violations\":%lu}\n", violations);
	return violations ? 1 : 0;
}
