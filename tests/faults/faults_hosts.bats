#!/usr/bin/env bats
# Faults of the network between two hosts: a server and its handlers on host 1,
# callers on host 2. The shared folder has their ledger.

load ../e2e/lib.bash
load faults.bash

setup() {
	[ "$LAB_HOSTS" = 2 ] || skip "needs two hosts"
	tc qdisc add dev eth0 root netem limit 100000
	new_devices
	begin
	# A client that is gone without a word is found when it is asked.
	gone_within=10
	echo 2000 >/sys/module/rdmarpc/parameters/idle_probe_ms
	start_server
	handle slow $SLOW_MS
	callers_there 4
}

teardown() {
	[ "$LAB_HOSTS" = 2 ] || return 0
	tc qdisc del dev eth0 root 2>/dev/null || true
	there pkill -KILL -x ledger-call || true
	end_all_handlers
	stop_servers
}

there() { timeout 60 lab-on 2 "$@" </dev/null; }

# As callers, on host 2. The network must not be cut off while it starts.
callers_there() {
	ledger=$LAB_OUT/called.$BATS_TEST_NUMBER
	rm -f "$ledger"
	there setsid -f sh -c "exec '$L/ledger-call' $S $M '$ledger' $1 >/dev/null 2>&1"
	wait_for 60 test -s "$ledger"
	recovered
}

end_callers_there() {
	there pkill -TERM -x ledger-call
	wait_for 20 all_ended
	called+=("$ledger")
}

all_ended() { [ "$(in_flight "$ledger")" -eq 0 ] && ! there pgrep -x ledger-call >/dev/null; }

# What a network does to an rxe may stay with it. That is why packets out of order are
# no row here: after some, nobody can connect through it any more, rping neither.
new_devices() {
	local renew='rdma link delete rxe0 && rdma link add rxe0 type rxe netdev eth0'
	sh -c "$renew"
	there sh -c "$renew"
}

# What may befall the packets that leave host 1. An rxe whose packet is refused, not
# only lost, while somebody connects is dead from then on, for all its users, until it
# is made anew. A link that goes down refuses; so does a qdisc that is being replaced:
# the one that setup adds stays, and is changed.
packets() { tc qdisc change dev eth0 root netem limit 100000 "$@"; }

pass_packets() { packets loss 0% duplicate 0% corrupt 0%; }

silence() { # SECONDS
	packets loss 100%
	sleep "$1"
	pass_packets
}

# spoilt OPTIONS…: while a hundred more calls are answered.
spoilt() {
	packets "$@"
	local was
	was=$(ok_calls)
	wait_for 60 more_ok_than $((was + 100))
	pass_packets
}

@test "no packet for 0.1 s" {
	for ((i = 0; i < TIMES; i++)); do
		hit silence 0.1
		recovered
	done
	end_callers_there
	verdict "no packet for 0.1 s"
}

@test "no packet for 1 s" {
	hit silence 1
	recovered
	end_callers_there
	verdict "no packet for 1 s"
}

@test "no packet for 10 s" {
	hit silence 10
	recovered
	end_callers_there
	verdict "no packet for 10 s"
}

@test "packets lost" {
	hit spoilt loss 1%
	recovered
	end_callers_there
	verdict "packets lost"
}

@test "packets twice" {
	hit spoilt duplicate 10%
	recovered
	end_callers_there
	verdict "packets duplicated"
}

@test "packets with wrong bits" {
	hit spoilt corrupt 1%
	recovered
	end_callers_there
	verdict "packets corrupted"
}

none_active() { rdmarpcctl -j connection show | jq -e 'all(.state != "active")' >/dev/null; }

@test "the other host gone: its connections are given up while calls are under way" {
	began=$(now_ms)
	wait_for 20 some_in_flight
	packets loss 100%
	hits=1
	# What host 2 sends still comes: it is others that are in their handshake by now.
	wait_for 20 none_active
	took=$(($(now_ms) - began))
	echo "given up after $took ms"
	pass_packets
	recovered
	end_callers_there
	verdict "host gone"
}
