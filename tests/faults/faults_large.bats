#!/usr/bin/env bats
# The faults of faults.bats that strike what is large on its way, 16 MiB there and 16 back.

load ../e2e/lib.bash
load faults.bash
load strikes.bash

setup() {
	begin
	export LEDGER_BYTES=16777216
	start_server
}

teardown() {
	kill -KILL "$caller" 2>/dev/null || true
	end_all_handlers
	stop_servers
}

@test "large: callers killed" { callers_killed; }
@test "large: handlers killed, others go on" { handlers_killed; }
@test "large: connections closed by the administrator" { connections_closed; }
@test "large: queue pairs forced into the error state" { queue_pairs_in_error; }
@test "large: servers stopped and started" { servers_stopped; }
@test "large: servers drained and started" { servers_drained; }
@test "large: the RDMA device deleted, and made anew" { device_deleted; }
@test "large: the network interface deleted, and made anew" { netdev_deleted; }
