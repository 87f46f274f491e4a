#!/usr/bin/env bats
# Kernel handlers that reply from memory of their own.

load lib.bash

P=/sys/module/rdmarpc_lend/parameters

setup_file() { insmod "$LAB_MODULES_DIR/rdmarpc_lend.ko"; }
teardown_file() { rmmod rdmarpc_lend; }

setup() {
	at=$BATS_TEST_TMPDIR
	resources=$(resources_by_name)
}

at_rest() { [ "$(resources_by_name)" = "$resources" ]; }
used() { echo "$1" >$P/run || { dmesg | tail -n 5; return 1; }; }

@test "what is lent arrives, in every shape, and is its owner's again" {
	used shapes
	wait_for 5 at_rest
}

@test "of a reply that its handler did not write nothing is told" {
	used passed_over
	wait_for 5 at_rest
}

@test "what was lent for a reply that is none is its owner's again" {
	used refused
	wait_for 5 at_rest
}

@test "nobody reads what was lent to a connection that has gone" {
	(
		while [ ! -e "$at/done" ]; do
			sleep "0.$((RANDOM % 3))"
			close_connections || true
		done
	) 3>&- &
	closing=$!
	status=0
	used closed || status=$?
	touch "$at/done"
	wait $closing
	[ $status -eq 0 ]
	wait_for 5 at_rest
}

@test "a handler that has lent is not gone before what it lent is back" {
	used unregistered
	wait_for 5 at_rest
}
