#!/usr/bin/env bats
# Memory of programs that call: pinned where it is, and given back whatever happens.

load lib.bash

B=10.0.0.1:7487

setup_file() {
	rdmarpcctl server start p --listen $B --echo
	insmod "$LAB_MODULES_DIR/rdmarpc_hold.ko" server=p
}

teardown_file() {
	rmmod rdmarpc_hold
	rdmarpcctl server stop p
}

setup() { before=$(resources_by_name); }

# Pages that are pinned now, by anybody.
pins() {
	echo 1 >/proc/sys/vm/stat_refresh
	awk '/^nr_foll_pin_acquired/ { n += $2 } /^nr_foll_pin_released/ { n -= $2 } END { print n }' /proc/vmstat
}

nothing_left() { [ "$(resources_by_name)" = "$before" ] && [ "$(pins)" -eq 0 ]; }

# says_ok PROGRAM CASE…
says_ok() {
	local program=$1
	shift
	run timeout 300 "$LAB_TOP/build/tests/$program" $B "$@"
	echo "$output"
	[ "$output" = ok ]
	wait_for 5 nothing_left
}

place() { says_ok place "$@"; }
registered() { says_ok registered "$@"; }

@test "every size and offset arrives, pinned or copied" { place sizes; }
@test "room is pinned as far as a reply can reach" { place rooms; }
@test "request and reply may overlap" { place overlapping; }
@test "memory that cannot be used is told of before anything is started" { place unusable; }
@test "memory of any kind will do" { place kinds; }
@test "what may not be locked is copied" { place limit; }
@test "who asked for it waits until there is room for its large payloads" { place too-much; }
@test "nobody touches the memory of a call whose time was over" { place deadline; }
@test "nobody touches the memory of a call whose connection was closed" { place closed; }
@test "nobody touches the memory of a call whose file was closed" { place left; }
@test "a program that exits leaves nothing pinned" { place exits; }
@test "a program that is killed leaves nothing pinned" { place killed; }
@test "a program that is killed at any moment leaves nothing pinned" { place killed-anywhen; }
@test "a program that becomes another leaves nothing pinned" { place execs execs-with-it; }
@test "a child has its own memory, and its parent the reply" { place forks; }
@test "memory may be unmapped meanwhile" { place unmapped; }

@test "a registered buffer serves a thousand calls" { registered reused; }
@test "parts of a registered buffer may be larger than what one key covers" { registered spanning; }
@test "what is not within the buffer is not started" { registered ranges; }
@test "a buffer in use is not unregistered" { registered used; }
@test "a buffer in use is given back with its file" { registered left; }
@test "a buffer outlives its client's connections" { registered reconnected; }
@test "no more is registered than may be locked" { registered limit; }
