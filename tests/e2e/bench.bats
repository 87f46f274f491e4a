#!/usr/bin/env bats
# The benchmark's parts measure what they say, and leave nothing behind.

load lib.bash

F=/sys/module/rdmarpc_floor/parameters
O=/sys/module/rdmarpc_bench/parameters
# Once each, and with the last page in part.
ODD=1234567

setup_file() { insmod "$LAB_MODULES_DIR/rdmarpc_floor.ko"; }
teardown_file() { rmmod rdmarpc_floor; }

setup() { resources=$(resources_by_name); }
teardown() { rmmod rdmarpc_bench 2>/dev/null || true; }
at_rest() { [ "$(resources_by_name)" = "$resources" ]; }

# counted OPS SIZE RESULT
counted() {
	[[ $3 =~ ^ops=$1\ bytes=$(($1 * $2))\ ns=[1-9][0-9]*\ p50=[1-9][0-9]*\ p99=[1-9][0-9]*\ max=[1-9][0-9]*$ ]]
}

# floor OP SIZE DEPTH COUNT…: the module sees that the bytes arrive.
floor() {
	echo "$*" >$F/run
	counted "$4" "$2" "$(<$F/result)"
	at_rest
}

ours() {
	echo "$*" >$O/run
	counted "$4" "$2" "$(<$O/result)"
}

program() { counted "$4" "$2" "$("$LAB_TOP/build/tests/bench-call" 10.0.0.1:7491 "$@")"; }

@test "bare READs and WRITEs" {
	floor read 4096 1 3
	floor read $ODD 4 6
	floor write $ODD 2 3
	floor write 1 3 2
}

@test "bare READs and WRITEs under keys of their own" {
	floor read $ODD 2 5 each
	floor write 4194304 3 5 each
}

@test "bare SENDs" {
	floor send 64 1 100
	floor send 4096 16 200
}

@test "bare SENDs whose completions a workqueue takes" {
	echo 1 >$F/workqueue
	floor send 64 4 100
	floor read $ODD 2 3 each
	echo 0 >$F/workqueue
}

@test "what makes no sense is not measured" {
	for what in 'read 0 1 1' 'read 67108865 1 1' 'send 4097 1 1' 'read 1 65 1' 'jump 1 1 1' 'read 1 1'; do
		run ! eval "echo $what >$F/run"
	done
	at_rest
}

@test "calls of the kernel and of a program" {
	insmod "$LAB_MODULES_DIR/rdmarpc_bench.ko"
	for op in request reply both; do
		ours $op 1 1 3
		ours $op 4064 2 5
		ours $op $ODD 3 7
		program $op 64 2 5
		program $op $ODD 2 5
	done
	rmmod rdmarpc_bench
	wait_for 5 at_rest
}

@test "small calls beside large ones" {
	insmod "$LAB_MODULES_DIR/rdmarpc_bench.ko"
	echo beside $ODD 2 20 >$O/run
	counted 20 64 "$(<$O/result)"
	rmmod rdmarpc_bench
	wait_for 5 at_rest
}
