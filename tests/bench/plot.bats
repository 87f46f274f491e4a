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

# points NR FILE: of the kernel's series, filled for a request.
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
		{"name": "kernel, callback", "ns": {"median": 60000}}]}'
	found instructions "[$(large request 65536), $small]"
	drawn 'floor, kthread' small.svg
	drawn 'kernel, callback' small.svg
	drawn 'kernel calls kernel, request' large.svg
	points 2 large.svg
}

@test "without what it needs it says how it is called" {
	run -2 "$here/plot"
	[[ $output == usage:* ]]
}
