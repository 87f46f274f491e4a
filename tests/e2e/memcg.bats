#!/usr/bin/env bats
# What is large counts as its process's memory, where a cgroup says how much that may be.

load lib.bash

setup_file() {
	export CGROUPS=$BATS_FILE_TMPDIR/cgroups CGROUP=$BATS_FILE_TMPDIR/cgroups/little
	mkdir "$CGROUPS"
	mount -t cgroup2 none "$CGROUPS"
	grep -qw memory "$CGROUPS/cgroup.controllers" || return 0
	echo +memory >"$CGROUPS/cgroup.subtree_control"
}

teardown_file() { umount "$CGROUPS"; }

setup() {
	grep -qw memory "$CGROUPS/cgroup.controllers" || skip "this kernel has no memory cgroups"
	handlers=()
	mkdir "$CGROUP"
	echo 16M >"$CGROUP/memory.max"
	rdmarpcctl server start s --listen $A4 --echo
}

teardown() {
	[ -d "$CGROUP" ] || return 0
	end_handlers
	stop_servers
	# It can only be removed when nothing of it is in use by a process.
	wait_for 5 rmdir "$CGROUP"
}

nobody_was_killed() { grep -qx 'oom_kill 0' "$CGROUP/memory.events"; }

@test "a caller whose large payload has no room in its cgroup is told" {
	[ "$("$LAB_TOP/build/tests/place" $A4 cgroup)" = ok ]
	nobody_was_killed
	# It was the cgroup that refused.
	[ "$(awk '/^max / { print $2 }' "$CGROUP/memory.events")" -ge 20 ]
}

@test "a large request for which a handler's cgroup has no room is refused" {
	serve s 3 wc -c
	echo "$handler" >"$CGROUP/cgroup.procs"
	head -c 33554432 /dev/zero >"$BATS_TEST_TMPDIR/big"
	run -$NOT_EXECUTED --separate-stderr rdmarpcctl call $A4 3 - --timeout 5000 <"$BATS_TEST_TMPDIR/big"
	echo "$stderr"
	nobody_was_killed
	[ "$(head -c 1000000 /dev/zero | rdmarpcctl call $A4 3 - --timeout 5000)" = 1000000 ]
}
