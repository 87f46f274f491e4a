/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What cmocka.h wants included before it, and cmocka.h. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
