#!/usr/bin/env bats
# Who calls too much, and a method that does not answer, cost their own calls only.

load lib.bash

F=10.0.0.1:7483
# Methods of the test module: one that takes its time, one that does not.
SLOW=6 QUICK=7
P=/sys/module/rdmarpc_slow/parameters

setup() {
	handlers=()
	at=$BATS_TEST_TMPDIR
	rdmarpcctl server start f --listen $F --max-calls 510 --echo
}

teardown() {
	end_flood
	end_handlers
	rmmod rdmarpc_slow 2>/dev/null || true
	stop_servers
}

# flood METHOD CONNECTIONS [again]: 510 calls on each, until end_flood, which leaves
# what came of them in $flooded.
flood() {
	mkfifo "$at/go-on" "$at/flooding"
	"$LAB_TOP/build/tests/flood" $F "$@" <"$at/go-on" >"$at/flooding" 3>&- &
	flood=$!
	exec 8>"$at/go-on" 9<"$at/flooding"
	local said
	read -r -t 30 said <&9
	[ "$said" = flooding ]
}

end_flood() {
	[ -n "${flood:-}" ] || return 0
	exec 8>&-
	read -r -t 30 flooded <&9
	exec 9<&-
	wait "$flood"
	flood=
	rm "$at/go-on" "$at/flooding"
	echo "$flooded"
}

queued() { rdmarpcctl -j handler show | jq ".[] | select(.method == $1).queued"; }
queued_at_least() { [ "$(queued "$1")" -ge "$2" ]; }

@test "connections take turns at a method of programs" {
	serve f 5 sleep 0.05
	flood 5 1
	wait_for 10 queued_at_least 5 200
	# Behind all of them, it would take ten seconds and more.
	rdmarpcctl call $F 5 x --timeout 4000
	queued_at_least 5 100
}

@test "connections take turns at a method of the kernel" {
	insmod "$LAB_MODULES_DIR/rdmarpc_slow.ko" server=f delay_ms=3000
	flood $SLOW 1
	wait_for 10 queued_at_least $SLOW 380
	# The next turn is the one after those that run; behind all, it would be the fifth.
	rdmarpcctl call $F $SLOW x --timeout 9000
	queued_at_least $SLOW 1
}

@test "a method of the kernel that does not answer holds up no other" {
	insmod "$LAB_MODULES_DIR/rdmarpc_slow.ko" server=f delay_ms=3600000
	flood $SLOW 3
	for ((i = 0; i < 20; i++)); do rdmarpcctl call $F $QUICK x --timeout 2000; done
	[ "$(rdmarpcctl call $F 0 x --timeout 2000)" = x ]
}

@test "what is too much is refused at once, and others have their share" {
	serve f 5 sleep 1000
	flood 5 3
	wait_for 10 queued_at_least 5 1024
	[ "$(rdmarpcctl call $F 0 x --timeout 2000)" = x ]
	# Room was kept for it, though nobody has the time.
	run ! --separate-stderr rdmarpcctl -j call $F 5 x --timeout 500
	[ "$(jq -r .error <<<"$output")" = ETIMEDOUT ]
	[ "$(queued 5)" -lt 2048 ]
	end_flood
	[ "$(jq .busy <<<"$flooded")" -gt 400 ]
	[ "$(jq .other <<<"$flooded")" -eq 0 ]
}

@test "a busy connection leaves others their turn" {
	flood 0 2 again
	was=$(stat_of requests-ok)
	rdmarpcctl ping $F -c 50
	made=$(($(stat_of requests-ok) - was))
	echo "$made calls of the flood while 50 others were made"
	[ "$made" -gt 500 ]
}
