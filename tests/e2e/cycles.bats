#!/usr/bin/env bats
# Load, serve, call, unload, again and again, where leaks and races are seen.

load lib.bash

setup() { [ "$LAB_KERNEL" = uml-debug ] || skip "only where the kernel checks itself: uml-debug"; }

@test "20 times: load, serve, call, unload" {
	handlers=()
	rmmod rdmarpc
	before=$(resources)
	for i in {1..20}; do
		modprobe rdmarpc
		rdmarpcctl server start s --listen $A4 --echo
		[ "$(rdmarpcctl call $A4 0 "$i")" = "$i" ]
		serve s 1 cat
		[ "$(rdmarpcctl call $A4 1 "$i")" = "$i" ]
		end_handlers
		rmmod rdmarpc
		[ "$(resources)" = "$before" ]
	done
	modprobe rdmarpc
}
