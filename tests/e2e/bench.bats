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
	local of
	[[ $3 =~ ^ops=$1\ bytes=$(($1 * $2))\ ns=[1-9][0-9]*\ mean=[1-9] ]]
	# Each at least as long as the one before.
	of=$(grep -o '[pm][a0-9][x0-9]*=[1-9][0-9]*' <<<"$3")
	[ "$(cut -d= -f1 <<<"$of" | xargs)" = "p10 p50 p90 p99 p999 max" ]
	cut -d= -f2 <<<"$of" | sort -nc
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
	floor send 0 1 100
	floor send 0 16 200
}

@test "completions in every form" {
	[ "$(<$F/form)" = softirq ]
	for form in workqueue kthread shared polled softirq; do
		echo $form >$F/form
		[ "$(<$F/form)" = $form ]
		floor send 64 1 50
		floor send 64 32 500
		floor read $ODD 2 3 each
		floor write $ODD 4 6
		run ! pgrep rdmarpc_floor
	done
	run ! eval "echo jump >$F/form"
	[ "$(<$F/form)" = softirq ]
}

@test "bare SENDs beside bare READs and WRITEs" {
	for op in read write; do
		echo beside $ODD 2 20 $op >$F/run
		counted 20 64 "$(<$F/result)"
		at_rest
	done
}

# connected NR RESULT: so many, and each took memory.
connected() {
	[[ $2 =~ ^ops=$1\ bytes=([0-9]+)\ ns= ]]
	[ "${BASH_REMATCH[1]}" -gt $(($1 * 4096)) ]
}

@test "what programs tell is in nanoseconds" {
	local began result took
	insmod "$LAB_MODULES_DIR/rdmarpc_bench.ko"
	began=${EPOCHREALTIME/[.,]/}
	result=$("$LAB_TOP/build/tests/bench-call" 10.0.0.1:7491 both 64 1 5000 atomic)
	took=$(((${EPOCHREALTIME/[.,]/} - began) * 1000))
	[[ $result =~ \ ns=([0-9]+)\ mean=([0-9]+) ]]
	# The rest is what it takes to begin and to end.
	[ "${BASH_REMATCH[1]}" -le "$took" ] && [ "${BASH_REMATCH[1]}" -ge $((took / 2)) ]
	[ $((BASH_REMATCH[2] * 5000)) -le "$took" ]
}

@test "an ioctl that copies as much as a small call" {
	[[ $("$LAB_TOP/build/tests/bench-ioctl" 1000) =~ ^ops=1000\ bytes=64000\ ns=[1-9] ]]
	run -2 "$LAB_TOP/build/tests/bench-ioctl" 50
	# It cannot go from under a program that has it open.
	exec {device}<>/dev/rdmarpc_floor
	run ! rmmod rdmarpc_floor
	exec {device}>&-
}

@test "transfers of a block device, many at a time" {
	truncate -s 4096 "$BATS_TEST_TMPDIR/disk"
	for op in read write; do
		for depth in 1 32; do
			counted 100 4096 "$("$LAB_TOP/build/tests/bench-disk" "$BATS_TEST_TMPDIR/disk" $op 4096 $depth 100)"
		done
	done
	# It ends before the second half.
	run ! "$LAB_TOP/build/tests/bench-disk" "$BATS_TEST_TMPDIR/disk" read 8192 1 1
	[[ $output == *Input/output\ error* ]]
}

@test "bare connections" {
	echo connect 64 32 30 >$F/run
	connected 30 "$(<$F/result)"
	at_rest
}

@test "bare messages over many connections" {
	for over in 1 4 8 100; do
		echo "send 64 8 400 $over" >$F/run
		counted 400 64 "$(<$F/result)"
	done
	at_rest
	for what in 'send 64 8 400 0' 'send 64 8 400 3' 'send 64 8 400 201' 'send 64 8 4000 1001' 'send 64 8 4 1' \
		'send 64 8 400 each'; do
		run ! eval "echo $what >$F/run"
	done
	at_rest
}

@test "what makes no sense is not measured" {
	for what in 'beside 1 1 1 send' 'read 0 1 1' 'read 67108865 1 1' 'send 4097 1 1' 'read 1 65 1' 'jump 1 1 1' 'read 1 1' \
		'connect 1 1' 'connect 1 0 1' 'connect 1 1 1001'; do
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

@test "small calls, of every caller to every handler" {
	insmod "$LAB_MODULES_DIR/rdmarpc_bench.ko"
	coproc "$LAB_TOP/build/tests/bench-handler"
	read -r said <&"${COPROC[0]}"
	[ "$said" = serving ]
	for handler in echo atomic sleeping program; do
		for depth in 1 32 64; do
			ours async 64 $depth 200 $handler
			ours both 64 $depth 200 $handler
			program both 64 $depth 200 $handler
			program batch 64 $depth 200 $handler
		done
		ours async 4064 2 5 $handler
		program batch 1 3 2 $handler
		for depth in 1 4; do
			ours async 0 $depth 20 $handler
			ours both 0 $depth 20 $handler
			program both 0 $depth 20 $handler
			program batch 0 $depth 20 $handler
		done
	done
	for handler in take give; do
		ours async 4000 32 200 $handler
		program batch 4000 32 200 $handler
		ours async 1 2 5 $handler
		program batch 1 2 5 $handler
		run ! eval "echo both 64 1 1 $handler >$O/run"
		run ! eval "echo async 0 1 1 $handler >$O/run"
		run ! "$LAB_TOP/build/tests/bench-call" 10.0.0.1:7491 both 64 1 1 $handler
	done
	run ! eval "echo async 4065 1 1 >$O/run"
	run ! eval "echo both 64 1 1 jump >$O/run"
	run ! eval "echo request 64 1 1 atomic >$O/run"
	run ! eval "echo request 0 1 1 >$O/run"
	run ! "$LAB_TOP/build/tests/bench-call" 10.0.0.1:7491 both 64 jump 1
	run ! "$LAB_TOP/build/tests/bench-call" 10.0.0.1:7491 reply 0 1 1
	kill -KILL "$COPROC_PID"
	rmmod rdmarpc_bench
	wait_for 5 at_rest
}

@test "small calls over many connections" {
	insmod "$LAB_MODULES_DIR/rdmarpc_bench.ko"
	was=$(stat_of connections-opened)
	ours async 64 8 100 atomic 20
	[ $(($(stat_of connections-opened) - was)) -eq 20 ]
	ours both 64 4 100 atomic 3
	ours async 64 64 200 echo 2
	# They meet at some.
	ours async 64 64 2000 atomic 100
	run ! eval "echo async 64 1 1 echo 0 >$O/run"
	run ! eval "echo async 64 1 1 echo 1001 >$O/run"
	rmmod rdmarpc_bench
	wait_for 5 at_rest
}

@test "connections" {
	insmod "$LAB_MODULES_DIR/rdmarpc_bench.ko"
	was=$(stat_of connections-opened)
	echo connect 8 20 >$O/run
	connected 20 "$(<$O/result)"
	[ $(($(stat_of connections-opened) - was)) -eq 20 ]
	wait_for 5 connections_are 0
	for what in 'connect 8' 'connect 0 1' 'connect 65 1' 'connect 1 1001'; do
		run ! eval "echo $what >$O/run"
	done
	rmmod rdmarpc_bench
	wait_for 5 at_rest
}

@test "small calls beside large ones" {
	insmod "$LAB_MODULES_DIR/rdmarpc_bench.ko"
	echo beside $ODD 2 20 >$O/run
	# As many as it takes until a few large ones have been answered.
	[[ $(<$O/result) =~ ^ops=([0-9]+)\  ]]
	[ "${BASH_REMATCH[1]}" -ge 20 ]
	counted "${BASH_REMATCH[1]}" 64 "$(<$O/result)"
	rmmod rdmarpc_bench
	wait_for 5 at_rest
}
