#!/usr/bin/env bats
# Many callers at once, in userspace and in the kernel, on one server: each
# reply is its request's, none is lost, and the counters say what happened.

load lib.bash

setup_file() {
	rdmarpcctl server start s --listen $A4 --echo
	case $LAB_KERNEL in
	6.*) export CALLERS=64 THREADS=8 CALLS=500 ;;
	uml) export CALLERS=64 THREADS=8 CALLS=50 ;;
	*) export CALLERS=16 THREADS=4 CALLS=10 ;;
	esac
}

teardown_file() { stop_servers; }

setup() { handlers=(); }

teardown() {
	end_handlers
	[ ! -e $P ] || rmmod rdmarpc_load
}

P=/sys/module/rdmarpc_load/parameters
COUNTED=(requests-received requests-ok requests-app-error requests-refused requests-expired
	requests-failed requests-dropped calls-started calls-ok calls-app-error
	calls-not-executed calls-executed calls-maybe-executed messages-bad)

remember() {
	local s
	declare -gA was
	for s in "${COUNTED[@]}"; do was[$s]=$(stat_of "$s"); done
}

# grown STAT BY
grown() {
	local by=$(($(stat_of "$1") - was[$1]))
	[ "$by" -eq "$2" ] || { echo "$1 grew by $by, not $2"; return 1; }
}

# counters_are TOTAL: as many calls as that, all of them fine, on both sides.
counters_are() {
	local s
	for s in requests-received requests-ok calls-started calls-ok; do grown $s "$1"; done
	for s in requests-app-error requests-refused requests-expired requests-failed \
		requests-dropped calls-app-error calls-not-executed calls-executed \
		calls-maybe-executed messages-bad; do grown $s 0; done
}

@test "userspace and kernel callers on a kernel handler" {
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=1 threads="$THREADS" gather="$CALLERS"
	remember
	"$LOAD" call $A4 1 "$CALLERS" "$CALLS" 3>&- >"$BATS_TEST_TMPDIR/user" &
	user=$!
	echo "$CALLS" >$P/run
	status=0
	wait $user || status=$?
	cat "$BATS_TEST_TMPDIR/user"
	grep . $P/ok $P/wrong $P/failed $P/last_error $P/served $P/peak
	[ $status -eq 0 ]
	[ "$(jq .ok "$BATS_TEST_TMPDIR/user")" -eq $((CALLERS * CALLS)) ]
	[ "$(cat $P/ok)" -eq $((THREADS * CALLS)) ]
	[ "$(cat $P/wrong)" -eq 0 ]
	[ "$(cat $P/failed)" -eq 0 ]
	total=$(((CALLERS + THREADS) * CALLS))
	[ "$(cat $P/served)" -eq $total ]
	# One processor and few calls: they need not all meet.
	case $LAB_KERNEL in
	6.*) [ "$(cat $P/peak)" -ge 64 ] ;;
	*) [ "$(cat $P/peak)" -ge $((CALLERS / 2)) ] ;;
	esac
	counters_are $total
	wait_for 5 connections_are 0
}

@test "kernel callers on an atomic kernel handler" {
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=2 threads="$THREADS" atomic=1
	remember
	echo "$CALLS" >$P/run
	[ "$(cat $P/ok)" -eq $((THREADS * CALLS)) ]
	counters_are $((THREADS * CALLS))
}

@test "userspace and kernel callers on a userspace handler" {
	mkfifo "$BATS_TEST_TMPDIR/ready"
	setsid "$LOAD" serve s 1 3>&- >"$BATS_TEST_TMPDIR/ready" &
	handlers+=($!)
	exec 4<"$BATS_TEST_TMPDIR/ready"
	read -r word <&4
	[ "$word" = ready ]
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" method=1 threads="$THREADS"
	remember
	"$LOAD" call $A4 1 "$CALLERS" "$CALLS" 3>&- 4>&- >"$BATS_TEST_TMPDIR/user" &
	user=$!
	echo "$CALLS" >$P/run
	status=0
	wait $user || status=$?
	cat "$BATS_TEST_TMPDIR/user"
	[ $status -eq 0 ]
	[ "$(cat $P/ok)" -eq $((THREADS * CALLS)) ]
	counters_are $(((CALLERS + THREADS) * CALLS))
}

@test "calls of an unknown method are counted as refused on both sides" {
	remember
	run ! "$LOAD" call $A4 77 4 10
	[ "$(jq .refused <<<"$output")" -eq 40 ]
	grown requests-refused 40
	grown calls-not-executed 40
	grown requests-ok 0
}
