#!/usr/bin/env bats
# Clients that reconnect: what waits, what is told at once, what is tried again.

load lib.bash

R=10.0.0.1:7482
P=/sys/module/rdmarpc_reconnect/parameters
# Flags of a call, and of a submission.
NOTHING=0 WAIT=1 IDEMPOTENT=2 AGAIN=2

setup_file() { insmod "$LAB_MODULES_DIR/rdmarpc_reconnect.ko"; }

teardown_file() { rmmod rdmarpc_reconnect; }

setup() {
	handlers=()
	at=$BATS_TEST_TMPDIR
	refcnt=$(cat /sys/module/rdmarpc/refcnt)
	come
}

teardown() {
	# They have its pipes open, too.
	end_handlers
	end_caller
	stop_servers
}

come() { rdmarpcctl server start r --listen $R --echo; }
go() { rdmarpcctl server stop r "$@"; }

# start_caller DEPTH: in $caller, told through fd 8, heard through fd 9.
start_caller() {
	mkfifo "$at/to" "$at/from"
	"$LAB_TOP/build/tests/caller" $R "$1" <"$at/to" >"$at/from" 3>&- &
	caller=$!
	exec 8>"$at/to" 9<"$at/from"
	hears ok
}

end_caller() {
	[ -n "$caller" ] || return 0
	exec 8>&- 9<&-
	wait "$caller"
	caller=
}

tell() { echo "$*" >&8; }

# hears ANSWER: to what was told first and has not been heard yet.
hears() {
	local said
	read -r -t 30 said <&9 || { echo "no answer"; return 1; }
	[ "$said" = "$*" ] || { echo "not $* but $said"; return 1; }
}

# tells_at_once ANSWER COMMAND…
tells_at_once() {
	local began said
	began=$(now_ms)
	tell "${@:2}"
	read -r -t 30 said <&9
	[ $(($(now_ms) - began)) -le "$(slow_ms 1000)" ] || { echo "took long"; return 1; }
	[ "$said" = "$1" ]
}

no_connection() { tells_at_once "ENOTCONN not-executed" call $NOTHING 0 5000 x; }

@test "a connection that is closed is replaced, and who waits sees nothing of it" {
	start_caller 2
	was=$(stat_of reconnections)
	for _ in 1 2 3; do
		tell call $WAIT 0 10000 x
		hears ok ok x
		close_connections
	done
	tell call $WAIT 0 10000 y
	hears ok ok y
	[ $(($(stat_of reconnections) - was)) -eq 3 ]
	# Those before are gone, this end of them, too.
	wait_for 5 connections_are 2
}

# client_is JQ: what is told of the client, of which there is one.
client_is() { rdmarpcctl -j client show | jq -r "if length == 1 then .[0] | $1 else length end"; }
client_in_state() { [ "$(client_is .state)" = "$1" ]; }

@test "a client keeps its id, and tells which connection it has, and whether" {
	start_caller 2
	id=$(client_is .id)
	first=$(client_is .connection)
	[ "$(client_is '"\(.state) \(.reconnections)"')" = "connected 0" ]
	close_connections
	tell call $WAIT 0 10000 x
	hears ok ok x
	[ "$(client_is '"\(.id) \(.state) \(.reconnections)"')" = "$id connected 1" ]
	second=$(client_is .connection)
	[ "$second" -gt "$first" ]
	[ "$(rdmarpcctl -j connection show | jq -r ".[] | select(.id == $second) | \"\(.role) \(.client)\"")" = "client $id" ]
	# A client's number is no connection's.
	run -$FAILED rdmarpcctl connection close "$id"
	# What it did on that connection is its.
	[ "$(rdmarpcctl -js client show | jq '.[0].latency.count')" -eq 1 ]
	go
	wait_for 5 client_in_state reconnecting
	[ "$(client_is '"\(.id) \(.connection) \(.reconnections)"')" = "$id $second 1" ]
	come
	wait_for 10 client_in_state connected
	[ "$(client_is '"\(.id) \(.reconnections)"')" = "$id 2" ]
}

@test "a client that does not reconnect is told of as lost" {
	rdmarpcctl ping $R -c 1000000 3>&- >/dev/null 2>&1 &
	caller=$!
	wait_for 10 client_in_state connected
	kill -STOP $caller
	close_connections
	wait_for 5 client_in_state lost
	kill -KILL $caller
	wait $caller || true
	caller=
}

@test "who does not wait is told at once, and can call again when there is a connection" {
	start_caller 2
	go
	wait_for 5 no_connection
	come
	tell call $WAIT 0 10000 x
	hears ok ok x
	tell call $NOTHING 0 5000 y
	hears ok ok y
}

@test "a call waits for the server that comes" {
	start_caller 2
	go
	wait_for 5 no_connection
	tell call $WAIT 0 20000 x
	sleep 1
	come
	hears ok ok x
}

@test "a call waits for the handler that comes" {
	start_caller 2
	tells_at_once "EOPNOTSUPP not-executed" call $NOTHING 7 5000 x
	tell call $WAIT 7 20000 x
	sleep 0.5
	serve r 7 cat
	hears ok ok x
	tell call $WAIT 9 300 x
	hears EOPNOTSUPP not-executed
}

@test "a call waits no longer than its time" {
	start_caller 2
	go
	wait_for 5 no_connection
	began=$(now_ms)
	tell call $WAIT 0 700 x
	hears ETIMEDOUT not-executed
	took=$(($(now_ms) - began))
	echo "took $took ms"
	[ $took -ge 700 ]
	[ $took -le "$(slow_ms 5000)" ]
}

@test "a server is drained and started: who waits sees nothing of it" {
	start_caller 2
	for i in 1 2 3; do
		go --drain 10
		tell call $WAIT 0 20000 "x$i"
		come
		hears ok ok "x$i"
	done
}

# A handler of method 5 that holds the first request of all, and answers the others.
first_is_slow() {
	mkfifo "$at/begun"
	cat >"$at/first" <<SH
#!/bin/sh
mkdir "$at/has_begun" 2>/dev/null || exec cat
echo >"$at/begun"
exec sleep 1000
SH
	chmod +x "$at/first"
	serve r 5 "$at/first"
	slow=$handler
}

# tell_slow FLAGS MS: a call that is held.
tell_slow() {
	tell call "$1" 5 "$2" x
	read -r -t 30 _ <>"$at/begun"
}

kill_slow() { kill -KILL -- "-$slow"; }

state_of() { rdmarpcctl -j server show | jq -r ".[] | select(.name == \"$1\").state"; }
drains() { [ "$(state_of r)" = draining ]; }

@test "a server that comes while the last one is still drained is called at once" {
	start_caller 2
	first_is_slow
	rdmarpcctl call $R 5 x --timeout 60000 3>&- 8>&- 9<&- >/dev/null 2>"$at/err" &
	other=$!
	read -r -t 30 _ <>"$at/begun"
	go --drain 60 3>&- 8>&- 9<&- &
	draining=$!
	wait_for 5 drains
	rdmarpcctl server start next --listen $R --echo
	tell call $WAIT 0 10000 x
	hears ok ok x
	# Not because the last one has gone.
	drains
	kill_slow
	status=0
	wait $other || status=$?
	[ $status -eq $MAYBE_EXECUTED ]
	wait $draining
}

@test "an idempotent call is answered though its handler is killed" {
	start_caller 2
	first_is_slow
	was=$(stat_of retries)
	tell_slow $IDEMPOTENT 20000
	serve r 5 cat
	kill_slow
	hears ok ok x
	[ $(($(stat_of retries) - was)) -eq 1 ]
}

@test "only the attempt after it may have been executed is paid for" {
	start_caller 2
	first_is_slow
	was=$(stat_of retries)
	tell_slow $IDEMPOTENT 20000
	kill_slow
	# Several attempts find no handler meanwhile, and are not executed.
	sleep 1
	serve r 5 cat
	hears ok ok x
	[ $(($(stat_of retries) - was)) -eq 1 ]
}

@test "another call is told that its handler died" {
	start_caller 2
	first_is_slow
	was=$(stat_of retries)
	tell_slow $WAIT 20000
	serve r 5 cat
	kill_slow
	hears EOWNERDEAD maybe-executed
	[ "$(stat_of retries)" -eq "$was" ]
}

@test "an idempotent call is answered over the next connection" {
	start_caller 2
	first_is_slow
	tell_slow $IDEMPOTENT 20000
	close_connections
	hears ok ok x
}

@test "another call is told that its connection was lost" {
	start_caller 2
	first_is_slow
	tell_slow $WAIT 20000
	close_connections
	hears ECONNRESET maybe-executed
}

@test "what may have been executed remains so, whatever comes later" {
	start_caller 2
	first_is_slow
	tell_slow $IDEMPOTENT 1500
	go
	hears ECONNRESET maybe-executed
}

@test "one of ten calls is tried again, and a reserve of ten" {
	start_caller 1
	one() {
		tell submit "$1" 0
		hears 1
		tell reap
		hears ok ok
		tell poll 10000
		hears out
	}
	was=$(stat_of retries)
	for _ in {1..10}; do one $AGAIN; done
	tell submit $AGAIN 0
	hears EDQUOT
	for _ in {1..10}; do one $NOTHING; done
	one $AGAIN
	tell submit $AGAIN 0
	hears EDQUOT
	[ $(($(stat_of retries) - was)) -eq 11 ]
}

@test "for an event loop, no connection is no room" {
	start_caller 2
	tells_at_once "out" poll 5000
	go
	lost() { tells_at_once ENOTCONN submit $NOTHING 0; }
	wait_for 5 lost
	tells_at_once EAGAIN submit $WAIT 0
	tells_at_once "" poll 0
	tell poll 20000
	come
	hears out
	tell submit $NOTHING 0
	hears 1
	tell reap
	hears ok ok
}

@test "attempts are apart, and more so with time" {
	local t=/sys/kernel/tracing
	[ -d $t/events/rdmarpc ] || skip "this kernel traces no events"
	echo >$t/trace
	echo 1 >$t/events/rdmarpc/rdmarpc_client_redial/enable
	start_caller 2
	go
	sleep 3
	echo 0 >$t/events/rdmarpc/rdmarpc_client_redial/enable
	tries=$(grep -c 'rdmarpc_client_redial: ' $t/trace)
	grep 'rdmarpc_client_redial: ' $t/trace
	# Steps of 10, 20, … 2000 ms, of which half passes at least.
	[ "$tries" -ge 4 ]
	[ "$tries" -le 11 ]
	[ "$(grep -c 'error=-111 ' $t/trace)" -eq $((tries - 1)) ]
}

at_rest() { [ "$(cat /sys/module/rdmarpc/refcnt)" = "$refcnt" ] && connections_are 0; }

@test "a client that is closed or killed tries no more" {
	start_caller 2
	go
	wait_for 5 no_connection
	began=$(now_ms)
	end_caller
	[ $(($(now_ms) - began)) -le "$(slow_ms 2000)" ]
	wait_for 5 at_rest
	rm "$at/to" "$at/from"
	come
	start_caller 2
	go
	tell call $WAIT 0 60000 x
	kill -KILL "$caller"
	wait "$caller" || true
	caller=
	exec 8>&- 9<&-
	wait_for 5 at_rest
}

used() { echo "$1" >$P/run || { dmesg | tail -n 5; return 1; }; }

@test "kernel: a call waits for the server that comes" { used waits; }
@test "kernel: who does not wait is told at once" { used at_once; }
@test "kernel: a call waits no longer than its time" { used deadline; }

held() { dmesg | grep -c 'the first request is held' || true; }
held_are() { [ "$(held)" -eq "$1" ]; }

# used_and CASE COMMAND…: which is run once the first request is held.
used_and() {
	local user was
	was=$(held)
	used "$1" 3>&- &
	user=$!
	wait_for 10 held_are $((was + 1))
	"${@:2}"
	wait $user
}

@test "kernel: an idempotent call is answered over the next connection" { used_and idempotent close_connections; }
@test "kernel: another call is told that its connection was lost" { used_and not_idempotent close_connections; }
@test "kernel: what may have been executed remains so, whatever comes later" { used_and remains rdmarpcctl server stop reconnect; }
@test "kernel: a client is destroyed under a call that waits for ever" { used destroyed; }
@test "kernel: a reply that has come before its connection's end counts" {
	[ "$LAB_KERNEL" != uml-debug ] || skip "this kernel sees who sleeps where one may not"
	used parting
}
@test "kernel: unknown flags are refused" { used refused; }
