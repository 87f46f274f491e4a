#!/usr/bin/env bats
# Programs that serve with large requests and replies.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }
teardown_file() { stop_servers; }

setup() {
	handlers=()
	serve_options=()
	at=$BATS_TEST_TMPDIR
}

teardown() {
	end_handlers
	# Whatever happened: the server serves.
	[ "$(rdmarpcctl call $A4 0 alive)" = alive ]
}

pool() { timeout 100 "$LAB_TOP/build/tests/pool" "$1"; }

@test "a handler says how large its payloads are, and gets a pool for them" { pool handle; }
@test "a pool is where it is said to be, zero, and nobody else's" { pool mmap; }
@test "requests of any size from a message's on, and as large replies" { pool sizes; }
@test "a large reply is from its request's own area, once" { pool replies; }
@test "a reply that is too large is told, with its size if that is known" { pool too_large; }
@test "who needs an area waits for one, who needs none passes" { pool waits; }
@test "what was fetched but not delivered goes to another file" { pool dies; }
@test "what was fetched but not delivered, and there is no other file" { pool alone; }
@test "a large reply leaves whatever becomes of its handler" { pool leaves; }
@test "a fetched request whose time is over, or whose caller is gone" { pool late; }

@test "memory that handlers may not have is refused, and told" {
	local most=/sys/module/rdmarpc/parameters/handler_memory_mb was
	was=$(<$most)
	echo 0 >$most
	status=0
	pool none || status=$?
	echo "$was" >$most
	[ $status -eq 0 ]
}

# The large files that a command gets: smaller where the kernel checks or emulates itself.
bytes() { if [ "$LAB_KERNEL" = uml ]; then echo $(($1 << 20)); else echo $(($1 << 17)); fi; }

@test "cat: 64 MiB there and back" {
	head -c "$(bytes 64)" /dev/urandom >"$at/big"
	serve s 3 cat
	rdmarpcctl call $A4 3 - --timeout 60000 <"$at/big" | cmp - "$at/big"
	# Again in the same memory, with other bytes.
	head -c "$(bytes 64)" /dev/urandom >"$at/big"
	rdmarpcctl call $A4 3 - --timeout 60000 <"$at/big" | cmp - "$at/big"
}

# Eight callers have 40 MiB each, and as much room, which stays in memory meanwhile, and
# four areas of the pool as much again.
forty() { if [ "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" -gt 1800000 ]; then bytes 40; else bytes 10; fi; }

@test "sha256sum for eight at once: a licence, and what is large" {
	local gpl=/usr/share/common-licenses/GPL-3 f i
	[ -s $gpl ]
	head -c "$(forty)" /dev/urandom >"$at/big"
	serve_options=(--threads 4)
	serve s 7 sha256sum
	for f in $gpl "$at/big"; do
		for i in 1 2 3 4 5 6 7 8; do
			rdmarpcctl call $A4 7 - --timeout 120000 <"$f" >"$at/sum.$i" 3>&- &
		done
		wait $(jobs -p | grep -vx "$handler")
		for i in 1 2 3 4 5 6 7 8; do
			[ "$(<"$at/sum.$i")" = "$(sha256sum <"$f")" ]
		done
	done
}

@test "a command writes while it reads, before it has read all, and without reading" {
	head -c 3000000 /dev/urandom >"$at/big"
	serve s 3 sh -c 'head -c 1000000 /dev/zero; cat'
	{ head -c 1000000 /dev/zero; cat "$at/big"; } >"$at/want"
	rdmarpcctl call $A4 3 - --room 5000000 --timeout 60000 <"$at/big" | cmp - "$at/want"
	serve s 4 head -c 2000000 /dev/zero
	rdmarpcctl call $A4 4 - --timeout 60000 <"$at/big" | cmp - <(head -c 2000000 /dev/zero)
	serve s 5 true
	[ -z "$(rdmarpcctl call $A4 5 - --timeout 60000 <"$at/big")" ]
	serve s 6 sh -c 'cat; exit 9'
	run -$APP_ERROR rdmarpcctl call $A4 6 - --timeout 60000 <"$at/big"
}

@test "a command that writes more than there is room for: executed" {
	head -c 100000 /dev/urandom >"$at/big"
	serve s 3 sh -c 'cat; echo more'
	run -$MAYBE_EXECUTED rdmarpcctl call $A4 3 - <"$at/big"
	grep -q 'EMSGSIZE\|too large\|Message too long' <<<"$output"
	serve_options=(--max-reply 50000)
	serve s 4 cat
	run -$MAYBE_EXECUTED rdmarpcctl call $A4 4 - <"$at/big"
	[ "$(rdmarpcctl call $A4 4 small)" = small ]
}

@test "a pool too small for one request, and a method of larger ones, are refused" {
	run -$FAILED rdmarpcctl handler serve s 3 --pool 1000000 -- cat
	serve s 3 cat
	run -$FAILED rdmarpcctl handler serve s 3 --max-request 5000 -- cat
	grep -q 'larger requests' <<<"$output"
}

client_lost() { [ "$(rdmarpcctl -j client show | jq -r '.[] | "\(.state) \(.calls_in_flight)"')" = 'lost 0' ]; }

rests() { [ "$(resources_by_name)" = "$resources" ]; }

# A server of its own, whose end gives everything back.
begins() {
	resources=$(resources_by_name)
	rdmarpcctl server start t --listen 10.0.0.1:7486
	head -c "$(bytes 32)" /dev/urandom >"$at/big"
}

ends() {
	end_handlers
	rdmarpcctl server stop t
	wait_for 5 rests
}

@test "handlers killed at any time: each call ends as it should, nothing is left" {
	local status i done=0 maybe=0
	begins
	serve t 3 cat
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		first=${handlers[0]}
		serve t 3 cat
		rdmarpcctl call 10.0.0.1:7486 3 - --timeout 60000 <"$at/big" >"$at/back" 3>&- &
		caller=$!
		sleep "0.0$((RANDOM % 10))"
		kill -KILL -- "-$first"
		wait "$first" || true
		handlers=("$handler")
		status=0
		wait $caller || status=$?
		case $status in
		0) cmp "$at/back" "$at/big"; done=$((done + 1)) ;;
		"$MAYBE_EXECUTED") maybe=$((maybe + 1)) ;;
		*) echo "ended with $status"; return 1 ;;
		esac
	done
	echo "$done answered, $maybe maybe executed"
	ends
}

@test "callers killed, and deadlines, at any time: the handler serves on, nothing is left" {
	begins
	serve t 3 cat
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		rdmarpcctl call 10.0.0.1:7486 3 - --timeout 60000 <"$at/big" >/dev/null 2>&1 3>&- &
		caller=$!
		rdmarpcctl call 10.0.0.1:7486 3 - --timeout $((20 + RANDOM % 200)) <"$at/big" >/dev/null 2>&1 || true
		kill -KILL $caller || true
		wait $caller || true
	done
	rdmarpcctl call 10.0.0.1:7486 3 - --timeout 60000 <"$at/big" | cmp - "$at/big"
	ends
}

@test "connections closed, and the server stopped, with large payloads under way" {
	begins
	serve t 3 cat
	for _ in 1 2 3 4 5 6; do
		rdmarpcctl call 10.0.0.1:7486 3 - --timeout 60000 <"$at/big" >/dev/null 2>&1 3>&- &
		caller=$!
		sleep "0.$((RANDOM % 3))"
		close_connections
		wait $caller || true
	done
	# Who has always one under way, however fast they are.
	# shellcheck disable=SC2046 # a word each
	timeout 60 "$LAB_TOP/build/tests/big" 10.0.0.1:7486 3 $(yes "$(bytes 32)" | head -n 1000) \
		>/dev/null 2>&1 3>&- &
	caller=$!
	wait_for 10 connections_are 2
	rdmarpcctl server stop t
	wait_for 10 client_lost
	# It would try the rest of its thousand, in vain.
	pkill -KILL -x big
	wait $caller || true
	wait "$handler" || true
	wait_for 5 rests
}
