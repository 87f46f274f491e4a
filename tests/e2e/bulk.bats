#!/usr/bin/env bats
# Requests and replies that are larger than a message.

load lib.bash

B=10.0.0.1:7485
B6='[fd00::1]:7485'
P=/sys/module/rdmarpc_bulk/parameters

setup_file() { insmod "$LAB_MODULES_DIR/rdmarpc_bulk.ko"; }
teardown_file() { rmmod rdmarpc_bulk; }

setup() {
	handlers=()
	at=$BATS_TEST_TMPDIR
	resources=$(resources_by_name)
}

teardown() {
	end_handlers
	stop_servers
}

serves() { rdmarpcctl server start b --listen "${1:-$B}" --echo; }
big() { timeout 120 "$LAB_TOP/build/tests/big" "$B" 0 "$@"; }
at_rest() { [ "$(resources_by_name)" = "$resources" ]; }

# around SIZE…: each, and one byte less and more.
around() {
	local n
	for n in "$@"; do echo "$((n - 1)) $n $((n + 1))"; done
}

@test "every size up to three pages comes back as it went" {
	serves
	# shellcheck disable=SC2046 # a word each
	[ "$(big 0 1 2 $(around 2048 4064 4096 8192 12288) $(seq 1 97 12288))" = same ]
	rdmarpcctl server stop b
	wait_for 5 at_rest
}

@test "powers of two, and a byte less and more, up to the limit" {
	local most=22
	# Elsewhere it takes minutes.
	[ "$LAB_KERNEL" != uml ] || most=26
	serves
	# shellcheck disable=SC2046 # a word each
	[ "$(big $(around $(for ((i = 14; i < most; i++)); do echo $((1 << i)); done)) 67108863 67108864)" = same ]
	rdmarpcctl server stop b
	wait_for 5 at_rest
}

@test "64 MiB through rdmarpcctl, in IPv4 and IPv6" {
	head -c 67108864 /dev/urandom >"$at/big"
	serves
	rdmarpcctl call $B 0 - --timeout 60000 <"$at/big" | cmp - "$at/big"
	rdmarpcctl server stop b
	serves "$B6"
	rdmarpcctl call "$B6" 0 - --timeout 60000 <"$at/big" | cmp - "$at/big"
}

@test "what is too large is not sent" {
	serves
	before=$(stat_of requests-received)
	run ! --separate-stderr big 67108865
	[ "$output" = "67108865: error -90, 0 bytes" ]
	head -c 67108865 /dev/zero >"$at/big"
	run -$NOT_EXECUTED rdmarpcctl call $B 0 - <"$at/big"
	grep -q 'the request has more than 67108864 bytes' <<<"$output"
	[ "$(stat_of requests-received)" = "$before" ]
}

@test "a server takes no larger payloads than it is told to" {
	rdmarpcctl server start b --listen $B --echo --max-payload 100000
	[ "$(big 4064 4065 100000)" = same ]
	run ! --separate-stderr big 100001
	[ "$output" = "100001: error -90, 0 bytes" ]
	# Connections made from then on; what a message carries always goes.
	rdmarpcctl server set b --max-payload 4064
	[ "$(big 4064)" = same ]
	run ! --separate-stderr big 4065
	[ "$output" = "4065: error -90, 0 bytes" ]
}

@test "large payloads for which a server has no memory are refused, and others are not" {
	refused() { rdmarpcctl -j stats show b | jq .counters.requests_refused; }
	fits() { [ "$(big "$@")" = same ]; }
	rdmarpcctl server start b --listen $B --echo --bulk-memory 1
	fits 1048576 4000
	# A work frees what a request took: until then it counts.
	wait_for 5 fits 1048576
	was=$(refused)
	run ! --separate-stderr big 1048577
	[ "$output" = "1048577: error -16, 0 bytes" ]
	[ $(($(refused) - was)) -eq 1 ]
	wait_for 5 fits 1048576
	rdmarpcctl server set b --bulk-memory 2
	wait_for 5 fits 1048577
}

@test "a program that takes none is not given a large request" {
	serves
	serve_options=(--max-request 4064)
	serve b 3 cat
	head -c 5000 /dev/zero >"$at/large"
	run -$NOT_EXECUTED rdmarpcctl call $B 3 - <"$at/large"
	grep -q EMSGSIZE <<<"$output" || grep -q 'Message too long' <<<"$output"
	[ "$(rdmarpcctl call $B 3 small)" = small ]
}

@test "a program gets a request that is small but did not fit beside its room" {
	serves
	serve_options=(--max-request 4064 --max-reply 4064)
	serve b 3 cat
	head -c 4040 /dev/urandom >"$at/small"
	rdmarpcctl call $B 3 - --room 1000000 <"$at/small" | cmp - "$at/small"
}

@test "a reply within the room that was given is taken" {
	serves
	serve b 3 head -c 4000 /dev/zero
	[ "$(rdmarpcctl call $B 3 x --room 100000 | wc -c)" -eq 4000 ]
	[ "$(rdmarpcctl call $B 0 - --room 20000000 </etc/passwd)" = "$(</etc/passwd)" ]
}

@test "a caller of large payloads who is killed leaves nothing" {
	serves
	for _ in 1 2 3 4 5; do
		# shellcheck disable=SC2046 # a word each
		"$LAB_TOP/build/tests/big" $B 0 $(for _ in {1..50}; do echo 16777216; done) 3>&- >/dev/null &
		caller=$!
		wait_for 10 rdma_in_use
		sleep "0.$((RANDOM % 9))"
		kill -KILL $caller
		wait $caller || true
	done
	rdmarpcctl server stop b
	wait_for 5 at_rest
}

rdma_in_use() { ! at_rest && [ "$(rdma -j resource show mr | jq length)" -gt 0 ]; }

used() { echo "$1" >$P/run; wait_for 5 at_rest; }

@test "kernel: payloads in any shape come back as they went" { used shapes; }
@test "kernel: large replies of small requests, and too large ones" { used replies; }
@test "kernel: large requests of small replies, and too large ones" { used requests; }
@test "kernel: nobody touches the memory of a call whose time was over" { used deadlines; }

@test "kernel: large calls that are given up together end soon, and their connection goes on" {
	# siw moves bytes faster than memory is mapped: there it is only said that they end.
	slow_ms "$([ "$LAB_DEVICE" = siw ] && echo 1000 || echo 200)" >$P/slack_ms
	used given_up
}

# bulk_bytes: moved for large calls, there and back, since the module was loaded.
bulk_bytes() { rdmarpcctl -j stats show | jq '.counters | .bulk_bytes_read + .bulk_bytes_written'; }

@test "kernel: of large requests that are cancelled the rest stays where it is" {
	local was moved cancelled each
	each=$(($(cat $P/given_up_mb) << 20))
	was=$(bulk_bytes)
	used cancelled
	cancelled=$(cat $P/nr_cancelled)
	moved=$(($(bulk_bytes) - was - $(cat $P/nr_done) * each))
	echo "of $cancelled cancelled calls, $((100 * moved / (cancelled * each))) % were moved"
	# They end all over their time.
	[ "$cancelled" -ge 10 ]
	[ $((4 * moved)) -lt $((3 * cancelled * each)) ]
}

stash_is() { [ "$(cat /sys/module/rdmarpc/parameters/stash_pages)" "$1" "$2" ]; }

@test "memory that large requests had is kept for the next, and not for long" {
	serves
	# Of the test before: else the program would be killed before it is one.
	wait_for 20 stash_is -eq 0
	# shellcheck disable=SC2046 # a word each
	timeout 120 "$LAB_TOP/build/tests/big" $B 0 $(yes 1000000 | head -n 1000) 3>&- >/dev/null &
	wait_for 20 stash_is -gt 0
	stash_is -le 16384
	# And not only a shell around it.
	kill $!
	wait $! || true
	wait_for 20 stash_is -eq 0
}

# used_while_closed CASE: with connections closed again and again, some of them so late that
# a call gets through on a busy machine, too.
used_while_closed() {
	(
		while [ ! -e "$at/done" ]; do
			sleep "$((RANDOM % 2)).$((RANDOM % 10))"
			close_connections || true
		done
	) 3>&- &
	closing=$!
	status=0
	echo "$1" >$P/run || status=$?
	touch "$at/done"
	wait $closing
	# How many it lost, and how many not.
	dmesg | tail -n 3
	[ $status -eq 0 ]
	wait_for 5 at_rest
}

@test "kernel: nobody touches the memory of a call whose connection was closed" { used_while_closed closed; }
@test "kernel: a large reply to a connection that has gone" { used_while_closed late; }
