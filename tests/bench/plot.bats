#!/usr/bin/env bats
# What was measured is drawn: each series, under its name, of the sizes that there are.

bats_require_minimum_version 1.5.0
here=$BATS_TEST_DIRNAME

# found UNIT CELLS: as tests/bench/run leaves it.
found() {
	jq -n --arg unit "$1" --argjson cells "$2" \
		'{commit: "abc1234", kernel: "6.12", device: "rxe", unit: $unit, cells: $cells}' \
		>"$BATS_TEST_TMPDIR/found.json"
	"$here/plot" "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR"
}

# large KIND SIZE: a cell, of which the kernel's calls take half as much again as the floor.
large() {
	echo "{\"kind\": \"$1\", \"size\": $2, \"depth\": 4, \"forms\": [{\"name\": \"floor\"},
		{\"name\": \"kernel\", \"ratio\": {\"median\": 1.5, \"min\": 1.25, \"max\": 2}}]}"
}

drawn() { grep -q "$1" "$BATS_TEST_TMPDIR/$2"; }

# points NR FILE: those that are filled.
points() { [ "$(grep -c "<use xlink:href='#gpPt6'" "$BATS_TEST_TMPDIR/$2")" -eq "$1" ]; }

@test "bandwidth is drawn over the payload's size" {
	found ns "[$(large request 65536), $(large request 1048576)]"
	drawn 'abc1234, kernel 6.12, rxe' bandwidth.svg
	drawn 'kernel calls kernel, request' bandwidth.svg
	run ! drawn 'program' bandwidth.svg
	run ! drawn 'reply' bandwidth.svg
	# One for each size, and the key's.
	points 3 bandwidth.svg
	[ ! -e "$BATS_TEST_TMPDIR/large.svg" ]
}

@test "instructions are drawn: of small calls, and of large ones" {
	small='{"kind": "ping-pong", "size": 64, "depth": 1, "forms": [
		{"name": "floor, kthread", "ns": {"median": 50000}},
		{"name": "floor, polled", "ns": {"median": 7000000}},
		{"name": "kernel, callback", "ns": {"median": 60000}}]}'
	found instructions "[$(large request 65536), $small]"
	drawn 'floor, kthread' small.svg
	drawn 'kernel, callback' small.svg
	run ! drawn polled small.svg
	drawn 'kernel calls kernel, request' large.svg
	points 2 large.svg
}

# timed NAME…: forms of which a call takes 10 µs and up to 1 ms.
timed() {
	local name out=''
	for name in "$@"; do
		out+="${out:+,}{\"name\": \"$name\", \"results\": [{\"ops\": 100, \"ns\": 2000000, \"mean\": 20000,
			\"p10\": 10000, \"p50\": 11000, \"p90\": 50000, \"p99\": 100000, \"p999\": 1000000}]}"
	done
	echo "[$out]"
}

# cell KIND DEPTH FORMS
cell() { echo "{\"kind\": \"$1\", \"size\": 64, \"depth\": $2, \"forms\": $3}"; }

@test "how long small calls take is drawn, with what others take" {
	found ns "[$(cell ping-pong 1 "$(timed 'floor, softirq' 'kernel, callback, atomic' 'qperf, TCP' other)")]"
	drawn '64 bytes there and back: abc1234' latency.svg
	drawn '99.9 %' latency.svg
	drawn 'kernel, callback, atomic' latency.svg
	drawn 'qperf, TCP (mean)' latency.svg
	run ! drawn other latency.svg
	# Five of each that has a distribution, and the key's.
	points 12 latency.svg
	[ ! -e "$BATS_TEST_TMPDIR/depth.svg" ]
}

@test "how many small calls there are is drawn over how many are made at once" {
	found ns "[$(cell ping-pong 1 "$(timed 'floor, softirq' 'program, batch, atomic')"),
		$(cell pipeline 16 "$(timed 'floor, softirq' 'program, batch, atomic')"),
		$(cell pipeline 64 "$(timed 'floor, softirq' 'program, batch, atomic')")]"
	drawn 'program, batch, atomic' depth.svg
	points 8 depth.svg
}

@test "what a call takes is drawn over the connections" {
	over() {
		cell connections 64 "[
			{\"name\": \"floor, $1\", \"ns\": {\"median\": 5000, \"min\": 4000, \"max\": 6000}},
			{\"name\": \"kernel, $1\", \"ns\": {\"median\": 7000, \"min\": 6000, \"max\": 9000}}]"
	}
	found ns "[$(over '1 connection'), $(over '64 connections'), $(over '1000 connections')]"
	drawn 'kernel, callback, atomic' connections.svg
	points 8 connections.svg
	[ ! -e "$BATS_TEST_TMPDIR/latency.svg" ]
}

@test "the pictures in docs/ are drawn of what is told beside them" {
	for unit in bench icount; do
		"$here/plot" "$here/../../docs/bench/$unit.json" "$BATS_TEST_TMPDIR"
	done
	for picture in "$here"/../../docs/bench/*.svg; do
		cmp "$picture" "$BATS_TEST_TMPDIR/${picture##*/}"
	done
	[ "$(ls "$BATS_TEST_TMPDIR"/*.svg | wc -l)" -eq "$(ls "$here"/../../docs/bench/*.svg | wc -l)" ]
}

@test "without what it needs it says how it is called" {
	run -2 "$here/plot"
	[[ $output == usage:* ]]
}
