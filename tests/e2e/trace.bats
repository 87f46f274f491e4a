#!/usr/bin/env bats
# The trace points, by the recipe that docs/observability.md gives.

load lib.bash

setup_file() {
	[ -d /sys/kernel/tracing/events/rdmarpc ] || return 0
	rdmarpcctl server start s --listen $A4 --echo
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=1
	"$LAB_TOP/tests/docs/listings" "$LAB_TOP/docs/observability.md" "$BATS_FILE_TMPDIR"
}

teardown_file() {
	[ ! -e /sys/module/rdmarpc_load ] || rmmod rdmarpc_load
	stop_servers
}

setup() { [ -d /sys/kernel/tracing/events/rdmarpc ] || skip "this kernel traces no events"; }

@test "every call is seen from end to end, in order" {
	run -0 sh "$BATS_FILE_TMPDIR/where-calls-spend-their-time" "$LOAD" call $A4 1 4 25 3>&-
	echo "$output"
	grep -qx '100 calls, 100 seen from end to end, 0 steps backwards in time' <<<"$output"
	[ "$(grep -c ' us$' <<<"$output")" -eq 5 ]
}

@test "how a call ended is told in words" {
	echo >/sys/kernel/tracing/trace
	echo 1 >/sys/kernel/tracing/events/rdmarpc/enable
	run -$NOT_EXECUTED rdmarpcctl call $A4 99 x
	echo 0 >/sys/kernel/tracing/events/rdmarpc/enable
	grep -q 'rdmarpc_call_replied: .* method=99 status=no-method' /sys/kernel/tracing/trace
	grep -q 'rdmarpc_call_completed: .* outcome=not-executed' /sys/kernel/tracing/trace
	run ! grep -q 'rdmarpc_call_dispatched' /sys/kernel/tracing/trace
}

@test "why a connection closed is told in words" {
	echo >/sys/kernel/tracing/trace
	echo 1 >/sys/kernel/tracing/events/rdmarpc/enable
	rdmarpcctl call $A4 1 x
	wait_for 5 connections_are 0
	echo 0 >/sys/kernel/tracing/events/rdmarpc/enable
	grep -q 'rdmarpc_conn_closed: .* role=client reason=owner' /sys/kernel/tracing/trace
	grep -q 'rdmarpc_conn_closed: .* role=server reason=peer' /sys/kernel/tracing/trace
}

# posts ROLE: how many work requests each post of that side had, since the last look.
posts() {
	local id
	id=$(sed -n "s/.*rdmarpc_conn_state: connection=\([0-9]*\) .*role=$1.*/\1/p" /sys/kernel/tracing/trace | head -1)
	sed -n "s/.*rdmarpc_posted: connection=$id requests=//p" /sys/kernel/tracing/trace | xargs
}

# traced_call WORD…: with an empty trace before it, and its connections gone after it.
traced_call() {
	wait_for 5 connections_are 0
	echo >/sys/kernel/tracing/trace
	echo 1 >/sys/kernel/tracing/events/rdmarpc/enable
	rdmarpcctl call $A4 "$@" >/dev/null
	wait_for 5 connections_are 0
	echo 0 >/sys/kernel/tracing/events/rdmarpc/enable
}

@test "a key that a reply has made invalid is not made invalid again" {
	traced_call 1 x --room 10000
	# The proof; the key and the call.
	[ "$(posts client)" = "1 2" ]
	[ "$(posts server)" = "1 1" ]
}

@test "a large call is posted in few pieces, the reply with the last of its bytes" {
	head -c 5000 /dev/zero >"$BATS_TEST_TMPDIR/large"
	traced_call 0 - --room 10000 <"$BATS_TEST_TMPDIR/large"
	# At the end the key that is left.
	posts client
	[ "$(posts client)" = "1 3 1" ]
	# The acceptance; key and READ; the key's end; key, WRITE and reply; the key's end, if
	# the client has not gone before it.
	posts server
	[[ $(posts server) =~ ^"1 2 1 3"(" 1")?$ ]]
}

# traced_posts METHOD: the most that the server posted at once, to calls that came together.
traced_posts() {
	wait_for 5 connections_are 0
	echo >/sys/kernel/tracing/trace
	echo 1 >/sys/kernel/tracing/events/rdmarpc/enable
	rdmarpcctl bench $A4 "$1" --count 100 --depth 16 >/dev/null
	wait_for 5 connections_are 0
	echo 0 >/sys/kernel/tracing/events/rdmarpc/enable
	most=$(posts server | tr ' ' '\n' | sort -n | tail -n 1)
}

@test "replies to what came together are posted together" {
	traced_posts 0
	[ "$most" -ge 2 ]
	[ "$most" -le 8 ]
}

@test "what is done does not wait for a handler that takes long" {
	insmod "$LAB_MODULES_DIR/rdmarpc_slow.ko" server=s
	traced_posts 8
	rmmod rdmarpc_slow
	[ "$most" -eq 1 ]
}
