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

# Programs start slowly in an emulator: all counters are read at once.
read_stats() { rdmarpcctl -j stats show | jq -r '.counters | to_entries[] | "\(.key | gsub("_"; "-")) \(.value)"'; }

remember() {
	local name value
	declare -gA was=()
	while read -r name value; do was[$name]=$value; done < <(read_stats)
}

# grew NAME=BY…: by how much each has grown since remember.
grew() {
	local name value want bad=0
	local -A is=()
	while read -r name value; do is[$name]=$value; done < <(read_stats)
	for want; do
		name=${want%=*}
		value=$((is[$name] - was[$name]))
		[ "$value" -eq "${want#*=}" ] || { echo "$name grew by $value, not ${want#*=}"; bad=1; }
	done
	return $bad
}

# counters_are TOTAL: as many calls as that, all of them fine, on both sides.
counters_are() {
	grew requests-received="$1" requests-ok="$1" calls-started="$1" calls-ok="$1" \
		requests-app-error=0 requests-refused=0 requests-expired=0 requests-failed=0 \
		requests-dropped=0 calls-app-error=0 calls-not-executed=0 calls-executed=0 \
		calls-maybe-executed=0 messages-bad=0
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
	grew requests-refused=40 calls-refused=40 calls-not-executed=40 requests-ok=0 calls-ok=0
}

@test "counters agree with callers whose calls end in every way" {
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=3 mixed=1
	remember
	"$LOAD" call $A4 77 4 10 3>&- >"$BATS_TEST_TMPDIR/refused" &
	other=$!
	status=0
	"$LOAD" call $A4 3 "$CALLERS" 8 mixed >"$BATS_TEST_TMPDIR/mixed" || status=$?
	wait $other || true
	cat "$BATS_TEST_TMPDIR/mixed" "$BATS_TEST_TMPDIR/refused"
	[ $status -eq 0 ]
	seen() { jq ".$1" "$BATS_TEST_TMPDIR/$2"; }
	for fate in ok app_error timed_out; do [ "$(seen $fate mixed)" -gt 0 ]; done
	grew calls-started=$((CALLERS * 8 + 40)) calls-ok="$(seen ok mixed)" \
		calls-app-error="$(seen app_error mixed)" requests-app-error="$(seen app_error mixed)" \
		calls-timed-out="$(seen timed_out mixed)" calls-refused="$(seen refused refused)"
	[ "$(seen refused refused)" -eq 40 ]
}

@test "a slot that held a reply ends a later call without one" {
	insmod "$LAB_MODULES_DIR/rdmarpc_load.ko" server=s method=4 mixed=1 threads=1
	# The slots take turns: each has had a reply by then.
	echo 40 >$P/run
	grep . $P/ok $P/wrong $P/failed
	[ "$(cat $P/ok)" -eq 40 ]
}
