#!/usr/bin/env bats
# Servers, handlers and callers come and go at once, and a server that stays
# answers its callers all the while. CHURN=SECONDS, 20 unless said otherwise.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }

teardown_file() { stop_servers; }

setup() {
	end=$((SECONDS + ${CHURN:-20}))
	handlers=()
}

going_on() { [ "$SECONDS" -lt "$end" ]; }

# Every way in which a call may end where its server and its handler come and go.
call_any() {
	local status=0
	rdmarpcctl call "$@" --timeout 3000 >/dev/null 2>&1 || status=$?
	case $status in
	"$OK" | "$REFUSED" | "$NOT_EXECUTED" | "$MAYBE_EXECUTED") calls=$((calls + 1)) ;;
	*) echo "call $*: status $status"; return 1 ;;
	esac
}

servers_come_and_go() {
	local n=0
	while going_on; do
		rdmarpcctl server start t --listen 10.0.0.1:7481 --echo || return 1
		rdmarpcctl server stop t || return 1
		n=$((n + 1))
	done
	echo "servers: $n"
}

# Killed at any moment, with a request in their hands or none.
handlers_come_and_go() {
	local n=0 handler
	while going_on; do
		setsid rdmarpcctl handler serve s 7 -- cat >/dev/null 2>&1 &
		handler=$!
		call_any $A4 7 x || return 1
		kill -KILL -- "-$handler" 2>/dev/null || kill -KILL $handler
		{ wait $handler || true; } 2>/dev/null
		n=$((n + 1))
	done
	echo "handlers: $n"
}

callers_come_and_go() {
	local calls=0
	while going_on; do
		call_any 10.0.0.1:7481 0 x || return 1
		call_any $A4 7 x || return 1
		# A caller that goes with its call in flight.
		{ timeout -s KILL 0.05 rdmarpcctl call $A4 7 x >/dev/null || true; } 2>/dev/null
	done
	echo "calls: $calls"
}

good_calls() {
	local n=0
	while going_on; do
		"$LOAD" call $A4 1 4 50 >"$BATS_TEST_TMPDIR/good" || { cat "$BATS_TEST_TMPDIR/good"; return 1; }
		n=$((n + 200))
	done
	echo "good calls: $n"
}

@test "a server serves while all else comes and goes" {
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=1
	local job jobs=() failed=0 bad
	bad=$(stat_of messages-bad)
	for job in servers_come_and_go handlers_come_and_go callers_come_and_go good_calls; do
		$job >"$BATS_TEST_TMPDIR/$job" 2>&1 3>&- &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do wait "$job" || failed=1; done
	cat "$BATS_TEST_TMPDIR"/*_*
	[ $failed -eq 0 ]
	# Each of them has done something.
	[ "$(cat "$BATS_TEST_TMPDIR"/*_* | grep -c ': [1-9]')" -eq 4 ]
	rmmod rdmarpc_load
	wait_for 10 connections_are 0
	[ "$(rdmarpcctl -j handler show | jq -r 'map(.method) | join(" ")')" = 0 ]
	[ "$(servers)" = s ]
	[ "$(stat_of messages-bad)" -eq "$bad" ]
}
