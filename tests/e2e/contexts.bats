#!/usr/bin/env bats
# Every context that kmod/rdmarpc.h allows, used; the debug kernel looks on.

load lib.bash

P=/sys/module/rdmarpc_contexts/parameters

setup_file() { insmod "$LAB_MODULES_DIR/rdmarpc_contexts.ko"; }

teardown_file() { rmmod rdmarpc_contexts; }

used() { echo "$1" >$P/run || { dmesg | tail -n 5; return 1; }; }

@test "a call from a thread" { used thread; }
@test "a call from a workqueue" { used work; }
@test "an asynchronous call from a thread" { used async; }
@test "an asynchronous call with a spinlock held" { used async_locked; }
@test "an asynchronous call with bottom halves off" { used async_bh; }
@test "an asynchronous call from a timer" { used async_timer; }
@test "asynchronous calls from done functions" { used done; }
@test "a done function finds the connection's only slot taken by its own call" { used done_full; }
@test "a call from a sleeping handler" { used sleeping_handler; }
@test "an asynchronous call from an atomic handler" { used atomic_handler; }
@test "a sleeping handler makes and ends servers, handlers, clients" { used managing_handler; }
@test "a client is destroyed under its callers, and those that wait for a slot" { used destroy_with_callers; }
@test "a client's end has called every done function" { used destroy_with_calls; }
@test "a handler that runs is waited for" { used unregister_waits; }
@test "a handler may destroy its own server" { used destroy_in_handler; }
@test "the end of nothing is nothing" { used ends_of_nothing; }
@test "what cannot be is refused, with the errno that is documented" { used refusals; }

@test "a call that timed out has no reply, whatever its slot had before" { used timed_out; }

@test "a handler reads what time is left, and is told when its caller's is over" { used cancel_at_deadline; }
@test "a handler is told when its caller's connection ends" { used cancel_at_disconnect; }
@test "a call without a deadline" { used no_deadline; }

@test "a server is drained" { used drain; }

@test "a connection whose every slot is held by calls that were given up is reset" {
	local p=/sys/module/rdmarpc/parameters/stuck_calls_ms was
	was=$(<$p)
	echo 1000 >$p
	used stuck
	echo "$was" >$p
}

@test "a caller that is killed does not wait" {
	(echo killed >$P/run) 3>&- &
	caller=$!
	sleep 0.5
	kill -KILL $caller
	wait $caller || true
	# ECANCELED. The kernel prints it when the call has ended.
	wait_for 3 grep -qx -- -125 $P/killed
	used thread
}
