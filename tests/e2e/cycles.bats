#!/usr/bin/env bats
# Load, serve, call, kill, unload, again and again, where leaks and races are seen.
# CYCLES: how often, 20 unless said otherwise; CYCLES_SEED: who is killed, and when.
# LAB_OUT/cycles.tsv says it of each, as it comes to its end.

load lib.bash

setup() { [ "$LAB_KERNEL" = uml-debug ] || skip "only where the kernel checks itself: uml-debug"; }

# A caller in the middle of a call: its request with the slow handler, or large, and on
# its way for as long as anybody lets it.
call_slowly() {
	if ((RANDOM % 2)); then
		kind=small
		rdmarpcctl call $A4 5 slow --timeout 60000 3>&- >"$BATS_TEST_TMPDIR/slow.said" 2>&1 &
		caller=$!
		# Open for writing as well, so that this does not wait where nobody writes.
		read -r -t 60 _ <>"$begun" || { cat "$BATS_TEST_TMPDIR/slow.said"; return 1; }
		return
	fi
	kind=large
	# shellcheck disable=SC2046 # a word each
	"$LAB_TOP/build/tests/big" $A4 0 $(yes 1000000 | head -n 200) 3>&- >"$BATS_TEST_TMPDIR/big" 2>&1 &
	caller=$!
	wait_for 30 connections_are 2 || { cat "$BATS_TEST_TMPDIR/big"; return 1; }
	sleep "0.$((RANDOM % 10))"
}

# Somebody goes in the middle of it.
kill_someone() {
	rm -f "$BATS_TEST_TMPDIR/begun"
	slow_handler
	call_slowly
	case $((RANDOM % 4)) in
	0) who=caller; kill -KILL $caller ;;
	1) who=handler; kill -KILL "$handler" ;;
	2) who=connections; close_connections ;;
	3) who=server; rdmarpcctl server stop s ;;
	esac
	# One whose calls nobody ended.
	[ $kind = small ] || kill -KILL $caller 2>/dev/null || true
	wait $caller || true
}

@test "load, serve, call, kill someone, unload" {
	handlers=()
	RANDOM=${CYCLES_SEED:-1}
	rmmod rdmarpc
	before=$(resources)
	for ((i = 0; i < ${CYCLES:-20}; i++)); do
		modprobe rdmarpc
		rdmarpcctl server start s --listen $A4 --echo
		[ "$(rdmarpcctl call $A4 0 "$i")" = "$i" ]
		serve s 1 cat
		[ "$(rdmarpcctl call $A4 1 "$i")" = "$i" ]
		kill_someone
		end_handlers
		rmmod rdmarpc
		[ "$(resources)" = "$before" ]
		printf '%s\t%s\t%s\n' "$i" "$kind" "$who" >>"$LAB_OUT/cycles.tsv"
	done
	modprobe rdmarpc
}
