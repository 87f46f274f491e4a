/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef WORDS_H
#define WORDS_H

#define WORDS_MAX	256

/*
 * Splits a line of a batch into words, in place, much as a shell does: 'as it is',
 * "but for \" and \\", \x for x, and from a # at the beginning of a word on nothing.
 * @words: room for WORDS_MAX, of which the last is NULL
 * Return: how many; or -1 with @why told.
 */
int words_split(char *line, char **words, const char **why);

#endif /* WORDS_H */
