#!/usr/bin/env bats
# The other host dies with calls under way. It stays dead: this file is the last of its run.

load ../e2e/lib.bash
load faults.bash

setup() {
	[ "$LAB_HOSTS" = 2 ] || skip "needs two hosts"
	begin
	# A client that was at rest is asked, and found to be gone.
	gone_within=15
	echo 2000 >/sys/module/rdmarpc/parameters/idle_probe_ms
	start_server
	handle slow $SLOW_MS
}

teardown() {
	end_all_handlers
	stop_servers
}

none_there() { ! ping -c 1 -W 1 10.0.0.2 >/dev/null; }

@test "the other host dies: its connections are given up, others are served" {
	ledger=$LAB_OUT/called.dies
	rm -f "$ledger"
	timeout 60 lab-on 2 setsid -f sh -c "exec '$L/ledger-call' $S $M '$ledger' 4 >/dev/null 2>&1" </dev/null
	wait_for 60 test -s "$ledger"
	recovered
	killed+=("$ledger")
	# No word of it leaves that machine.
	off() { timeout 5 lab-on 2 sh -c 'echo b >/proc/sysrq-trigger; sleep 100' </dev/null || true; }
	hit off
	none_there
	callers 4
	recovered
	# The dead one's and the living one's.
	wait_for 15 connections_are 8
	end_callers
	verdict "host dies"
}
