#!/usr/bin/env bats
# rdmarpcctl's commands that look at things, change them, and listen.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }
teardown_file() { stop_servers; }
setup() { handlers=(); }
teardown() { end_handlers; }

# shown OBJECT JQ: of what rdmarpcctl -j OBJECT show prints.
shown() { rdmarpcctl -j "$1" show | jq -r "$2"; }

@test "server set changes what it is told, and no more" {
	rdmarpcctl server set s --max-connections 9 --handler-user root --handler-user 1000
	run -0 rdmarpcctl server show s
	grep -q 'max-connections 9 max-calls 30 max-payload 67108864 bulk-memory-mb 1024 owner-uid 0 handler-uids 0,1000$' <<<"$output"
	rdmarpcctl server set s --handler-group root
	[ "$(shown server '.[0] | [.max_connections, .handler_gid, .handler_uids[]] | join(" ")')" = "9 0 0 1000" ]
	rdmarpcctl server set s --max-connections 1024 --no-handler-users --no-handler-group
	[ "$(shown server '.[0] | [.handler_gid, (.handler_uids | length)] | map(tostring) | join(" ")')" = "null 0" ]
	run -$FAILED rdmarpcctl server set nosuch --max-calls 3
	grep -qi 'no server' <<<"$output"
	run -$USAGE rdmarpcctl server set s --handler-user 'no such user'
	run -$USAGE rdmarpcctl server set s --max-calls 511
	run -$USAGE rdmarpcctl server set s --max-payload 4063
	run -$USAGE rdmarpcctl server set s --bulk-memory 0
	run -$USAGE rdmarpcctl server set
}

@test "handlers, clients, connections and Pollers are shown, as text and as JSON" {
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 60000 3>&- 2>/dev/null &
	local caller=$!
	read -r _ <"$begun"
	[ "$(shown handler 'map("\(.method) \(.kind) \(.files) \(.delivered)") | join(", ")')" = "0 echo 0 0, 5 program 1 1" ]
	[ "$(shown client 'map("\(.pid) \(.uid) \(.comm) \(.calls_in_flight) \(.state)") | join(", ")')" = "$caller 0 rdmarpcctl 1 connected" ]
	[ "$(shown poller 'map("\(.name) \(.of) \(.connections)") | join(", ")')" = "clients clients 1, s server 1" ]
	for object in handler client poller connection; do
		run -0 rdmarpcctl $object show
		[ "$(grep -c "^$object " <<<"$output")" -eq "$(shown $object length)" ]
	done
	kill -KILL $caller
	wait $caller || true
}

@test "a connection is closed by its number" {
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 60000 3>&- 2>"$BATS_TEST_TMPDIR/err" &
	local caller=$! id status=0
	read -r _ <"$begun"
	id=$(shown connection '.[] | select(.role == "client") | .id')
	rdmarpcctl connection close "$id"
	wait $caller || status=$?
	[ $status -eq $MAYBE_EXECUTED ]
	run -$FAILED rdmarpcctl connection close "$id"
	grep -qi 'no connection' <<<"$output"
	run -$USAGE rdmarpcctl connection close soon
}

@test "monitor tells what happens, a line of JSON for each event" {
	rdmarpcctl -j monitor 3>&- >"$BATS_TEST_TMPDIR/events" 2>"$BATS_TEST_TMPDIR/said" &
	local monitor=$!
	wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/said"
	rdmarpcctl server start t --listen 10.0.0.1:7479 --max-connections 1
	rdmarpcctl server set t --max-calls 7
	run -$NOT_EXECUTED rdmarpcctl call 10.0.0.1:7479 0 x
	wait_for 5 connections_are 0
	rdmarpcctl server stop t
	wait_for 5 grep -q stopping "$BATS_TEST_TMPDIR/events"
	kill $monitor
	wait $monitor || true
	cat "$BATS_TEST_TMPDIR/events"
	[ "$(jq -r 'select(.event == "server") | "\(.state) \(.max_calls)"' "$BATS_TEST_TMPDIR/events" | xargs)" = "listening 30 listening 7 stopping 7" ]
	[ "$(jq -r 'select(.event == "connection") | "\(.role) \(.state)"' "$BATS_TEST_TMPDIR/events" | sort | xargs)" = \
		"client active client closing server active server closing" ]
	# None is lost, and they are numbered one after the other.
	[ "$(jq -s 'map(.seq) | . == [range(.[0]; .[0] + length)]' "$BATS_TEST_TMPDIR/events")" = true ]
}

@test "monitor tells of connections that were refused, and why" {
	rdmarpcctl monitor error 3>&- >"$BATS_TEST_TMPDIR/events" 2>"$BATS_TEST_TMPDIR/said" &
	local monitor=$! caller
	wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/said"
	rdmarpcctl server set s --max-connections 1
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 60000 3>&- 2>/dev/null &
	caller=$!
	read -r _ <"$begun"
	run -$REFUSED rdmarpcctl call $A4 0 x
	wait_for 5 grep -q 'error connection-refused server s .*as many connections as the server allows' "$BATS_TEST_TMPDIR/events"
	kill -KILL $caller
	kill $monitor
	wait $caller $monitor || true
	run ! grep -v ' error ' "$BATS_TEST_TMPDIR/events"
	rdmarpcctl server set s --max-connections 1024
}

@test "with -s, what is shown comes with what it did" {
	rdmarpcctl ping $A4 -c 20 >/dev/null
	[ "$(rdmarpcctl -js server show s | jq '.[0].statistics.requests_ok >= 20')" = true ]
	[ "$(rdmarpcctl -js handler show | jq '.[0].latency | .count >= 20 and .p50_ns > 0 and .p50_ns <= .p99_ns and .p99_ns <= .max_ns')" = true ]
	[ "$(rdmarpcctl -js poller show | jq 'map(.statistics.completions > 0) | all')" = true ]
	rdmarpcctl -s handler show | grep -q '^    latency count .* p50 .*us p90'
	run ! grep -q latency <<<"$(rdmarpcctl handler show)"
}

@test "stats show tells how long requests took" {
	serve s 7 sh -c 'sleep 0.05'
	for _ in 1 2 3; do rdmarpcctl call $A4 7 x; done
	run -0 rdmarpcctl -j stats show s
	[ "$(jq '.handlers[] | select(.method == 7).latency | .count == 3 and .p50_ns >= 50e6 and .p99_ns == .max_ns' <<<"$output")" = true ]
	rdmarpcctl stats show s | grep -Eq '^s method 7 +3 +[0-9]+\.[0-9] '
	rdmarpcctl stats show | grep -q '^clients connected now  *0 '
}

@test "call and ping say that it is the device which may not be opened" {
	run -$REFUSED as_nobody call $A4 0 x
	grep -q 'may not open /dev/rdmarpc (Permission denied); join the group rdmarpc' <<<"$output"
	run -$REFUSED as_nobody ping $A4
	grep -q 'may not open /dev/rdmarpc (Permission denied)' <<<"$output"
	run -$REFUSED --separate-stderr as_nobody -j call $A4 0 x
	[ "$(jq -r '"\(.error): \(.text)"' <<<"$output")" = "EACCES: you may not open /dev/rdmarpc" ]
	chmod 0666 /dev/rdmarpc
	run -0 as_nobody call $A4 0 x
	chmod 0660 /dev/rdmarpc
}

@test "a batch runs its lines until one fails, or with -f all" {
	cat >"$BATS_TEST_TMPDIR/batch" <<-'END'
		# two servers
		server start b1 --listen 10.0.0.1:7481
		server start 'b2' --listen "10.0.0.1:7482"

		server stop nosuch
		server stop b1
		server stop b2
	END
	run -$FAILED rdmarpcctl -b "$BATS_TEST_TMPDIR/batch"
	grep -q "batch:5: the command failed; what follows was not run" <<<"$output"
	grep -q "batch:5: server nosuch not stopped: There is no server of this name .*; " <<<"$output"
	[ "$(servers | sort | xargs)" = "b1 b2 s" ]
	run -$FAILED rdmarpcctl -f -b - <"$BATS_TEST_TMPDIR/batch"
	[ "$(servers)" = s ]
	printf 'monitor\n' >"$BATS_TEST_TMPDIR/batch"
	run -$USAGE rdmarpcctl -b "$BATS_TEST_TMPDIR/batch"
	grep -q 'has no place in a batch' <<<"$output"
	run -$USAGE rdmarpcctl -b "$BATS_TEST_TMPDIR/batch" server show
	run -$FAILED rdmarpcctl -b "$BATS_TEST_TMPDIR/nosuch"
}

@test "with -j, a batch says of each command what it came to" {
	local at=$BATS_TEST_TMPDIR
	cat >"$at/batch" <<-END
		server start b1 --listen 10.0.0.1:7481

		server stop nosuch
		call $A4 0 x
		call $A4 9 x
		server show b1
		no such
		'no end
		server stop b1
	END
	run -$FAILED --separate-stderr rdmarpcctl -j -f -b "$at/batch"
	echo "$output" >"$at/said"
	# What each prints by itself is in it, as are the words of the message.
	[ "$(jq -c '[.line, .command, .exit, (.reply | type), has("error")]' "$at/said" | xargs)" = \
		"$(printf '%s ' '[1,server start,0,null,false]' '[3,server stop,1,null,true]' '[4,call,0,object,false]' \
			'[5,call,4,object,true]' '[6,server show,0,array,false]' '[7,null,2,null,true]' \
			'[8,null,2,null,true]' '[9,server stop,0,null,false]' | xargs)" ]
	[ "$(jq -r 'select(.line == 4).reply.reply_hex' "$at/said")" = 78 ]
	while IFS= read -r words; do
		grep -qF "batch:$words" <<<"$stderr"
	done < <(jq -r 'select(.error) | "\(.line): \(.error.what): \(.error.why)\(.error.advice | if . == "" then "" else "; \(.)" end)"' "$at/said")
	# One that stands alone is as its schema has it, too.
	mkdir "$at/json"
	cp "$at/said" "$at/json/batch"
	jq 'select(.line == 5).reply' "$at/said" >"$at/json/call"
	jq 'select(.line == 6).reply' "$at/said" >"$at/json/server show"
	rdmarpcctl -jp -f -b - <"$at/batch" >"$at/json/batch.pretty" || [ $? -eq $FAILED ]
	"$LAB_TOP/tests/e2e/schema.py" "$LAB_TOP/docs/rdmarpcctl.schema.json" "$at/json"/*
}

@test "top tells the same numbers on the screen's lines and in JSON" {
	rdmarpcctl ping $A4 -c 1000000 3>&- >/dev/null &
	local caller=$! record=$BATS_TEST_TMPDIR/record
	wait_for 10 connections_are 2
	run -0 --separate-stderr rdmarpcctl top -d 0.5 -n 2 --record "$record"
	kill -KILL $caller
	wait $caller || true
	[ "$(wc -l <"$record")" -eq 2 ]
	# What it says of a handler's latencies is of as many as its rate says.
	[ "$(jq -s 'map((.handlers[0] | .method == 0 and .latency.count > 0) and
		(.handlers[0].per_second * .seconds / .handlers[0].latency.count - 1 | fabs < 0.01)) | all' "$record")" = true ]
	local of='.handlers[0]'
	diff <(jq -r "$of | [.server, .method, .kind, .queued, .delivered] | map(tostring) | join(\" \")" "$record") \
		<(awk '$2 == "0" { print $1, $2, $3, $4, $5 }' <<<"$output")
	# A line has one digit behind the point, and either neighbour of a tie will do.
	paste <(jq -r "$of | (.per_second, .latency.p99_ns / 1000)" "$record") \
		<(awk '$2 == "0" { print $6; print $9 }' <<<"$output") >"$BATS_TEST_TMPDIR/both"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/both")" -eq 4 ]
	run -0 awk 'NF != 2 || $1 - $2 > 0.0501 || $2 - $1 > 0.0501' "$BATS_TEST_TMPDIR/both"
	[ -z "$output" ]
}

@test "with -j, a call that was not made says why as one that was, and what changes things is silent" {
	run -$REFUSED --separate-stderr rdmarpcctl -j call no-such-name.invalid:1 0 x
	[ "$(jq -r '"\(.stage) \(.outcome) \(.error) \(.reply_hex)"' <<<"$output")" = "connect not executed ENOENT " ]
	run -$NOT_EXECUTED --separate-stderr rdmarpcctl -j call $A4 0 - < <(head -c 67108865 /dev/zero)
	[ "$(jq -r '"\(.stage) \(.outcome) \(.error)"' <<<"$output")" = "call not executed EMSGSIZE" ]
	run -$FAILED --separate-stderr rdmarpcctl -j call $A4 0 - </
	[ "$(jq -r '"\(.stage) \(.outcome) \(.error)"' <<<"$output")" = "call not executed EISDIR" ]
	run -$USAGE --separate-stderr rdmarpcctl -j call nowhere 0 x
	[ -z "$output" ]
	run -0 rdmarpcctl -j server start quiet --listen 10.0.0.1:7483
	[ -z "$output" ]
	run -0 rdmarpcctl -j server set quiet --max-calls 3
	[ -z "$output" ]
	run -0 rdmarpcctl -j server stop quiet
	[ -z "$output" ]
}

# benched JQ: whether that is true of what bench printed.
benched() { [ "$(jq "$1" <<<"$output")" = true ] || { echo "not so: $1: $output"; return 1; }; }

# Nothing is lost in between, and no call took longer than all of them.
consistent='.calls == ([.outcomes[]] | add) and .latency.count == .outcomes.ok and
	([.errors[].calls] | add // 0) == .calls - .outcomes.ok and
	(.latency | .min_ns <= .p50_ns and .p50_ns <= .p90_ns and .p90_ns <= .p99_ns and
		.p99_ns <= .max_ns) and .latency.max_ns <= (.seconds + 0.001) * 1e9'

@test "bench counts and times calls" {
	local was depth
	for depth in 1 30; do
		was=$(stat_of calls-ok)
		run -0 --separate-stderr rdmarpcctl -j bench $A4 0 --count 500 --size 1000 --depth $depth
		benched "$consistent"
		benched '.outcomes.ok == 500 and .latency.min_ns > 0 and .errors == []'
		# Requests and replies, by as many as there were in a second.
		benched '(.bytes_per_second / .calls_per_second / 2000 - 1 | fabs) < 0.01'
		benched '(.calls_per_second * .seconds / 500 - 1 | fabs) < 0.01'
		[ $(($(stat_of calls-ok) - was)) -eq 500 ]
	done
	run -0 --separate-stderr rdmarpcctl -j bench $A4 0 --size 1000000 --count 3 --depth 2
	benched "$consistent and .outcomes.ok == 3 and .size == 1000000"
	run -0 --separate-stderr rdmarpcctl -j bench $A4 0 --seconds 0.5
	benched "$consistent and .seconds >= 0.5 and .outcomes.ok > 0 and .depth == 1 and .size == 64"
	run -0 rdmarpcctl bench $A4 0 --count 7 --size 0
	grep -q "^bench $A4 method 0 size 0 depth 1 .* calls 7 " <<<"$output"
	grep -q '^    outcomes ok 7 application-error 0 ' <<<"$output"
	grep -q '^    latency count 7 min [0-9.]*us p50 [0-9.]*us p90 ' <<<"$output"
}

@test "bench tells of calls that fail, and exits as the first of them would" {
	run -$NOT_EXECUTED --separate-stderr rdmarpcctl -j bench $A4 9
	benched "$consistent and .calls == 1 and .errors == [{error: \"EOPNOTSUPP\", outcome: \"not executed\", calls: 1}]"
	grep -q "the call of method 9 at $A4 failed, not executed: .* no handler" <<<"$stderr"
	rdmarpcctl server set s --bulk-memory 1
	run -$NOT_EXECUTED --separate-stderr rdmarpcctl -j bench $A4 0 --size 2000000 --count 3
	benched "$consistent and .errors == [{error: \"EBUSY\", outcome: \"not executed\", calls: 3}]"
	rdmarpcctl server set s --bulk-memory 1024
	# Every second one fails.
	serve s 7 sh -c "mkdir $BATS_TEST_TMPDIR/odd 2>/dev/null || { rmdir $BATS_TEST_TMPDIR/odd; exit 3; }"
	run -$APP_ERROR --separate-stderr rdmarpcctl -j bench $A4 7 --count 6
	benched "$consistent and .outcomes.ok == 3 and .outcomes.application_error == 3"
	grep -q 'application error 3' <<<"$stderr"
	serve s 8 sleep 1000
	run -$MAYBE_EXECUTED --separate-stderr rdmarpcctl -j bench $A4 8 --count 2 --timeout 200
	benched "$consistent and .outcomes.maybe_executed == 2 and .errors[0].error == \"ETIMEDOUT\""
	run -$REFUSED rdmarpcctl -j bench 10.0.0.1:7499 0
}

@test "bench measures nothing where it cannot be as it was told" {
	run -$FAILED rdmarpcctl bench $A4 0 --depth 31
	grep -q 'the server allows 30 calls in flight on a connection, not 31; give --depth 30' <<<"$output"
	rdmarpcctl server set s --max-payload 100000
	run -$NOT_EXECUTED rdmarpcctl bench $A4 0 --size 100001
	grep -q 'requests there have at most 100000 bytes' <<<"$output"
	rdmarpcctl server set s --max-payload 67108864
	local wrong
	for wrong in '--depth 511' '--depth 0' '--size 67108865' '--room 0' '--seconds 0.05' '--count 0' '--timeout x'; do
		# shellcheck disable=SC2086 # words
		run -$USAGE rdmarpcctl bench $A4 0 $wrong
		grep -q -- "${wrong% *}" <<<"$output"
	done
	run -$USAGE rdmarpcctl bench $A4 65536
	run -$USAGE rdmarpcctl bench $A4
}

# benches OPTION…: in $bench, whose output goes to $said, once calls have ended.
benches() {
	said=$BATS_TEST_TMPDIR/bench
	was=$(stat_of calls-ok)
	rdmarpcctl -j bench $A4 0 --seconds 1000 "$@" 3>&- >"$said" 2>"$said.err" &
	bench=$!
	more_ok() { [ "$(stat_of calls-ok)" -gt $((was + 9)) ]; }
	wait_for 10 more_ok
}

@test "bench prints what there is when it is interrupted" {
	local bench said was signal
	for signal in INT TERM; do
		benches --depth 5
		kill -$signal $bench
		wait $bench
		output=$(<"$said")
		benched "$consistent and .outcomes.ok > 0 and .errors == [] and .seconds < 1000"
	done
}

@test "bench ends with its connection" {
	local bench said was status=0
	benches --depth 5
	close_connections
	wait $bench || status=$?
	output=$(<"$said")
	benched "$consistent and .outcomes.ok > 0 and .calls > .outcomes.ok"
	cat "$said.err"
	# As the first of those that were under way, or was to be.
	[ $status -eq $MAYBE_EXECUTED ] || [ $status -eq $NOT_EXECUTED ]
}

@test "JSON is as its schema has it" {
	local at=$BATS_TEST_TMPDIR/json object
	mkdir "$at"
	rdmarpcctl -j monitor 3>&- >"$at/monitor" 2>"$BATS_TEST_TMPDIR/said" &
	local monitor=$!
	wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/said"
	serve s 7 cat
	rdmarpcctl server set s --handler-user 1000 --max-connections 1
	rdmarpcctl ping $A4 -c 1000000 3>&- >/dev/null &
	local caller=$!
	wait_for 10 connections_are 2
	run -$REFUSED rdmarpcctl call $A4 0 x
	for object in server connection handler client poller; do
		rdmarpcctl -j $object show >"$at/$object show"
		rdmarpcctl -jps $object show >"$at/$object show.statistics"
	done
	rdmarpcctl -j stats show >"$at/stats show"
	rdmarpcctl -j stats show s >"$at/stats show.server"
	rdmarpcctl -j top -d 0.2 -n 2 >"$at/top"
	kill -KILL $caller
	wait $caller || true
	rdmarpcctl server set s --no-handler-users --max-connections 1024
	wait_for 5 connections_are 0
	rdmarpcctl -j call $A4 7 x >"$at/call"
	run -$NOT_EXECUTED --separate-stderr rdmarpcctl -j call $A4 9 x
	echo "$output" >"$at/call.failed"
	run -$REFUSED --separate-stderr rdmarpcctl -j call 10.0.0.1:7499 0 x
	echo "$output" >"$at/call.refused"
	[ "$(jq -r '"\(.stage) \(.outcome) \(.error)"' <<<"$output")" = "connect not executed ECONNREFUSED" ]
	rdmarpcctl -j ping $A4 >"$at/ping"
	rdmarpcctl -j bench $A4 0 --count 9 >"$at/bench"
	run -$NOT_EXECUTED --separate-stderr rdmarpcctl -j bench $A4 9
	echo "$output" >"$at/bench.failed"
	run --separate-stderr rdmarpcctl -j doctor
	echo "$output" >"$at/doctor"
	rdmarpcctl -j help >"$at/help"
	kill $monitor
	wait $monitor || true
	[ "$(jq -r .event "$at/monitor" | sort -u | xargs)" = "connection error server" ]
	"$LAB_TOP/tests/e2e/schema.py" "$LAB_TOP/docs/rdmarpcctl.schema.json" "$at"/*
}

@test "doctor tells versions, what can be listened on, and servers that are down" {
	local device netdev
	find_device
	run rdmarpcctl doctor
	grep -q '^ok   tools .*rdmarpcctl [0-9.]*, for version 1 of' <<<"$output"
	grep -q '^ok   module .*rdmarpc [0-9.]*$' <<<"$output"
	grep -q "^ok   RDMA link .*$device port 1 is ACTIVE$" <<<"$output"
	grep -q "^ok   addresses .*servers on $device can listen on .*10.0.0.1, .*fd00::1" <<<"$output"
	grep -q '^ok   servers .*1, none of them down$' <<<"$output"
	[[ $device == rxe* ]] || skip "what else is made anew of siw is the lab's to know"
	rdma link delete "$device"
	s_listens() { [ "$(shown server '.[0].state')" = listening ]; }
	s_is_down() { [ "$(shown server '.[0].state')" = down ]; }
	wait_for 5 s_is_down
	run -$FAILED rdmarpcctl doctor
	grep -q "^FAIL server .*s is down, for no RDMA device has $A4 any more" <<<"$output"
	grep -q '^FAIL RDMA device' <<<"$output"
	rdma link add "$device" type rxe netdev "$netdev"
	# For those that come after.
	wait_for 10 s_listens
}
