#!/usr/bin/env bats
# The KUnit suites, as the kernel reports them.

load lib.bash

results=/sys/kernel/debug/kunit

setup_file() {
	[ -d $results ] || return 0
	insmod "$LAB_MODULES_DIR/rdmarpc_kunit.ko"
}

teardown_file() {
	[ ! -d $results ] || rmmod rdmarpc_kunit
}

passes() {
	[ -d $results ] || skip "this kernel has no KUnit"
	cat "$results/$1/results"
	grep -Eq "^ *ok [0-9]+ (- )?$1\$" "$results/$1/results"
	run ! grep -q 'not ok' "$results/$1/results"
	[ "$(grep -Ec '^ +ok ' "$results/$1/results")" -ge 2 ]
}

@test "wire" { passes rdmarpc_wire; }
@test "tag" { passes rdmarpc_tag; }
@test "credit" { passes rdmarpc_credit; }
@test "call" { passes rdmarpc_call; }
@test "deadline" { passes rdmarpc_deadline; }
@test "latency" { passes rdmarpc_latency; }
@test "liveness" { passes rdmarpc_liveness; }
@test "retry" { passes rdmarpc_retry; }
@test "fair" { passes rdmarpc_fair; }
@test "area" { passes rdmarpc_area; }
@test "pool" { passes rdmarpc_pool; }
