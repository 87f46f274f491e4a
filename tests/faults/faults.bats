#!/usr/bin/env bats
# Faults, while calls are in flight; README.md here. FAULT_TIMES: how often each
# strikes, 2 unless said otherwise; FAULT_STORM: connections in a storm, 300.

load ../e2e/lib.bash
load faults.bash
load strikes.bash

setup() {
	begin
	start_server
}

teardown() {
	kill -KILL "$caller" 2>/dev/null || true
	end_all_handlers
	stop_servers
}

@test "the ledger is right about itself" {
	record() { # FILE ID KIND OUTCOME
		printf '%b' "$(printf '\\x%02x\\0\\0\\0\\0\\0\\0\\0\\x%02x\\0\\0\\0\\x%02x\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0' "$2" "$3" "$4")" >>"$1"
	}
	violations() { "$L/ledger-check" "$@" 2>/dev/null | jq .violations; }
	local submitted=1 ended=2 done=3 ok=0 not=2 maybe=4 f=$at/l
	record "$f" 1 $submitted 0; record "$f" 1 $done 0; record "$f" 1 $ended $ok
	record "$f" 2 $submitted 0; record "$f" 2 $ended $not
	record "$f" 3 $submitted 0; record "$f" 3 $done 0; record "$f" 3 $ended $maybe
	[ "$(violations "$f")" -eq 0 ]
	cp "$f" "$f.twice"; record "$f.twice" 3 $done 0
	[ "$(violations "$f.twice")" -eq 1 ]
	cp "$f" "$f.not"; record "$f.not" 2 $done 0
	[ "$(violations "$f.not")" -eq 1 ]
	cp "$f" "$f.never"; record "$f.never" 4 $submitted 0
	[ "$(violations "$f.never")" -eq 1 ]
	[ "$(violations --killed "$f.never")" -eq 0 ]
	[ "$("$L/ledger-check" --in-flight "$f.never")" -eq 1 ]
	cp "$f" "$f.ok"; record "$f.ok" 5 $submitted 0; record "$f.ok" 5 $ended $ok
	[ "$(violations "$f.ok")" -eq 1 ]
	cp "$f" "$f.ends"; record "$f.ends" 1 $ended $ok
	[ "$(violations "$f.ends")" -eq 1 ]
}

@test "callers killed" { callers_killed; }

@test "handlers killed, others go on" { handlers_killed; }

@test "a handler stopped, and continued" {
	handle slow $SLOW_MS
	callers 4
	for ((i = 0; i < TIMES; i++)); do
		hit kill -STOP $handler
		sleep 0.3
		kill -CONT $handler
		recovered
	done
	end_callers
	verdict "handler stopped"
}

@test "a handler that never answers" {
	handle mute
	mute=$handler
	callers 4
	hit wait_for 20 timed_out
	kill -KILL $mute
	wait $mute || true
	handle prompt
	recovered
	end_callers
	verdict "handler mute"
}

timed_out() { [ "$("$L/ledger-check" "$ledger" 2>/dev/null | jq .maybe_executed)" -ge 4 ]; }

@test "a handler that answers late, and twice" {
	handle late 2200
	late=$handler
	callers 2
	hit wait_for 20 late_replies
	kill -0 $late
	handle prompt
	recovered
	end_callers
	verdict "handler late, twice"
}

late_replies() { [ "$(rdmarpcctl -j stats show f | jq .counters.late_replies)" -ge 2 ]; }

@test "caller and handler of the same call killed at once" {
	for ((i = 0; i < TIMES; i++)); do
		handle slow $SLOW_MS
		callers 4
		hit kill -KILL $caller $handler
		wait $caller || true
		wait $handler || true
		killed+=("$ledger")
	done
	handle prompt
	callers 1
	recovered
	end_callers
	verdict "caller and handler killed"
}

@test "connections closed by the administrator" { connections_closed; }

@test "connections closed under callers that wait for the next" {
	handle slow $SLOW_MS
	callers 8 wait
	for ((i = 0; i < TIMES; i++)); do
		hit close_connections
		recovered
	done
	end_callers
	verdict "connections closed, wait"
	# What had not left was sent again.
	[ "$(tail -n 1 "$LAB_OUT/faults.tsv" | cut -f 6)" -eq 0 ]
}

@test "queue pairs forced into the error state" { queue_pairs_in_error; }

@test "servers stopped and started" { servers_stopped; }

@test "servers drained and started" { servers_drained; }

@test "servers drained and started under callers that wait for the next" {
	callers 8 wait
	for ((i = 0; i < TIMES; i++)); do
		end_all_handlers
		handle slow $SLOW_MS
		recovered
		hit rdmarpcctl server stop f --drain 20
		start_server
	done
	handle slow $SLOW_MS
	recovered
	end_callers
	verdict "server drained, wait"
	# What one server has not accepted goes to the next, and it answers all else.
	[ "$(tail -n 1 "$LAB_OUT/faults.tsv" | cut -f 5-8 | tr '\t' ' ')" = "0 0 0 0" ]
}

@test "the RDMA device deleted, and made anew" { device_deleted; }

@test "the network interface deleted, and made anew" { netdev_deleted; }

@test "a storm of connections, while the good are served" {
	handle slow $SLOW_MS
	callers 4
	hit storm
	recovered
	end_callers
	verdict "connection storm"
}

# None of them is left without an answer, though some may be one too many.
storm() { "$L/storm" $S "${FAULT_STORM:-300}" 10; }

@test "connectors that prove nothing, are silent or talk too much, while the good are served" {
	needs_peer
	handle slow $SLOW_MS
	callers 4 patient
	hit bad_connectors
	recovered
	end_callers
	verdict "bad connectors"
	# None of which the good may notice.
	[ "$(tail -n 1 "$LAB_OUT/faults.tsv" | cut -f 5-8 | tr '\t' ' ')" = "0 0 0 0" ]
}

bad_connectors() {
	rdmarpcctl server set f --max-connections 8
	timeout 120 "$LAB_TOP/tests/peer/hostile.py" 10.0.0.1 7478 f crowd
	rdmarpcctl server set f --max-connections 64
	timeout 120 "$LAB_TOP/tests/peer/hostile.py" 10.0.0.1 7478 f silence floods
}

@test "attempts to unload the module under its callers" {
	handle slow $SLOW_MS
	callers 4
	for ((i = 0; i < 4 * TIMES; i++)); do
		hit refuses_to_unload
	done
	recovered
	end_callers
	verdict "unload refused"
}

refuses_to_unload() { ! rmmod rdmarpc 2>/dev/null; }
