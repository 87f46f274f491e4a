#!/usr/bin/env bats
# The RDMA device goes away, and comes back.

load lib.bash

setup() {
	handlers=()
	at=$BATS_TEST_TMPDIR
	rdmarpcctl server start s --listen $A4 --echo
	find_device
}

teardown() {
	end_handlers
	stop_servers
}

state_is() { [ "$(rdmarpcctl -j server show s | jq -r '.[0].state // .state')" = "$1" ]; }

unplug() { rdma link delete "$device"; }
plug() { rdma link add "$device" type "$LAB_DEVICE" netdev "$netdev"; }

@test "a server listens again when its device is back, and calls go on" {
	serve s 7 cat
	[ "$(rdmarpcctl call $A4 7 before)" = before ]
	unplug
	wait_for 5 state_is down
	connections_are 0
	rdmarpcctl doctor | grep -q ' s is down'
	run -$REFUSED rdmarpcctl call $A4 0 x --timeout 2000
	plug
	wait_for 10 state_is listening
	run ! grep -q 'is down' <<<"$(rdmarpcctl doctor)"
	[ "$(rdmarpcctl call $A4 0 after --timeout 20000)" = after ]
	# Its handler has not noticed.
	[ "$(rdmarpcctl call $A4 7 after)" = after ]
}

@test "calls under way when the device goes end, as maybe executed" {
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 60000 3>&- 2>"$at/err" &
	caller=$!
	read -r _ <"$begun"
	unplug
	status=0
	wait $caller || status=$?
	cat "$at/err"
	[ $status -eq $MAYBE_EXECUTED ]
	plug
	wait_for 10 state_is listening
}

@test "ten times, under load" {
	before=$(resources_by_name)
	for i in {1..10}; do
		: >"$at/pings"
		rdmarpcctl ping $A4 -c 1000000 3>&- >"$at/pings" 2>&1 &
		pinger=$!
		wait_for 10 grep -q time "$at/pings"
		unplug
		wait $pinger || true
		plug
		wait_for 10 state_is listening
		wait_for 5 connections_are 0
	done
	[ "$(rdmarpcctl call $A4 0 after --timeout 20000)" = after ]
	wait_for 5 connections_are 0
	echo "before: $before; after: $(resources_by_name)"
	[ "$(resources_by_name)" = "$before" ]
}

@test "a server that is down can be stopped, and the module unloaded" {
	unplug
	wait_for 5 state_is down
	rdmarpcctl server stop s
	rdmarpcctl server start t --listen 10.0.0.1:7477 && return 1
	plug
	wait_for 10 rdmarpcctl server start t --listen 10.0.0.1:7477
	unplug
	rmmod rdmarpc
	modprobe rdmarpc
	plug
}
