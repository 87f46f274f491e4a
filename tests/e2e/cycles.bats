#!/usr/bin/env bats
# Load, serve, call, kill, unload, again and again, where leaks and races are seen.
# CYCLES: how often, 20 unless said otherwise.

load lib.bash

setup() { [ "$LAB_KERNEL" = uml-debug ] || skip "only where the kernel checks itself: uml-debug"; }

# Somebody goes in the middle of a call.
kill_someone() {
	rm -f "$BATS_TEST_TMPDIR/begun"
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 60000 3>&- >/dev/null 2>&1 &
	caller=$!
	read -r _ <"$begun"
	case $((RANDOM % 4)) in
	0) kill -KILL $caller ;;
	1) kill -KILL "$handler" ;;
	2) close_connections ;;
	3) rdmarpcctl server stop s ;;
	esac
	wait $caller || true
}

@test "load, serve, call, kill someone, unload" {
	handlers=()
	RANDOM=${CYCLES_SEED:-1}
	rmmod rdmarpc
	before=$(resources)
	for ((i = 0; i < ${CYCLES:-20}; i++)); do
		modprobe rdmarpc
		rdmarpcctl server start s --listen $A4 --echo
		[ "$(rdmarpcctl call $A4 0 "$i")" = "$i" ]
		serve s 1 cat
		[ "$(rdmarpcctl call $A4 1 "$i")" = "$i" ]
		kill_someone
		end_handlers
		rmmod rdmarpc
		[ "$(resources)" = "$before" ]
	done
	modprobe rdmarpc
}
