#!/usr/bin/env bats
# Each of the kernel's allocations fails once, on the way of everything that a program
# does: it is told ENOMEM, nothing is left behind, and the next time it succeeds.

load lib.bash

setup_file() {
	rdmarpcctl server start s --listen $A4 --echo
}

teardown_file() { stop_servers; }

setup() {
	local d
	[ -e /sys/kernel/debug/failslab ] || skip "this kernel injects no faults"
	for d in /sys/kernel/debug/failslab /sys/kernel/debug/fail_page_alloc; do
		echo N >$d/ignore-gfp-wait
		echo 0 >$d/verbose
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
	resources=$(resources_by_name)
}

teardown() {
	[ ! -e /sys/kernel/debug/failslab ] || injected 0
	echo 60000 >/sys/module/rdmarpc/parameters/idle_probe_ms
}

at_rest() { diff <(echo "$resources") <(resources_by_name) >"$BATS_TEST_TMPDIR/left"; }

fails_each() {
	run timeout 300 "$LAB_TOP/build/tests/nth" s $A4 "$1"
	echo "$output"
	[ "$status" -eq 0 ]
	wait_for 5 at_rest
}

@test "a client connects" { fails_each connect; }
@test "a small call, in which there is none" { fails_each small-call; }
@test "a large call, in place" { fails_each pinned-call; }
@test "a large call, copied" { fails_each copied-call; }
@test "a buffer is registered" { fails_each register; }
@test "a handler opens" { fails_each handler; }
@test "a server is made" { fails_each server; }
@test "what there is, is shown" { fails_each show; }

# injected NR: of so many of the module's allocations, in whatever thread, one fails from
# now on, or none; 0: none at all.
injected() {
	local d start last
	start=$(</sys/module/rdmarpc/sections/.text)
	# Its last function, as good as its end.
	last=$(awk '$4 == "[rdmarpc]" && $2 ~ /[tT]/ { print $1 }' /proc/kallsyms | sort | tail -n 1)
	for d in /sys/kernel/debug/failslab /sys/kernel/debug/fail_page_alloc; do
		echo 0 >$d/probability
		echo "$start" >$d/require-start
		echo "0x$last" >$d/require-end
		echo 64 >$d/stacktrace-depth
		echo 1000000 >$d/times
		echo "$1" >$d/interval
		[ "$1" -eq 0 ] || echo 50 >$d/probability
	done
}

# How many have failed since.
have_failed() {
	echo $((2000000 - $(</sys/kernel/debug/failslab/times) - $(</sys/kernel/debug/fail_page_alloc/times)))
}

@test "any of the module's allocations, at random, on either side" {
	local i status failed ok=0 not=0 maybe=0
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/large"
	# The message that says that a connection ends may be what could not be made: then
	# the peer is missed.
	echo 1000 >/sys/module/rdmarpc/parameters/idle_probe_ms
	injected 199
	for ((i = 0; i < 60; i++)); do
		status=0
		rdmarpcctl call $A4 0 - --timeout 5000 <"$BATS_TEST_TMPDIR/large" \
			>"$BATS_TEST_TMPDIR/came" 2>"$BATS_TEST_TMPDIR/said" || status=$?
		case $status in
		"$OK") ok=$((ok + 1)); cmp "$BATS_TEST_TMPDIR/large" "$BATS_TEST_TMPDIR/came" ;;
		"$REFUSED" | "$NOT_EXECUTED") not=$((not + 1)) ;;
		"$MAYBE_EXECUTED") maybe=$((maybe + 1)) ;;
		*) echo "status $status"; cat "$BATS_TEST_TMPDIR/said"; return 1 ;;
		esac
	done
	failed=$(have_failed)
	injected 0
	echo "$failed allocations failed; $ok calls did not, $not were not executed, $maybe maybe"
	[ "$failed" -gt 20 ]
	[ $((ok * not)) -gt 0 ]
	rdmarpcctl call $A4 0 - <"$BATS_TEST_TMPDIR/large" | cmp - "$BATS_TEST_TMPDIR/large"
	wait_for 20 at_rest || { cat "$BATS_TEST_TMPDIR/left"; return 1; }
}
