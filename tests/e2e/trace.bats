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
