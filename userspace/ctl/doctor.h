/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What doctor's checks share, and no other command. */
#ifndef DOCTOR_H
#define DOCTOR_H

enum verdict { FINE, WARN, FAIL };

/* A line of the report; @advice: "" where nothing is missing. */
void say(enum verdict v, const char *what, const char *found, const char *advice);

/* Return: the first line of a file in @line, "" if there is none. */
const char *first_line(const char *path, char *line, int room);

void doctor_check_rdma(void);

#endif /* DOCTOR_H */
