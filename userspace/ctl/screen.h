/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Lists that have to fit a screen. */
#ifndef SCREEN_H
#define SCREEN_H

#include <json-c/json.h>
#include <stdbool.h>

#define SCREEN_COLUMNS	10
#define SCREEN_CELL	64
/* No line is longer. */
#define SCREEN_LINE	256

/* What is left of it. */
struct screen {
	unsigned int lines, columns;
};

/**
 * struct screen_column
 * @width: at least
 * @text: to the left, and cut where there is no room; numbers never are
 * @drop: where there is no room for all, 1 goes first, and so on; 0 stays
 */
struct screen_column {
	const char *title;
	unsigned int width;
	bool text;
	unsigned int drop;
};

/**
 * struct screen_list - rows of one kind
 * @columns: up to one without a title
 * @fill: writes an object's cells
 */
struct screen_list {
	const struct screen_column *columns;
	void (*fill)(struct json_object *o, char (*cells)[SCREEN_CELL]);
	struct json_object *rows;
};

/* A line, if there is one left, as far as it fits. */
void screen_line(struct screen *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A list in as many lines as are left; the last tells how many rows are not shown. */
void screen_list(struct screen *s, const struct screen_list *list);

#endif /* SCREEN_H */
