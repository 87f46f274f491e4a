#!/usr/bin/env bats
# In a guest: what the programs and modules of the documents do, as built by
# docs.bats in $DOCS.

load ../e2e/lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }

teardown_file() { stop_servers; }

teardown() {
	[ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true
}

program() {
	local name=$1
	shift
	LD_LIBRARY_PATH=$DOCS/tree/usr/local/lib timeout 30 "$DOCS/man/$name" "$@"
}

# background NAME ARGS…: its output in $said, its process in $pid, once it serves.
background() {
	said=$BATS_TEST_TMPDIR/said
	# Without timeout: a signal is for the program itself.
	LD_LIBRARY_PATH=$DOCS/tree/usr/local/lib "$DOCS/man/$1" "${@:2}" >"$said" 3>&- &
	pid=$!
	wait_for 10 grep -qx serving "$said"
}

@test "README.md" { [ "$(program readme-program)" = hello ]; }

@test "librdmarpc(3)" { [ "$(program upper 10.0.0.1:7472 hello)" = HELLO ]; }

@test "rdmarpc_client_open(3)" {
	[ "$(program connect $A4)" = "up to 30 calls at a time" ]
	run -1 program connect 10.0.0.1:7999
	[ "${#lines[@]}" -eq 2 ]
}

@test "rdmarpc_call(3)" {
	[ "$(program call $A4 0 hello)" = hello ]
	run -1 program call $A4 77 hello
	[[ $output == "not executed: "* ]]
}

@test "rdmarpc_submit(3)" { [ "$(program batch $A4)" = "1000 of 1000 replies" ]; }

@test "rdmarpc_handler_open(3)" {
	rdmarpcctl server start other --listen 10.0.0.1:7473
	background reverse other 1
	[ "$(program call 10.0.0.1:7473 1 hello)" = olleh ]
	run -1 program call 10.0.0.1:7473 1 ''
	[ "$output" = "the handler's error 1" ]
	rdmarpcctl server stop other
	wait "$pid"
}

@test "rdmarpc_handler_run(3)" {
	background sum s 2
	[ "$(program call $A4 2 5)" = 5 ]
	[ "$(program call $A4 2 7)" = 12 ]
	run -1 program call $A4 2 ''
	[ "$output" = "the handler's error 1" ]
	kill -TERM "$pid"
	wait "$pid"
	grep -qx "12 in all" "$said"
}

@test "rdmarpc_admin_open(3)" {
	run -0 program servers made 10.0.0.1:7474
	grep -qx "made at 10.0.0.1:7474: 0 of 10 connections" <<<"$output"
	grep -qx "s at $A4: 0 of 1024 connections" <<<"$output"
	[ "${lines[-1]}" = "made was there" ]
	run ! rdmarpcctl server show made
	run -1 program servers s 10.0.0.1:7474
	[[ $output == *exists* ]]
}

@test "rdmarpc_error_text(3)" {
	run -0 program errors
	[ "${lines[0]}" = "EOPNOTSUPP, not executed: the server has no handler for this method" ]
	[ "${lines[3]}" = "the name is taken; choose another, or stop the server that has it" ]
	[ "${lines[4]}" = "Is a directory" ]
}

@test "rdmarpc_latency_percentile(3)" {
	rdmarpcctl call $A4 0 hello >/dev/null
	run -0 program latency
	[[ $output =~ "method 0: half of "[1-9][0-9]*" requests took at most "[0-9]+\.[0-9]" us" ]]
}

@test "rdmarpc_resolve(3)" {
	[ "$(program resolve $A4)" = "$A4 answers" ]
	run -1 program resolve nonsense
}

@test "docs/kernel-api.md" {
	cd "$DOCS/kernel"
	stop_servers
	bash -e try.sh >"$BATS_TEST_TMPDIR/out"
	diff -u try.out "$BATS_TEST_TMPDIR/out"
}

@test "rdmarpc_events_open(3)" {
	background listen
	rdmarpcctl server start heard --listen 10.0.0.1:7478
	wait "$pid"
	grep -qx 'something happened to heard' "$said"
	rdmarpcctl server stop heard
}
