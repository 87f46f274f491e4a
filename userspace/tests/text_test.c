// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The library's parts that need no kernel. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "librdmarpc.h"

static void addresses_there_and_back(void **state)
{
	static const char * const texts[] = {
		"10.0.0.1:7471", "127.0.0.1:1", "[fd00::1]:7471", "[::1]:65535",
	};
	char text[RDMARPC_ADDR_TEXT];
	struct sockaddr_storage addr;
	socklen_t len;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(rdmarpc_resolve(texts[i], &addr, &len), 0);
		assert_int_equal(len, addr.ss_family == AF_INET ? sizeof(struct sockaddr_in) :
								  sizeof(struct sockaddr_in6));
		assert_string_equal(rdmarpc_addr_text(&addr, text), texts[i]);
	}
}

static void bad_addresses_are_refused(void **state)
{
	static const char * const texts[] = {
		"", ":", "10.0.0.1", "10.0.0.1:", ":7471", "10.0.0.1:0", "10.0.0.1:65536",
		"10.0.0.1:http", "10.0.0.1:1x", "fd00::1:7471", "[fd00::1]",
		"10.0.0.1: 80", "10.0.0.1:+80", "10.0.0.1:-1", "[]:7471",
		"10.0.0.1:18446744073709551617",
	};
	struct sockaddr_storage addr;
	socklen_t len;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(rdmarpc_resolve(texts[i], &addr, &len), -EINVAL);
}

static void every_outcome_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(rdmarpc_outcome_text(RDMARPC_OUTCOME_OK), "ok");
	assert_string_equal(rdmarpc_outcome_text(RDMARPC_OUTCOME_APP_ERROR), "application error");
	assert_string_equal(rdmarpc_outcome_text(RDMARPC_OUTCOME_NOT_EXECUTED), "not executed");
	assert_string_equal(rdmarpc_outcome_text(RDMARPC_OUTCOME_EXECUTED), "executed");
	assert_string_equal(rdmarpc_outcome_text(RDMARPC_OUTCOME_MAYBE_EXECUTED),
			    "maybe executed");
	assert_string_equal(rdmarpc_outcome_text(99), "unknown");
}

static void errors_of_calls_have_words_of_ours(void **state)
{
	static const int errors[] = {
		EREMOTEIO, EOPNOTSUPP, EBUSY, ESHUTDOWN, EACCES, ENOTCONN, ETIMEDOUT,
		ECANCELED, EMSGSIZE, EIO, EOWNERDEAD, ECONNRESET,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		assert_string_not_equal(rdmarpc_error_text(-errors[i]), strerror(errors[i]));
	assert_string_equal(rdmarpc_error_text(-ENOMEM), strerror(ENOMEM));
}

/* Where the server refuses and the device may not be opened, each is told by itself. */
static void the_device_is_told_apart_from_the_server(void **state)
{
	static const enum rdmarpc_stage stages[] = { RDMARPC_STAGE_CONNECT, RDMARPC_STAGE_SERVE };
	const char *server, *device;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		server = rdmarpc_error_at(stages[i], -EACCES)->text;
		device = rdmarpc_error_at(stages[i], -EPERM)->text;
		assert_null(strstr(server, RDMARPC_DEVICE));
		assert_non_null(strstr(server, "server"));
		assert_non_null(strstr(device, RDMARPC_DEVICE));
		assert_null(strstr(device, "server"));
	}
}

static void names_are_looked_up(void **state)
{
	struct sockaddr_storage addr;
	socklen_t len;

	(void)state;
	assert_int_equal(rdmarpc_resolve("localhost:7471", &addr, &len), 0);
	assert_int_equal(((struct sockaddr_in *)&addr)->sin_port, htons(7471));
	/* RFC 6761: never anybody's name. */
	assert_int_equal(rdmarpc_resolve("nosuch.invalid:7471", &addr, &len), -ENOENT);
}

static void no_address_is_a_dash(void **state)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	char text[RDMARPC_ADDR_TEXT];

	(void)state;
	assert_string_equal(rdmarpc_addr_text(&addr, text), "-");
}

static void the_table_knows_either_sign(void **state)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_info(-EBUSY);

	(void)state;
	assert_non_null(info);
	assert_ptr_equal(info, rdmarpc_error_info(EBUSY));
	assert_string_equal(info->name, "EBUSY");
	assert_int_equal(info->outcome, RDMARPC_OUTCOME_NOT_EXECUTED);
	assert_true(strlen(info->advice) > 0);
	assert_null(rdmarpc_error_info(-ENOMEM));
	assert_int_equal(rdmarpc_error_info(0)->outcome, RDMARPC_OUTCOME_OK);
}

/* As the table in uapi/rdmarpc.h has it. */
static void outcomes_are_those_of_the_interface(void **state)
{
	static const struct {
		int error;
		uint32_t outcome;
	} table[] = {
		{ EREMOTEIO, RDMARPC_OUTCOME_APP_ERROR },
		{ EOPNOTSUPP, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ EBUSY, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ ESHUTDOWN, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ EACCES, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ ENOTCONN, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ EMSGSIZE, RDMARPC_OUTCOME_EXECUTED },
		{ EFAULT, RDMARPC_OUTCOME_EXECUTED },
		{ EIO, RDMARPC_OUTCOME_EXECUTED },
		{ EOWNERDEAD, RDMARPC_OUTCOME_MAYBE_EXECUTED },
		{ ECONNRESET, RDMARPC_OUTCOME_MAYBE_EXECUTED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(rdmarpc_error_info(table[i].error)->outcome, table[i].outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_there_and_back),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(every_outcome_has_a_word),
		cmocka_unit_test(errors_of_calls_have_words_of_ours),
		cmocka_unit_test(the_device_is_told_apart_from_the_server),
		cmocka_unit_test(names_are_looked_up),
		cmocka_unit_test(no_address_is_a_dash),
		cmocka_unit_test(the_table_knows_either_sign),
		cmocka_unit_test(outcomes_are_those_of_the_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
