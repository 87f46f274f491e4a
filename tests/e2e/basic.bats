#!/usr/bin/env bats
# A server, calls of every size, and what is said when it cannot be.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }
teardown_file() { stop_servers; }

# echo_of BYTES ADDRESS: a random payload comes back byte for byte.
echo_of() {
	head -c "$1" /dev/urandom >"$BATS_TEST_TMPDIR/in"
	rdmarpcctl call "$2" 0 - <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
	cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
}

@test "call prints the echo of its data" {
	run -0 rdmarpcctl call $A4 0 hello
	[ "$output" = hello ]
}

@test "call over IPv6" {
	rdmarpcctl server start s6 --listen "$A6" --echo
	run -0 rdmarpcctl call "$A6" 0 hello
	[ "$output" = hello ]
	rdmarpcctl server stop s6
}

@test "0 bytes" { echo_of 0 $A4; }
@test "1 byte" { echo_of 1 $A4; }
@test "4063 bytes" { echo_of 4063 $A4; }
@test "4064 bytes" { echo_of 4064 $A4; }

@test "4065 bytes" { echo_of 4065 $A4; }

@test "an unknown method is not executed" {
	run -$NOT_EXECUTED rdmarpcctl call $A4 999 hello
	grep -qi method <<<"$output"
}

@test "nobody listens: refused" {
	run -$REFUSED rdmarpcctl call 10.0.0.1:7999 0 hello
	grep -qi refused <<<"$output"
}

@test "no device leads there: cannot connect" {
	run -$REFUSED rdmarpcctl call 192.0.2.1:7471 0 hello
	[ -n "$output" ]
}

@test "server show, as text and as JSON" {
	run -0 rdmarpcctl server show
	grep -q 10.0.0.1:7471 <<<"$output"
	run -0 rdmarpcctl -j server show
	[ "$(jq -r '.[0].name' <<<"$output")" = s ]
	[ "$(jq length <<<"$output")" -eq 1 ]
}

@test "connection show and stats show are JSON" {
	rdmarpcctl -j connection show | jq -e 'type == "array"'
	before=$(stat_of requests-ok)
	rdmarpcctl call $A4 0 x
	[ "$(stat_of requests-ok)" -eq $((before + 1)) ]
}

@test "a stopped server is gone, and a new one may have its name and port" {
	rdmarpcctl server start t --listen 10.0.0.1:7473 --echo
	rdmarpcctl server stop t
	[ "$(servers)" = s ]
	run -$REFUSED rdmarpcctl call 10.0.0.1:7473 0 hello
	rdmarpcctl server start t --listen 10.0.0.1:7473 --echo
	run -0 rdmarpcctl call 10.0.0.1:7473 0 again
	[ "$output" = again ]
	rdmarpcctl server stop t
}

@test "a server that allows one call at a time" {
	rdmarpcctl server start one --listen 10.0.0.1:7472 --echo --max-calls 1
	run -0 rdmarpcctl call 10.0.0.1:7472 0 hello
	[ "$output" = hello ]
	rdmarpcctl server stop one
}

@test "a name is given once" {
	run ! rdmarpcctl server start s --listen 10.0.0.1:7474
	[ -n "$output" ]
	[ "$(servers)" = s ]
}

@test "an address and port are given once" {
	run ! rdmarpcctl server start other --listen $A4
	grep -qi 'in use' <<<"$output"
	[ "$(servers)" = s ]
}

@test "an address that no device has is refused, with the reason" {
	run ! rdmarpcctl server start other --listen 192.0.2.7:7471
	grep -qi device <<<"$output"
	[ "$(servers)" = s ]
}

@test "a server that is not there cannot be stopped" {
	run -$FAILED rdmarpcctl server stop nosuch
	grep -qi 'no.*server' <<<"$output"
}

@test "usage errors exit 2" {
	run -$USAGE rdmarpcctl server frobnicate
	run -$USAGE rdmarpcctl call
	run -$USAGE rdmarpcctl call $A4
}

@test "administration is for the administrator" {
	local command
	while read -r command; do
		# shellcheck disable=SC2086 # words
		run ! as_nobody $command
		grep -qi permi <<<"$output"
	done <<-'END'
		server start t --listen 10.0.0.1:7479
		server set s --max-calls 3
		server stop s
		connection close 1
	END
	[ "$(servers)" = s ]
}

@test "the device is for its group" {
	run ! as_nobody call $A4 0 hello
	grep -qi permi <<<"$output"
}

@test "calls after all this" {
	for word in one two three four five six seven eight; do
		run -0 rdmarpcctl call $A4 0 "$word"
		echo "$output"
		[ "$output" = "$word" ]
	done
	wait_for 5 connections_are 0
}

@test "calls one after the other send nothing but themselves and their replies" {
	local before
	before=$(stat_of messages-sent)
	rdmarpcctl ping $A4 -c 100 >/dev/null
	# Both sides of each call are here, and two messages of the handshake.
	[ $(($(stat_of messages-sent) - before)) -le 204 ]
}
