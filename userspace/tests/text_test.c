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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_there_and_back),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(every_outcome_has_a_word),
		cmocka_unit_test(errors_of_calls_have_words_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
