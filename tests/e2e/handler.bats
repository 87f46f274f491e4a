#!/usr/bin/env bats
# Handlers in userspace: answers, failures, deadlines, deaths.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }
teardown_file() { stop_servers; }
setup() { handlers=(); }
teardown() {
	end_handlers
	# Whatever happened: the server serves.
	[ "$(rdmarpcctl call $A4 0 alive)" = alive ]
}

@test "cat answers with the request, byte for byte" {
	serve s 1 cat
	for n in 0 1 4064; do
		head -c $n /dev/urandom >"$BATS_TEST_TMPDIR/in"
		rdmarpcctl call $A4 1 - <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
		cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
	done
}

@test "wc counts the words of a call" {
	serve s 2 wc -w
	run -0 rdmarpcctl call $A4 2 'one two three'
	[ "$output" -eq 3 ]
}

@test "a command that fails is an application error with its number" {
	serve s 3 sh -c 'echo sorry; exit 7'
	run -$APP_ERROR rdmarpcctl call $A4 3 x
	grep -q 7 <<<"$output"
}

@test "a reply that is too long is told, and the next call works" {
	serve s 4 sh -c 'if [ "$(cat)" = big ]; then head -c 5000 /dev/zero; else echo small; fi'
	run ! rdmarpcctl call $A4 4 big
	run -0 rdmarpcctl call $A4 4 x
	[ "$output" = small ]
}

@test "a handler killed mid-request: maybe executed" {
	slow_handler
	rdmarpcctl call $A4 5 slow 3>&- 2>"$BATS_TEST_TMPDIR/err" &
	caller=$!
	read -r _ <"$begun"
	kill -KILL "$handler"
	status=0
	wait $caller || status=$?
	cat "$BATS_TEST_TMPDIR/err"
	[ $status -eq $MAYBE_EXECUTED ]
	run -$NOT_EXECUTED rdmarpcctl call $A4 5 fast
}

@test "a caller killed mid-call leaves no connection, and the handler serves on" {
	slow_handler
	rdmarpcctl call $A4 5 slow 3>&- &
	caller=$!
	read -r _ <"$begun"
	kill -KILL $caller
	wait $caller || true
	wait_for 5 connections_are 0
	run -0 rdmarpcctl call $A4 5 fast
	[ "$output" = fast ]
}

@test "a program that calls itself can be killed" {
	local began refcnt itself
	refcnt=$(</sys/module/rdmarpc/refcnt)
	itself=$BATS_TEST_TMPDIR/itself
	mkfifo "$itself"
	"$LAB_TOP/build/tests/itself" $A4 s 6 3>&- >"$itself" &
	program=$!
	read -r -t 20 said <"$itself"
	[ "$said" = held ]
	began=$(now_ms)
	kill -KILL $program
	wait $program || true
	wait_for 5 connections_are 0
	echo "gone after $(($(now_ms) - began)) ms"
	[ "$(</sys/module/rdmarpc/refcnt)" = "$refcnt" ]
}

@test "a caller killed mid-call: the command that works for it is killed" {
	slow_handler
	rdmarpcctl call $A4 5 slow --timeout 600000 3>&- &
	caller=$!
	read -r command <"$begun"
	kill -KILL $caller
	wait $caller || true
	gone() { [ ! -e "/proc/$command" ]; }
	wait_for 5 gone
}

@test "a deadline that passes: maybe executed, in time, the command killed" {
	slow_handler
	start=$(now_ms)
	rdmarpcctl call $A4 5 slow --timeout 700 3>&- 2>"$BATS_TEST_TMPDIR/err" &
	caller=$!
	read -r command <"$begun"
	status=0
	wait $caller || status=$?
	took=$(($(now_ms) - start))
	echo "took $took ms"
	cat "$BATS_TEST_TMPDIR/err"
	[ $status -eq $MAYBE_EXECUTED ]
	[ $took -ge 700 ]
	[ $took -le "$(slow_ms 3000)" ]
	gone() { [ ! -e "/proc/$command" ]; }
	wait_for 5 gone
	run -0 rdmarpcctl call $A4 5 fast
	[ "$output" = fast ]
}

@test "a server stopped under its handler ends both" {
	rdmarpcctl server start short --listen 10.0.0.1:7475
	rdmarpcctl handler serve short 1 -- cat 3>&- &
	handler=$!
	wait_for 10 rdmarpcctl call 10.0.0.1:7475 1 x
	rdmarpcctl server stop short
	# It ends by itself; with what status is its own business.
	wait $handler || true
	run ! kill -0 $handler
}

@test "no handler for a server that is not there" {
	run ! rdmarpcctl handler serve nosuch 1 -- cat
	[ -n "$output" ]
}

@test "a command that is not there is told before anybody calls" {
	run -$FAILED rdmarpcctl handler serve s 1 -- no-such-command
	grep -q 'there is no command no-such-command' <<<"$output"
}

@test "the echo's method is taken" {
	run ! timeout 10 rdmarpcctl handler serve s 0 -- cat
	[ "$status" -ne 124 ]
}
