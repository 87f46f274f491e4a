#!/usr/bin/env bats
# Servers that are drained: what they have accepted they finish.

load lib.bash

D=10.0.0.1:7476

setup() {
	handlers=()
	at=$BATS_TEST_TMPDIR
	rdmarpcctl server start d --listen $D --echo
}

teardown() {
	touch "$at/go"
	poller_as_ever
	end_handlers
	stop_servers
}

# A handler of d that says when it has begun, and answers when it may.
patient_handler() {
	mkfifo "$at/begun"
	serve d 5 sh -c "echo >'$at/begun'; while [ ! -e '$at/go' ]; do sleep 0.05; done; echo done"
}

call_patient() {
	rdmarpcctl call $D 5 x --timeout 60000 3>&- >"$at/reply" 2>"$at/err" &
	caller=$!
	read -r _ <"$at/begun"
}

# state_is STATE: of d; an empty one if there is none.
state_is() { [ "$(rdmarpcctl -j server show | jq -r '.[] | select(.name == "d").state')" = "$1" ]; }

drain() { rdmarpcctl server stop d --drain "$1" 3>&- 2>"$at/drain" & }

@test "what was accepted is finished, what comes is refused, and then the server is gone" {
	patient_handler
	rdmarpcctl ping $D -c 1000000 3>&- >"$at/pings" 2>"$at/ping-err" &
	pinger=$!
	wait_for 5 grep -q . "$at/pings"
	call_patient
	drain 60
	draining=$!
	wait_for 5 state_is draining
	# One who is connected: the call was not executed, and he is told why.
	status=0
	wait $pinger || status=$?
	cat "$at/ping-err"
	[ $status -eq $NOT_EXECUTED ]
	grep -q 'going away' "$at/ping-err"
	# One who comes.
	run -$REFUSED rdmarpcctl call $D 0 x
	run -$FAILED rdmarpcctl server stop d --drain 1
	grep -q 'being stopped or drained' <<<"$output"
	state_is draining
	touch "$at/go"
	wait $caller
	[ "$(<"$at/reply")" = "done" ]
	wait $draining
	state_is ""
}

@test "a client that goes on calling is refused, call by call" {
	needs_peer
	patient_handler
	timeout 60 "$LAB_TOP/tests/peer/deaf.py" 10.0.0.1 7476 d 5 "$at/begun" "$at/go"
}

@test "what is not finished in time is ended" {
	patient_handler
	call_patient
	start=$(now_ms)
	rdmarpcctl server stop d --drain 0.7
	took=$(($(now_ms) - start))
	echo "took $took ms"
	[ $took -ge 700 ]
	[ $took -le "$(slow_ms 5000)" ]
	status=0
	wait $caller || status=$?
	[ $status -eq $MAYBE_EXECUTED ]
}

@test "a server at rest is gone at once" {
	[ "$(rdmarpcctl call $D 0 x)" = x ]
	start=$(now_ms)
	rdmarpcctl server stop d --drain 60
	[ $(($(now_ms) - start)) -le "$(slow_ms 5000)" ]
	state_is ""
}

# Who stays, and is told: that has to have arrived, and somebody to notice.
@test "a server whose clients are idle is gone at once" {
	mkfifo "$at/call"
	"$LAB_TOP/build/tests/idle" $D 1 <"$at/call" >"$at/said" 3>&- &
	idle=$!
	exec 8>"$at/call"
	wait_for 5 grep -q idle "$at/said"
	connections_are 2
	start=$(now_ms)
	rdmarpcctl server stop d --drain 60
	[ $(($(now_ms) - start)) -le "$(slow_ms 5000)" ]
	state_is ""
	exec 8>&-
	wait $idle
}

@test "a caller who dies is not waited for" {
	patient_handler
	call_patient
	drain 60
	draining=$!
	wait_for 5 state_is draining
	kill -KILL $caller
	wait $caller || true
	# Its connection is gone; the handler's command is killed, too.
	wait $draining
	state_is ""
}

@test "a caller who dies is not waited for, though the Poller learns of it last" {
	patient_handler
	call_patient
	drain 60
	draining=$!
	wait_for 5 state_is draining
	poller_last d
	kill -KILL $caller
	wait $caller || true
	wait_for 20 connections_are 0
	poller_as_ever
	wait_for 5 state_is ""
	wait $draining
}

@test "a server that is stopped while it is drained is gone at once" {
	patient_handler
	call_patient
	drain 60
	draining=$!
	wait_for 5 state_is draining
	rdmarpcctl server stop d
	wait $draining
	status=0
	wait $caller || status=$?
	[ $status -eq $MAYBE_EXECUTED ]
}
