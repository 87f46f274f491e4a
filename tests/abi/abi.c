// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Compiles if the headers, C or C++, 32 or 64 bits, say what pins.h says. */
#include <stddef.h>

#include <rdmarpc.h>
#include <rdmarpc_netlink.h>

#ifdef __cplusplus
#define CHECK(what) static_assert(what, #what)
#else
#define CHECK(what) _Static_assert(what, #what)
#endif

#define SIZE(type, bytes)						\
	CHECK(sizeof(struct type) == (bytes))
#define FIELD(type, field, at, bytes)					\
	CHECK(offsetof(struct type, field) == (at));			\
	CHECK(sizeof(((struct type *)0)->field) == (bytes))
#define VALUE(name, number)						\
	CHECK((unsigned long long)(name) == (number))

#include "pins.h"
