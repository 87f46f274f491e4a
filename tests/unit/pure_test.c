// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What KUnit runs as well: areas, tags, deadlines, histograms, signs of life, retries, turns. */
#include "../kunit/area_cases.h"
#include "../kunit/deadline_cases.h"
#include "../kunit/fair_cases.h"
#include "../kunit/latency_cases.h"
#include "../kunit/liveness_cases.h"
#include "../kunit/retry_cases.h"
#include "../kunit/tag_cases.h"

int main(void)
{
	const struct CMUnitTest pure[] = {
		cmocka_unit_test(area_gives_the_first_gap_that_is_large_enough),
		cmocka_unit_test(area_gives_all_there_is_and_no_more),
		cmocka_unit_test(area_that_is_none_can_be_put),
		cmocka_unit_test(area_pages_are_one_owners_at_a_time),
		cmocka_unit_test(tag_holds_slot_and_generation),
		cmocka_unit_test(tag_of_each_use_is_another),
		cmocka_unit_test(deadline_is_over_when_it_has_come),
		cmocka_unit_test(deadline_leaves_time_until_it_is_over),
		cmocka_unit_test(deadline_travels_as_its_budget),
		cmocka_unit_test(deadline_timers_are_not_early),
		cmocka_unit_test(deadline_waits_end_where_they_should),
		cmocka_unit_test(fair_owners_take_turns),
		cmocka_unit_test(fair_items_of_an_owner_keep_their_order),
		cmocka_unit_test(fair_who_comes_late_does_not_wait_for_who_has_many),
		cmocka_unit_test(fair_everybody_has_a_share_of_what_is_full),
		cmocka_unit_test(fair_what_is_taken_out_has_no_turn),
		cmocka_unit_test(fair_who_does_not_fit_keeps_his_turn),
		cmocka_unit_test(fair_what_is_put_back_is_next_and_always_has_room),
		cmocka_unit_test(latency_buckets_are_where_the_specification_has_them),
		cmocka_unit_test(latency_buckets_have_no_gap),
		cmocka_unit_test(latency_counts_and_adds_up),
		cmocka_unit_test(liveness_finds_a_dead_peer_of_calls_in_time),
		cmocka_unit_test(liveness_asks_an_idle_peer_once_a_minute),
		cmocka_unit_test(liveness_bears_stuck_calls_for_a_while),
		cmocka_unit_test(liveness_asks_before_it_believes),
		cmocka_unit_test(liveness_any_sign_will_do),
		cmocka_unit_test(liveness_bears_the_least_patience),
		cmocka_unit_test(liveness_rests_while_nothing_is_to_be_done),
		cmocka_unit_test(backoff_doubles_up_to_its_most),
		cmocka_unit_test(backoff_spreads_over_half_of_its_step),
		cmocka_unit_test(budget_pays_one_retry_for_ten_calls),
		cmocka_unit_test(budget_saves_up_no_more_than_its_most),
		cmocka_unit_test(retry_only_what_is_safe_and_asked_for),
	};

	return cmocka_run_group_tests(pure, NULL, NULL);
}
