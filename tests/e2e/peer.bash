# shellcheck shell=bash disable=SC2034 # what is unused here is lib.bash's
# What the tests of the independent peer share.
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
	rdmarpcctl ping "$A4" -c 1000000 3>&- >/dev/null 2>"$BATS_TEST_TMPDIR/ping" &
	local caller=$! before after status=0
	wait_for 10 connections_are 2
	before=$(rdmarpcctl -j stats show | jq .counters.calls_ok)
	peer hostile.py 10.0.0.1 7471 s "$@" || status=$?
	after=$(rdmarpcctl -j stats show | jq .counters.calls_ok)
	kill "$caller"
	wait "$caller" || true
	cat "$BATS_TEST_TMPDIR/ping"
	# It lived as long as we let it, and called all the while.
	[ ! -s "$BATS_TEST_TMPDIR/ping" ]
	[ $((after - before)) -gt 20 ]
	return "$status"
}

# impostor GROUP…: serves our clients, on a port of its own.
impostor() { peer impostor.py 10.0.0.1 7490 "$@"; }
