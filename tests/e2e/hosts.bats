#!/usr/bin/env bats
# The same between two machines, emulated and so slow that 5 seconds may pass in a
# connection request: a server on host 1, callers on host 2.
# HOSTS_MIB: how large what is large is, 64 unless said otherwise.

load lib.bash

setup_file() {
	[ "$LAB_HOSTS" = 2 ] || return 0
	rdmarpcctl server start s --listen $A4 --echo
	rdmarpcctl server start s6 --listen "$A6" --echo
}

teardown_file() { stop_servers; }

setup() {
	handlers=()
	[ "$LAB_HOSTS" = 2 ] || skip "needs two hosts"
}

teardown() { end_handlers; }

@test "host 2 calls host 1" {
	run -0 lab-on 2 rdmarpcctl call --timeout 30000 $A4 0 hello
	[ "$output" = hello ]
}

@test "host 2 calls host 1 over IPv6" {
	run -0 lab-on 2 rdmarpcctl call --timeout 30000 "$A6" 0 hello
	[ "$output" = hello ]
}

@test "4064 bytes there and back" {
	head -c 4064 /dev/urandom >"$BATS_TEST_TMPDIR/in"
	lab-on 2 rdmarpcctl call --timeout 30000 $A4 0 - <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
	cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
}

@test "what is large, there and back" {
	head -c "$((${HOSTS_MIB:-64} << 20))" /dev/urandom >"$BATS_TEST_TMPDIR/in"
	lab-on 2 rdmarpcctl call --timeout 300000 $A4 0 - <"$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in"
}

@test "a userspace handler on host 1 for host 2" {
	serve s 1 wc -w
	run -0 lab-on 2 rdmarpcctl call --timeout 30000 $A4 1 'one two three'
	[ "$output" -eq 3 ]
}

@test "callers on both hosts at once" {
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=2
	lab-on 2 "$LOAD" call $A4 2 8 100 3>&- >"$BATS_TEST_TMPDIR/two" &
	two=$!
	"$LOAD" call $A4 2 8 100 >"$BATS_TEST_TMPDIR/one"
	wait $two
	cat "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	[ "$(jq -s 'map(.ok) | add' "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two")" -eq 1600 ]
	[ "$(cat /sys/module/rdmarpc_load/parameters/served)" -eq 1600 ]
	rmmod rdmarpc_load
}
