#!/usr/bin/env bats
# Events: in order, and what is lost is seen.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }
teardown_file() { stop_servers; }

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
