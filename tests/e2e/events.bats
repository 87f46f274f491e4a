#!/usr/bin/env bats
# Events: in order, and what is lost is seen.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }
teardown_file() { stop_servers; }
teardown() { poller_as_ever; }

listen() { timeout 100 "$LAB_TOP/build/tests/listen" "$@"; }

@test "events of several processors come in the order of their numbers" {
	run -0 listen order 4 500
	echo "$output"
	[ "$output" = "2000 0" ]
}

@test "a listener who does not read is told, and can tell how much is lost" {
	run -0 listen overrun 100
	echo "$output"
	[ "$output" = "ENOBUFS numbered" ]
}

@test "errors beyond what is worth telling are numbered, not told" {
	needs_peer
	run -0 listen while "$LAB_TOP/tests/peer/rude.py" 10.0.0.1 7471 hello 200
	echo "$output"
	read -r told numbered <<<"$output"
	[ "$numbered" -eq 200 ]
	# 20 in each second that it took, of which the first and last may be short.
	[ "$told" -ge 20 ]
	[ "$told" -lt 200 ]
	[ "$(rdmarpcctl call $A4 0 alive)" = alive ]
}

pings() { exec rdmarpcctl ping $A4 -c 1000000; }
# Not one that leaves because a server that stops has refused its call.
calls_on() { exec "$LAB_TOP/build/tests/caller" $A4 1 < <(yes call 0 0 5000 x); }

# What the ends of the connections that clients of ours hold are called, on their server's
# side. calls: what those do, pings unless said otherwise. What the device flushes comes
# behind that reason, and says another: the Poller must see it, and does so most of the
# time, so there are some of them.
CLIENTS=4
ends_as() { # REASON COMMAND…
	local reason=$1 at=$BATS_TEST_TMPDIR monitor i clients=()
	shift
	rdmarpcctl -j monitor connection 3>&- >"$at/events" 2>"$at/said" &
	monitor=$!
	wait_for 10 grep -q listening "$at/said"
	for ((i = 0; i < CLIENTS; i++)); do
		"${calls:-pings}" 3>&- >/dev/null 2>&1 &
		clients+=($!)
	done
	wait_for 20 all_are active
	poller_last s
	"$@"
	wait_for 20 all_are closing
	poller_as_ever
	kill $monitor
	wait $monitor || true
	kill -KILL "${clients[@]}" 2>/dev/null || true
	wait "${clients[@]}" || true
	cat "$at/events"
	[ "$(jq -r 'select(.role == "server" and .state == "closing").reason' "$at/events" | sort -u)" = "$reason" ]
	[ "$(jq 'select(.state != "closing") | has("reason")' "$at/events" | sort -u)" = false ]
}

all_are() { [ "$(grep -c '"role":"server".*"'"$1"'"' "$at/events")" -eq $CLIENTS ]; }

kill_clients() { kill -KILL "${clients[@]}"; }

restart_server() {
	rdmarpcctl server stop s
	rdmarpcctl server start s --listen $A4 --echo
}

@test "the end of a connection has its reason: the administrator" { ends_as admin close_connections; }
@test "the end of a connection has its reason: its server was stopped" { calls=calls_on ends_as owner restart_server; }
@test "the end of a connection has its reason: the peer" { ends_as peer kill_clients; }

@test "handler show names the processes that answer" {
	serve s 9 cat
	serve s 9 cat
	rdmarpcctl handler show
	[ "$(rdmarpcctl -j handler show | jq -c '[.[] | select(.method == 9).processes[] | [.pid, .uid, .comm]] | sort')" = \
		"$(printf '%s\n' "${handlers[@]}" | sort -n | jq -sc 'map([., 0, "rdmarpcctl"])')" ]
	rdmarpcctl handler show | grep -Eq "^    processes pid ${handlers[0]} uid 0 comm rdmarpcctl$"
	end_handlers
	run ! grep -q processes <<<"$(rdmarpcctl handler show)"
}
