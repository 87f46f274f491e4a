#!/usr/bin/env bats
# The netlink family as uapi/rdmarpc.yaml describes it, driven by the client that
# the kernel's source has for such descriptions.

load lib.bash

setup_file() {
	export YNL
	YNL=$LAB_DIR/kernel/$(<"$LAB_DIR/kernel/source")/tools/net/ynl/pyynl/cli.py
	rdmarpcctl server start s --listen $A4 --echo
}

teardown_file() { stop_servers; }

setup() { handlers=(); }
teardown() { end_handlers; }

# It does not know attributes that only fill up.
ynl() {
	/usr/bin/python3 "$YNL" --spec "$LAB_TOP/uapi/rdmarpc.yaml" --no-schema --process-unknown \
		--output-json "$@" 3>&-
}

# told JQ: what the last ynl printed.
told() { jq -r "$1" <<<"$output"; }

# refused ERRNO WORDS COMMAND…: by that error, and told why.
refused() {
	local -A texts=([2]='No such file or directory' [22]='Invalid argument')
	local error=${texts[$1]} words=$2
	shift 2
	run ynl "$@"
	echo "$output"
	grep -q "^Netlink error: .*$words.*: $error" <<<"$output"
}

@test "a server is made, changed, shown and stopped" {
	ynl --do server-new --json '{"name": "t", "address": "02001d370a0000010000000000000000",
		"echo": true, "max-calls": 5, "handler-uids": "e8030000"}'
	run -0 rdmarpcctl call 10.0.0.1:7479 0 hello
	[ "$output" = hello ]
	ynl --do server-set --json '{"name": "t", "max-connections": 7, "handler-gid": 100,
		"max-payload": 100000, "bulk-memory": 3}'
	run -0 ynl --do server-get --json '{"name": "t"}'
	[ "$(told '[."max-payload", ."bulk-memory"] | join(" ")')" = "100000 3" ]
	[ "$(told '[."max-calls", ."max-connections", ."handler-gid", ."handler-uids"[0], .state] | join(" ")')" \
		= "5 7 100 1000 listening" ]
	ynl --do server-set --json '{"name": "t", "handler-uids": "", "handler-gid": 4294967295}'
	run -0 ynl --do server-get --json '{"name": "t"}'
	[ "$(told '[."max-calls", ."handler-gid", (."handler-uids" | length)] | join(" ")')" = "5 4294967295 0" ]
	ynl --do server-del --json '{"name": "t"}'
	run -0 ynl --dump server-get
	[ "$(told 'map(.name) | join(" ")')" = s ]
}

@test "limits hold for what comes after them" {
	ynl --do server-set --json '{"name": "s", "max-connections": 1}'
	slow_handler
	rdmarpcctl call $A4 5 slow 3>&- &
	local caller=$!
	read -r _ <"$begun"
	run -$REFUSED rdmarpcctl call $A4 0 x
	kill -KILL $caller
	wait $caller || true
	wait_for 5 connections_are 0
	ynl --do server-set --json '{"name": "s", "max-connections": 1024}'
	run -0 rdmarpcctl call $A4 0 x
}

@test "handlers of each kind are shown" {
	serve s 7 cat
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=8 atomic=1
	run -0 ynl --dump handler-get
	rmmod rdmarpc_load
	[ "$(told 'map("\(.method) \(.kind) \(.files)") | join(", ")')" \
		= "0 echo 0, 7 program 1, 8 kernel-atomic 0" ]
	run -0 ynl --do handler-get --json '{"server": "s", "method": 7}'
	[ "$(told .kind)" = program ]
}

@test "clients and connections are shown while they are there, and closed" {
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 60000 3>&- 2>"$BATS_TEST_TMPDIR/err" &
	local caller=$! id status=0
	read -r _ <"$begun"
	run -0 ynl --dump client-get
	[ "$(told '.[0] | "\(.pid) \(.uid) \(.comm) \(."calls-in-flight") \(.state)"')" = "$caller 0 rdmarpcctl 1 connected" ]
	local client connection
	read -r client connection < <(told '.[0] | "\(.id) \(.connection)"')
	run -0 ynl --do client-get --json "{\"id\": $client}"
	[ "$(told .connection)" -eq "$connection" ]
	refused 2 'no client' --do client-get --json "{\"id\": $connection}"
	run -0 ynl --do connection-get --json "{\"id\": $connection}"
	[ "$(told '"\(.role) \(.client)"')" = "client $client" ]
	run -0 ynl --dump connection-get
	[ "$(told '.[] | select(.role == "server") | has("client")')" = false ]
	[ "$(told 'map(.role) | sort | join(" ")')" = "client server" ]
	id=$(told '.[] | select(.role == "server") | .id')
	run -0 ynl --do poller-get --json '{"name": "s", "server": true}'
	[ "$(told .connections)" -eq 1 ]
	ynl --do connection-del --json "{\"id\": $id}"
	wait $caller || status=$?
	[ $status -eq $MAYBE_EXECUTED ]
	refused 2 'no connection' --do connection-del --json "{\"id\": $id}"
}

# Return: whether both ends of a connection have measured calls, with as many in their
# buckets as they count.
both_measured() {
	run ynl --dump connection-get
	[ "$(told 'map(select(.latency.count > 9 and .latency.count == (.latency.buckets | add)
		and ."latency"."max-ns" > 0) | .role) | sort | join(" ")')" = "client server" ]
}

@test "how long calls take is told of methods and connections" {
	serve s 7 sh -c 'sleep 0.05'
	for _ in 1 2 3; do rdmarpcctl call $A4 7 x; done
	run -0 ynl --do handler-get --json '{"server": "s", "method": 7}'
	[ "$(told .latency.count)" -eq 3 ]
	[ "$(told '.latency."max-ns"')" -ge 50000000 ]
	# Three took 50 ms, which begins in bucket 63, and more.
	[ "$(told '.latency.buckets | "\(.[:63] | add) \(add)"')" = "0 3" ]
	run -0 ynl --do handler-get --json '{"server": "s", "method": 0}'
	local before
	before=$(told .latency.count)

	rdmarpcctl ping $A4 -c 1000000 3>&- >/dev/null &
	local caller=$!
	wait_for 10 both_measured
	kill -KILL $caller
	wait $caller || true
	wait_for 5 connections_are 0
	run -0 ynl --do handler-get --json '{"server": "s", "method": 0}'
	[ "$(told .latency.count)" -ge $((before + 10)) ]
}

@test "Pollers count what they do" {
	run -0 ynl --do poller-get --json '{"name": "s", "server": true}'
	local before
	before=$(told .completions)
	[ "$(cat "/proc/$(told .pid)/comm")" = rdmarpc/s ]
	rdmarpcctl call $A4 0 x
	run -0 ynl --do poller-get --json '{"name": "s", "server": true}'
	# At least the arrivals of the proof and of the request.
	[ "$(told .completions)" -ge $((before + 2)) ]
	run -0 ynl --dump poller-get
	[ "$(told 'map(.name) | join(" ")')" = "clients s" ]
}

@test "counters" {
	run -0 ynl --do stats-get --json '{"server": "s"}'
	[ "$(told '."requests-ok"')" -ge 1 ]
}

# hear_events: a line for each comes to file descriptor 4.
hear_events() {
	mkfifo "$BATS_TEST_TMPDIR/events"
	/usr/bin/python3 -u "$LAB_TOP/tests/e2e/events.py" "$YNL" "$LAB_TOP/uapi/rdmarpc.yaml" \
		3>&- >"$BATS_TEST_TMPDIR/events" &
	listener=$!
	exec 4<"$BATS_TEST_TMPDIR/events"
	read -r line <&4
	[ "$line" = listening ]
}

hear_no_more() {
	kill "$listener"
	wait "$listener" || true
	cat "$BATS_TEST_TMPDIR/seen"
}

@test "events tell of servers and connections, in order and without a gap" {
	hear_events
	rdmarpcctl server start t --listen 10.0.0.1:7479 --max-connections 1
	rdmarpcctl call 10.0.0.1:7479 0 x 4>&- || true
	wait_for 5 connections_are 0
	rdmarpcctl server stop t
	timeout 10 sed '/server-ntf t stopping/q' <&4 >"$BATS_TEST_TMPDIR/seen"
	hear_no_more
	for what in 'server-ntf t listening' 'connection-ntf server t active' 'connection-ntf client - active' \
		'connection-ntf server t closing' 'server-ntf t stopping'; do
		[ "$(grep -c "^[0-9]* $what\$" "$BATS_TEST_TMPDIR/seen")" -eq 1 ]
	done
	awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }' "$BATS_TEST_TMPDIR/seen"
}

@test "an event has all that changed" {
	hear_events
	ynl --do server-set --json '{"name": "s", "handler-uids": "e8030000e9030000", "handler-gid": 100}' 4>&-
	timeout 10 sed '/server-ntf s/q' <&4 >"$BATS_TEST_TMPDIR/seen"
	hear_no_more
	ynl --do server-set --json '{"name": "s", "handler-uids": "", "handler-gid": 4294967295}'
	grep -q "server-ntf s listening users=1000,1001 group=100\$" "$BATS_TEST_TMPDIR/seen"
}

@test "peers that break the protocol are told of, with the reason" {
	needs_peer
	hear_events
	"$LAB_TOP/tests/peer/rude.py" 10.0.0.1 7471 hello 1 4>&-
	"$LAB_TOP/tests/peer/rude.py" 10.0.0.1 7471 bad 4>&-
	"$LAB_TOP/tests/peer/rude.py" 10.0.0.1 7471 silent 4>&-
	rdmarpcctl call 10.0.0.1:7999 0 x 4>&- || true
	timeout 10 sed '/nobody listens/q' <&4 >"$BATS_TEST_TMPDIR/seen"
	hear_no_more
	cut -d ' ' -f 2- "$BATS_TEST_TMPDIR/seen" | diff -u - /dev/fd/5 5<<-EVENTS
		error-ntf connection-refused malformed: not a request of this protocol
		connection-ntf server s active
		error-ntf bad-message type: an unknown type
		connection-ntf server s closing
		error-ntf handshake-failed it timed out
		error-ntf handshake-failed nobody listens there, or the server is stopping
	EVENTS
}

@test "a server that never listened is not told of" {
	hear_events
	run ! rdmarpcctl server start t --listen $A4 4>&-
	ynl --do server-set --json '{"name": "s", "max-calls": 30}' 4>&-
	timeout 10 sed '/server-ntf s/q' <&4 >"$BATS_TEST_TMPDIR/seen"
	hear_no_more
	run ! grep -q ' t ' "$BATS_TEST_TMPDIR/seen"
}

@test "what is wrong is refused, and told" {
	refused 22 'missing' --do server-new --json '{"name": "t"}'
	refused 22 'neither IPv4' --do server-new --json '{"name": "t", "address": "0100"}'
	refused 22 'too short' --do server-new --json '{"name": "t", "address": "0200"}'
	refused 22 'letters' --do server-get --json '{"name": "a/b"}'
	refused 2 'no server' --do server-set --json '{"name": "nosuch"}'
	refused 22 '65536' --do server-set --json '{"name": "s", "max-connections": 65537}'
	refused 22 '510' --do server-set --json '{"name": "s", "max-calls": 511}'
	refused 22 '4064 bytes' --do server-set --json '{"name": "s", "max-payload": 4063}'
	refused 22 '67108864' --do server-set --json '{"name": "s", "max-payload": 67108865}'
	refused 22 '1048576 MiB' --do server-set --json '{"name": "s", "bulk-memory": 1048577}'
	refused 22 '64 numbers' --do server-set --json '{"name": "s", "handler-uids": "0102"}'
	refused 22 'user' --do server-set --json '{"name": "s", "handler-uids": "ffffffff"}'
	refused 22 'id is missing' --do connection-get --json '{}'
	refused 2 'Nobody answers' --do handler-get --json '{"server": "s", "method": 99}'
	refused 2 'no client' --do client-get --json '{"id": 4294967295}'
	refused 22 'allow nothing' --do server-set --json '{"name": "s", "max-calls": 0}'
	refused 22 'allow nothing' --do server-new --json '{"name": "t", "address": "02001d370a0000010000000000000000", "max-connections": 0}'
	refused 2 'named clients' --do poller-get --json '{"name": "nosuch"}'
	# More users than there may be.
	refused 22 '64 numbers' --do server-set --json "{\"name\": \"s\", \"handler-uids\": \"$(printf '%0520d' 0)\"}"
}

@test "what the family does not know, or not there, is refused" {
	# An attribute of the family that this request does not take.
	refused 22 'nknown attribute' --do server-get --json '{"name": "s", "handler-gid": 1}'
	refused 22 'nsupported attribute' --do server-del --json '{"name": "s", "handler-gid": 1}'
	refused 22 'drain' --do server-del --json '{"name": "s", "drain-ms": 3600001}'
	# One that it tells, and does not take.
	refused 22 'nsupported attribute' --do server-set --json '{"name": "s", "owner-uid": 1}'
	refused 22 'policy' --do server-get --json '{"name": "a234567890123456789012345678901-"}'
	"$LAB_TOP/tests/e2e/strict.py"
}

@test "a dump of servers survives changes underneath it" {
	local i
	"$LAB_TOP/build/tests/dump" servers >"$BATS_TEST_TMPDIR/names"
	# It had not come to the last when they went.
	run ! grep -qx d80 "$BATS_TEST_TMPDIR/names"
	# Those that stayed are told once, nobody twice.
	for i in {11..70}; do [ "$(grep -cx "d$i" "$BATS_TEST_TMPDIR/names")" -eq 1 ]; done
	[ "$(sort "$BATS_TEST_TMPDIR/names" | uniq -d | wc -l)" -eq 0 ]
	[ "$(servers)" = s ]
}

@test "a dump of connections survives the end of a server, and clients that come and go" {
	run -0 "$LAB_TOP/build/tests/dump" connections
	echo "$output"
	read -r before stayed wrong <<<"$output"
	[ "$before" -eq 160 ]
	# Both sides of 30 clients of the server that stayed.
	[ "$stayed" -ge 60 ]
	[ "$wrong" -eq 0 ]
}

@test "a dump of clients tells of each once, though all reconnect meanwhile" {
	run -0 "$LAB_TOP/build/tests/dump" clients
	echo "$output"
	read -r there wrong reconnected <<<"$output"
	[ "$there" -eq 120 ]
	[ "$wrong" -eq 0 ]
	# Some were told of after that.
	[ "$reconnected" -gt 0 ]
}
