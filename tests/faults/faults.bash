# shellcheck shell=bash disable=SC2034,SC2154 # what is unused here is the tests', what is not assigned theirs
# Load with a ledger, faults that hit it, and the table of what came of them.

L=$LAB_TOP/build/tests
S=10.0.0.1:7478
M=3
# Long enough that calls are in flight whenever a fault strikes.
SLOW_MS=5
TIMES=${FAULT_TIMES:-2}

# start_server: what each test has to itself.
start_server() { rdmarpcctl server start f --listen $S --max-connections 64 --echo; }

# handle HOW [MS]: a handler with a ledger of its own.
handle() {
	local file
	file=$(mktemp "$at/executed.XXXXXX")
	"$L/ledger-handle" f $M "$file" "$@" 3>&- >"$file.said" 2>&1 &
	handler=$!
	handlers+=("$handler")
	executed+=("$file")
	wait_for 10 grep -q ready "$file.said"
}

# callers THREADS [wait]: start, in a process with a ledger of its own. What is large
# takes memory, and its time: two are enough to have always something under way.
callers() {
	local threads=$1
	shift
	[ -z "${LEDGER_BYTES:-}" ] || threads=2
	ledger=$(mktemp "$at/called.XXXXXX")
	"$L/ledger-call" $S $M "$ledger" "$threads" "$@" 3>&- 2>"$ledger.said" &
	caller=$!
	wait_for 20 test -s "$ledger"
}

in_flight() { "$L/ledger-check" --in-flight "$@"; }
some_in_flight() { [ "$(in_flight "$ledger")" -gt 0 ]; }

# hit COMMAND…: strikes with calls in flight, which is seen in the ledger alone, at no
# moment in particular.
hit() {
	sleep "0.0$((RANDOM % 90 + 10))"
	wait_for 20 some_in_flight
	"$@"
	hits=$((hits + 1))
}

# recovered: a call made from now on is answered; how long that took at most is kept.
recovered() {
	local began took was
	began=$(now_ms)
	was=$(ok_calls)
	wait_for 20 more_ok_than "$was"
	took=$(($(now_ms) - began))
	[ $took -le "$recovery" ] || recovery=$took
}

# Only the callers' own word, of those that still run.
ok_calls() { "$L/ledger-check" "$ledger" 2>/dev/null | jq .ok; }
more_ok_than() { [ "$(ok_calls)" -gt "$1" ]; }

end_callers() {
	kill -TERM "$caller"
	wait "$caller"
	called+=("$ledger")
}

# verdict FAULT: the ledgers, the row, and that nothing is left. With FAULT_ROWS the row
# is among the output of the tests, too, as soon as it is known.
verdict() {
	local status=0 sum row name=$1
	# What they found wrong, and nobody else need have seen.
	if grep -h '^ledger-' "$at"/*.said; then return 1; fi
	[ -z "${LEDGER_BYTES:-}" ] || name="$1, $((LEDGER_BYTES >> 20)) MiB"
	sum=$("$L/ledger-check" "${called[@]}" "${executed[@]}" --killed "${killed[@]}") || status=$?
	echo "$name: hits $hits, $sum, recovered in $recovery ms"
	row=$(jq -r --arg fault "$name" --argjson hits "$hits" --argjson recovery "$recovery" \
		'[$fault, $hits, .calls, .ok, .app_error, .not_executed, .executed, .maybe_executed, .violations, $recovery] | @tsv' <<<"$sum")
	echo "$row" >>"$LAB_OUT/faults.tsv"
	[ -z "${FAULT_ROWS:-}" ] || echo "# row: $row" >&3
	[ $status -eq 0 ]
	[ "$hits" -gt 0 ]
	wait_for "$gone_within" connections_are 0
	end_all_handlers
	rdmarpcctl server stop f 2>/dev/null || true
	wait_for 5 at_rest
}

end_all_handlers() {
	local h
	for h in "${handlers[@]}"; do
		kill -CONT "$h" 2>/dev/null || true
		kill -KILL "$h" 2>/dev/null || true
		wait "$h" 2>/dev/null || true
	done
	handlers=()
}

at_rest() { [ "$(resources_by_name)" = "$resources" ] && [ "$(cat /sys/module/rdmarpc/refcnt)" = "$refcnt" ]; }

begin() {
	at=$BATS_TEST_TMPDIR
	RANDOM=$((${FAULT_SEED:-1} + BATS_TEST_NUMBER))
	handlers=() executed=() called=() killed=()
	hits=0 recovery=0
	gone_within=5
	resources=$(resources_by_name)
	refcnt=$(cat /sys/module/rdmarpc/refcnt)
}
