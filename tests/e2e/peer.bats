#!/usr/bin/env bats
# A peer that was written from docs/wire.md alone, good and hostile.

load lib.bash

setup_file() {
	needs_peer
	rdmarpcctl server start s --listen 10.0.0.1:7471 --echo
	rdmarpcctl server start s6 --listen '[fd00::1]:7471' --echo
}
teardown_file() { stop_servers; }
setup() { handlers=(); }
teardown() { end_handlers; }

peer() { timeout 300 "$LAB_TOP/tests/peer/$1" "${@:2}"; }

# hostile GROUP…: while somebody else calls, none of whose calls may fail.
hostile() {
	serve s 7 sleep 0.2
	rdmarpcctl ping $A4 -c 1000000 3>&- >/dev/null 2>"$BATS_TEST_TMPDIR/ping" &
	local caller=$! before after status=0
	wait_for 10 connections_are 2
	before=$(rdmarpcctl -j stats show | jq '."calls-ok"')
	peer hostile.py 10.0.0.1 7471 s "$@" || status=$?
	after=$(rdmarpcctl -j stats show | jq '."calls-ok"')
	kill $caller
	wait $caller || true
	cat "$BATS_TEST_TMPDIR/ping"
	# It lived as long as we let it, and called all the while.
	[ ! -s "$BATS_TEST_TMPDIR/ping" ]
	[ $((after - before)) -gt 20 ]
	return $status
}

# impostor GROUP…: serves our clients, on a port of its own.
impostor() { peer impostor.py 10.0.0.1 7490 "$@"; }

@test "golden vectors" { peer vectors.py "$LAB_TOP"/tests/vectors/*.txt; }

@test "hostile: messages cut and extended at every byte" { hostile lengths; }
@test "hostile: header fields at their extremes" { hostile fields; }
@test "hostile: work requests that are no SEND" { hostile opcodes; }
@test "hostile: hellos cut at every byte, fields at their extremes" { hostile hellos; }
@test "hostile: messages before the handshake" { hostile before; }
@test "hostile: tags of calls that are not, or are under way" { hostile slots; }
@test "hostile: limits and credits" { hostile limits; }
@test "hostile: floods of control messages" { hostile floods; }
@test "hostile: silence" { hostile silence; }
@test "hostile: no sign of life" {
	serve s 8 sleep 1000
	echo 500 >/sys/module/rdmarpc/parameters/idle_probe_ms
	hostile mute
	echo 60000 >/sys/module/rdmarpc/parameters/idle_probe_ms
	[ "$(stat_of peers-dead)" -eq 2 ]
}
@test "hostile: a crowd that goes no further" {
	rdmarpcctl server set s --max-connections 8
	hostile crowd
	rdmarpcctl server set s --max-connections 1024
}

@test "impostor: rejects of every kind" { impostor rejects; }
@test "impostor: answers with fields at their extremes" { impostor answers; }
@test "impostor: no acceptance, or something else" { impostor unproven; }
@test "impostor: every status" { impostor statuses; }
@test "impostor: replies cut at every byte, with fields at their extremes, to other calls" { impostor replies again; }
@test "impostor: no reply, no credit, no connection" { impostor silence; }
@test "impostor: no sign of life" { impostor mute; }
@test "a server that keeps to the rules, in IPv4 and IPv6" {
	impostor honest
	peer impostor.py fd00::1 7491 honest
}
