// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* top's text is made of its JSON: that of docs/top.json is what docs/observability.md has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "json.h"
#include "top.h"

#define ROOM	16384

bool ctl_json, ctl_pretty;

static void read_file(const char *path, char *text)
{
	FILE *f = fopen(path, "re");
	size_t len;

	assert_non_null(f);
	len = fread(text, 1, ROOM - 1, f);
	text[len] = '\0';
	fclose(f);
}

/* What top_print() writes, to @text. */
static void print(unsigned int lines, unsigned int columns, char *text)
{
	char json[ROOM], path[] = "/tmp/top_test.XXXXXX";
	int file = mkstemp(path), out = dup(STDOUT_FILENO);
	struct json_object *table;

	read_file("../docs/top.json", json);
	table = json_tokener_parse(json);
	assert_non_null(table);
	assert_true(file >= 0 && out >= 0 && !fflush(stdout));
	dup2(file, STDOUT_FILENO);
	top_print(table, lines, columns);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(file);
	json_object_put(table);
	read_file(path, text);
	unlink(path);
}

static void the_documents_table_is_that_of_its_json(void **state)
{
	char doc[ROOM], text[ROOM];
	char *block, *end;

	(void)state;
	read_file("../docs/observability.md", doc);
	block = strstr(doc, "file=top.out\n");
	assert_non_null(block);
	block += strlen("file=top.out\n");
	end = strstr(block, "```");
	assert_non_null(end);
	*end = '\0';
	print(0, 0, text);
	assert_string_equal(text, block);
}

/* Of a list too long, as many as there is room for; of both lists some. */
static void a_table_fits_its_screen(void **state)
{
	unsigned int lines, columns, rows, width;
	char text[ROOM], *line, *next;

	(void)state;
	for (lines = 1; lines < 16; lines++) {
		for (columns = 20; columns < 120; columns += 33) {
			print(lines, columns, text);
			rows = 0;
			for (line = text; *line; line = next) {
				next = strchr(line, '\n') + 1;
				width = next - line - 1;
				assert_in_range(width, 0, columns);
				rows++;
			}
			assert_in_range(rows, 1, lines);
		}
	}
	print(12, 200, text);
	assert_non_null(strstr(text, "SERVER"));
	assert_non_null(strstr(text, "CONNECTION"));
	assert_non_null(strstr(text, "\n1 client"));
}

int main(void)
{
	const struct CMUnitTest top[] = {
		cmocka_unit_test(the_documents_table_is_that_of_its_json),
		cmocka_unit_test(a_table_fits_its_screen),
	};

	return cmocka_run_group_tests(top, NULL, NULL);
}
