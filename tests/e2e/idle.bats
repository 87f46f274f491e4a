#!/usr/bin/env bats
# Connections on which nothing happens cost no processor. IDLE_NR: how many of them, 200
# unless said otherwise.

load lib.bash

I=10.0.0.1:7489
TRACING=/sys/kernel/tracing
NR=${IDLE_NR:-200}
# Seconds in which nothing may happen.
REST=10

setup() {
	at=$BATS_TEST_TMPDIR
	ulimit -n 4096
	rdmarpcctl server start i --listen $I --echo
	mkfifo "$at/call" "$at/said"
	"$LAB_TOP/build/tests/idle" $I $NR <"$at/call" >"$at/said" 3>&- &
	idle=$!
	exec 8>"$at/call" 9<"$at/said"
	says idle
}

teardown() {
	exec 8>&- 9<&-
	wait $idle || true
	stop_servers
}

says() {
	local said
	read -r -t $((30 * LAB_PACE)) said <&9
	[ "$said" = "$1" ] || { echo "it said: $said"; return 1; }
}

# How often Pollers got the processor so far.
switches() {
	local pid
	for pid in $(rdmarpcctl -j poller show | jq '.[].pid'); do
		cat /proc/"$pid"/status
	done | awk '/ctxt_switches/ {n += $2} END {print n}'
}

# A look at it takes less time than four ticks.
pollers_rest() {
	local was
	was=$(switches)
	sleep 1
	[ "$(switches)" -eq "$was" ]
}

# Of rdmarpc, that the kernel traces: timers, and work.
ours() { grep -cE '(timer_expire_entry|workqueue_execute_start):.*\[rdmarpc\]' $TRACING/trace || true; }

trace_timers() {
	local event
	for event in timer/timer_expire_entry timer/hrtimer_expire_entry workqueue/workqueue_execute_start; do
		echo "$1" >"$TRACING/events/$event/enable"
	done
}

@test "idle connections: no Poller runs, and hardly a timer" {
	local was
	[ -e $TRACING/events/timer ] || skip "this kernel traces no timers: uml-debug"
	connections_are $((2 * NR))
	# They are seen where there are some: of each Poller, after calls.
	trace_timers 1
	: >$TRACING/trace
	echo >&8
	says called
	sleep 1
	[ "$(ours)" -ge 2 ]
	wait_for 10 pollers_rest
	: >$TRACING/trace
	was=$(switches)
	sleep $REST
	[ "$(switches)" -eq "$was" ]
	[ "$(ours)" -le 10 ]
	trace_timers 0
}

@test "who has rested is there at once" {
	wait_for 10 pollers_rest
	echo >&8
	says called
	wait_for 10 pollers_rest
	echo >&8
	says called
}
