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
	[ $took -le 5000 ]
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

@test "naming the netlink family loads the module" {
	rmmod rdmarpc
	run -0 rdmarpcctl -j server show
	[ "$(jq length <<<"$output")" -eq 0 ]
	grep -q '^rdmarpc ' /proc/modules
}

