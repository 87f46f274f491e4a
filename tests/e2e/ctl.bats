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
	grep -q 'max-connections 9 max-calls 30 owner 0 handler-users 0,1000$' <<<"$output"
	rdmarpcctl server set s --handler-group root
	[ "$(shown server '.[0] | [.max_connections, .handler_gid, .handler_uids[]] | join(" ")')" = "9 0 0 1000" ]
	rdmarpcctl server set s --max-connections 1024 --no-handler-users --no-handler-group
	[ "$(shown server '.[0] | [.handler_gid, (.handler_uids | length)] | map(tostring) | join(" ")')" = "null 0" ]
	run -$FAILED rdmarpcctl server set nosuch --max-calls 3
	grep -qi 'no server' <<<"$output"
	run -$USAGE rdmarpcctl server set s --handler-user 'no such user'
	run -$USAGE rdmarpcctl server set s --max-calls 511
	run -$USAGE rdmarpcctl server set
}

@test "handlers, clients, connections and Pollers are shown, as text and as JSON" {
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 60000 3>&- 2>/dev/null &
	local caller=$!
	read -r _ <"$begun"
	[ "$(shown handler 'map("\(.method) \(.kind) \(.files) \(.delivered)") | join(", ")')" = "0 echo 0 0, 5 program 1 1" ]
	[ "$(shown client 'map("\(.pid) \(.uid) \(.comm) \(.calls_in_flight)") | join(", ")')" = "$caller 0 rdmarpcctl 1" ]
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
	run -$NOT_EXECUTED rdmarpcctl call 10.0.0.1:7479 0 x
	wait_for 5 connections_are 0
	rdmarpcctl server stop t
	wait_for 5 grep -q stopping "$BATS_TEST_TMPDIR/events"
	kill $monitor
	wait $monitor || true
	cat "$BATS_TEST_TMPDIR/events"
	[ "$(jq -r 'select(.event == "server") | .state' "$BATS_TEST_TMPDIR/events" | xargs)" = "listening stopping" ]
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
