#!/usr/bin/env bats
# Faults of the network between two hosts: a server and its handlers on host 1,
# callers on host 2. The shared folder has their ledger.

load ../e2e/lib.bash
load faults.bash

setup() {
	[ "$LAB_HOSTS" = 2 ] || skip "needs two hosts"
	begin
	start_server
	handle slow $SLOW_MS
	callers_there 4
}

teardown() {
	[ "$LAB_HOSTS" = 2 ] || return 0
	tc qdisc del dev eth0 root 2>/dev/null || true
	ip link set eth0 up
	lab-on 2 pkill -KILL -x ledger-call || true
	end_all_handlers
	stop_servers
}

# As callers, on host 2. lab-on itself must not be cut off while it starts.
callers_there() {
	ledger=$LAB_OUT/called.$BATS_TEST_NUMBER
	rm -f "$ledger"
	lab-on 2 setsid -f sh -c "exec '$L/ledger-call' $S $M '$ledger' $1 >/dev/null 2>&1"
	wait_for 60 test -s "$ledger"
	recovered
}

end_callers_there() {
	lab-on 2 pkill -TERM -x ledger-call
	wait_for 20 all_ended
	called+=("$ledger")
}

all_ended() { [ "$(in_flight "$ledger")" -eq 0 ] && ! lab-on 2 pgrep -x ledger-call >/dev/null; }

link_down() { # SECONDS
	ip link set eth0 down
	sleep "$1"
	ip link set eth0 up
}

# netem OPTIONS…: packets that leave host 1, while a hundred more calls are answered.
netem() {
	tc qdisc add dev eth0 root netem "$@"
	local was
	was=$(ok_calls)
	wait_for 60 more_ok_than $((was + 100))
	tc qdisc del dev eth0 root
}

@test "the link down for 0.1 s" {
	for ((i = 0; i < TIMES; i++)); do
		hit link_down 0.1
		recovered
	done
	end_callers_there
	verdict "link down 0.1 s"
}

@test "the link down for 1 s" {
	hit link_down 1
	recovered
	end_callers_there
	verdict "link down 1 s"
}

@test "packets lost" {
	hit netem loss 1%
	recovered
	end_callers_there
	verdict "packets lost"
}

@test "packets out of order" {
	hit netem delay 2ms reorder 25% 50%
	recovered
	end_callers_there
	verdict "packets reordered"
}

@test "packets twice" {
	hit netem duplicate 10%
	recovered
	end_callers_there
	verdict "packets duplicated"
}

@test "packets with wrong bits" {
	hit netem corrupt 1%
	recovered
	end_callers_there
	verdict "packets corrupted"
}

@test "the other host gone: its connections are given up while calls are under way" {
	began=$(now_ms)
	wait_for 20 some_in_flight
	ip link set eth0 down
	hits=1
	wait_for 20 connections_are 0
	took=$(($(now_ms) - began))
	echo "given up after $took ms"
	ip link set eth0 up
	recovered
	end_callers_there
	verdict "host gone"
}
