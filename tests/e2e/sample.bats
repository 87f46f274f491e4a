#!/usr/bin/env bats
# The sample consumers in the kernel do what docs/kernel-api.md says.

load lib.bash

P=/sys/module/rdmarpc_sample_client/parameters

sample_server() { insmod "$LAB_MODULES_DIR/rdmarpc_sample_server.ko" "$@"; }
sample_client() { insmod "$LAB_MODULES_DIR/rdmarpc_sample_client.ko" "$@"; }

unload() {
	local m
	for m in "$@"; do
		[ ! -e /sys/module/rdmarpc_sample_"$m" ] || rmmod rdmarpc_sample_"$m"
	done
}

teardown() {
	unload client server
	stop_servers
}

# try ERROR COMMAND…: it fails, with the words of this error.
try() {
	local error=$1
	shift
	run "$@"
	[ "$status" -ne 0 ]
	grep -q "$error" <<<"$output"
}

put() { echo "$*" >$P/put; }
get() { echo "$1" >$P/get && cat $P/get; }

@test "values are stored and fetched, on a server of the module's own" {
	sample_server listen=10.0.0.1
	[ "$(servers)" = sample ]
	sample_client target=10.0.0.1
	put colour light green
	[ "$(get colour)" = "light green" ]
	put colour red
	[ "$(get colour)" = red ]
	put nothing ''
	[ "$(get nothing)" = "" ]
	try "No such file" get taste
	value=$(head -c 2048 /dev/zero | tr '\0' v)
	put large "$value"
	[ "$(get large)" = "$value" ]
	try "Invalid argument" put large "${value}v"
}

@test "on a server that the administrator started, in IPv6" {
	rdmarpcctl server start s --listen "$A6"
	sample_server server=s
	sample_client target=fd00::1
	put key value
	[ "$(get key)" = value ]
	unload server
	try "not supported" get key
}

@test "what is malformed is refused, what is too much, too" {
	sample_server listen=10.0.0.1
	run -$APP_ERROR rdmarpcctl call $A4 1 ''
	run -$APP_ERROR rdmarpcctl call $A4 1 "$(head -c 256 /dev/zero | tr '\0' k)"
	run -$APP_ERROR rdmarpcctl call $A4 2 ''
	# A key of 2 bytes and a value of 65535, of which 1 and 0 are there.
	printf '\002\000\377\377k' >"$BATS_TEST_TMPDIR/put"
	run -$APP_ERROR rdmarpcctl call $A4 2 - <"$BATS_TEST_TMPDIR/put"
	printf '\000\000\001\000v' >"$BATS_TEST_TMPDIR/put"
	run -$APP_ERROR rdmarpcctl call $A4 2 - <"$BATS_TEST_TMPDIR/put"
	run -$APP_ERROR rdmarpcctl call $A4 1 k
	sample_client target=10.0.0.1
	for i in {1..1020}; do put "k$i" "$i"; done
	put a 1; put b 2; put c 3; put d 4
	try "No space" put e 5
	put d 44
	[ "$(get d)" = 44 ]
	[ "$(get k1020)" = 1020 ]
}

@test "many calls without waiting for each" {
	sample_server listen=10.0.0.1
	sample_client target=10.0.0.1
	echo 2000 >$P/burst
	[ "$(rdmarpcctl -j stats show sample | jq .counters.requests_ok)" -eq 2000 ]
	[ "$(get key999)" = "" ]
	try "No such file" get key1000
}

@test "the client comes back when the server does" {
	sample_server listen=10.0.0.1
	sample_client target=10.0.0.1
	put key value
	unload server
	try "timed out" get key
	sample_server listen=10.0.0.1
	try "No such file" get key
	put key again
	[ "$(get key)" = again ]
}

@test "a server may be stopped under it" {
	sample_server listen=10.0.0.1
	rdmarpcctl server stop sample
	unload server
	rdmarpcctl server start s --listen $A4
	sample_server server=s
	rdmarpcctl server stop s
	unload server
}

@test "they do not load without a server, an address, a peer" {
	run ! sample_server server=nobody
	run ! sample_server listen=nowhere
	run ! sample_server listen=10.9.9.9
	run ! sample_client target=10.0.0.1 port=7999
	run ! sample_client target=nowhere
	rdmarpcctl server start s --listen $A4 --echo
	sample_server server=s
	unload server
}
