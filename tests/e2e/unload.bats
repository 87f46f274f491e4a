#!/usr/bin/env bats
# The module goes when it may, at once, and takes everything along.

load lib.bash

setup() {
	handlers=()
	modprobe rdmarpc
	before=$(resources)
}

teardown() {
	end_handlers
	rmmod rdmarpc_load 2>/dev/null || true
	modprobe rdmarpc
	stop_servers
}

@test "rmmod ends a netlink server within 5 s and leaves nothing" {
	rdmarpcctl server start s --listen $A4 --echo
	[ "$(rdmarpcctl call $A4 0 x)" = x ]
	start=$(now_ms)
	rmmod rdmarpc
	took=$(($(now_ms) - start))
	echo "took $took ms"
	[ $took -le "$(slow_ms 5000)" ]
	[ ! -e /dev/rdmarpc ]
	echo "before: $before; after: $(resources)"
	[ "$(resources)" = "$before" ]
}

@test "an open handler refuses rmmod" {
	rdmarpcctl server start s --listen $A4 --echo
	serve s 1 cat
	run ! rmmod rdmarpc
	grep -qi 'in use\|busy' <<<"$output"
	[ "$(rdmarpcctl call $A4 1 x)" = x ]
	end_handlers
	rmmod rdmarpc
}

@test "a kernel consumer refuses rmmod" {
	rdmarpcctl server start s --listen $A4 --echo
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=1
	run ! rmmod rdmarpc
	grep -qi 'in use\|busy' <<<"$output"
	[ "$(rdmarpcctl call $A4 0 x)" = x ]
	rmmod rdmarpc_load
	rmmod rdmarpc
	[ "$(resources)" = "$before" ]
}

# Opens, connects, calls and closes, with or without a module, until there is a file
# "enough"; then says how often.
call_on_and_on() {
	local calls=0 status
	while [ ! -e "$BATS_TEST_TMPDIR/enough" ]; do
		status=0
		rdmarpcctl call $A4 0 x --timeout 3000 >/dev/null 2>"$BATS_TEST_TMPDIR/said.$1" || status=$?
		# No module and no server are errors like any other, a signal is not.
		[ $status -le $MAYBE_EXECUTED ] || { echo "status $status"; return 1; }
		[ $status -ne $OK ] || calls=$((calls + 1))
		echo $calls >"$BATS_TEST_TMPDIR/calls.$1"
	done
}

calls_made() { cat "$BATS_TEST_TMPDIR"/calls.* | awk '{ n += $1 } END { print n }'; }
more_calls_than() { [ "$(calls_made)" -gt "$1" ]; }

# Why there are none.
said() {
	head "$BATS_TEST_TMPDIR"/said.*
	rdmarpcctl doctor
	rdmarpcctl server show
	rdmarpcctl connection show
	return 1
}

@test "unloading races with those who open, connect and call" {
	local job jobs=() failed=0 was
	rmmod rdmarpc
	for job in 1 2; do
		echo 0 >"$BATS_TEST_TMPDIR/calls.$job"
		call_on_and_on $job 3>&- &
		jobs+=($!)
	done
	for ((i = 0; i < 10; i++)); do
		modprobe rdmarpc
		rdmarpcctl server start s --listen $A4 --echo
		was=$(calls_made)
		wait_for 20 more_calls_than "$was" || said
		wait_for 20 rmmod rdmarpc
		[ "$(resources)" = "$before" ]
	done
	touch "$BATS_TEST_TMPDIR/enough"
	for job in "${jobs[@]}"; do wait "$job" || failed=1; done
	[ $failed -eq 0 ]
}

@test "naming the netlink family loads the module" {
	rmmod rdmarpc
	run -0 rdmarpcctl -j server show
	[ "$(jq length <<<"$output")" -eq 0 ]
	grep -q '^rdmarpc ' /proc/modules
}

