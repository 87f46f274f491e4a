#!/usr/bin/env bats
# What is made of the grammar is up to date, and whole.

bats_require_minimum_version 1.5.0
top=$BATS_TEST_DIRNAME/..

@test "the man page and the completion are those of the grammar" {
	run -0 "$top/generate" "$BUILD/bin/rdmarpcctl" --check
}

@test "a command that the man page says nothing of is noticed" {
	cp -r "$top/generate" "$top/man" "$top/completion" "$BATS_TEST_TMPDIR"
	sed -i '/^@command doctor/d' "$BATS_TEST_TMPDIR/man/rdmarpcctl.8.in"
	run -1 "$BATS_TEST_TMPDIR/generate" "$BUILD/bin/rdmarpcctl" --check
	grep -q 'says nothing of doctor' <<<"$output"
}

@test "every object and each of its options is in the help" {
	"$BUILD/bin/rdmarpcctl" -j help | jq -r '.commands[] | .object' | sort -u >"$BATS_TEST_TMPDIR/objects"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/objects")" -gt 9 ]
	while read -r object; do
		"$BUILD/bin/rdmarpcctl" help "$object" >"$BATS_TEST_TMPDIR/help"
		"$BUILD/bin/rdmarpcctl" -j help "$object" | jq -r '.commands[].options[].name' >"$BATS_TEST_TMPDIR/options"
		while read -r option; do
			grep -q -- "--$option" "$BATS_TEST_TMPDIR/help"
		done <"$BATS_TEST_TMPDIR/options"
	done <"$BATS_TEST_TMPDIR/objects"
}

@test "each option that is a number says its range, and its default" {
	local object name min max default range man="$BATS_TEST_TMPDIR/man"
	sed 's/\\-/-/g; s/\\f.//g' "$top/man/rdmarpcctl.8" >"$man"
	"$BUILD/bin/rdmarpcctl" -j help | jq -r '.commands[] | .object as $object | .options[]
		| select(.kind == "number" or .kind == "seconds")
		| "\($object) \(.name) \(.min) \(.max) \(.default // "")"' >"$BATS_TEST_TMPDIR/numbers"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/numbers")" -gt 7 ]
	while read -r object name min max default; do
		# JSON may have 1.0 for 1.
		range="${min%.0} to ${max%.0}${default:+; default ${default%.0}}"
		"$BUILD/bin/rdmarpcctl" help "$object" | tr -s ' \n' ' ' | grep -q -- "--$name [A-Z]* [^(]*($range)"
		grep -A1 -- "--$name [A-Z]*$" "$man" | grep -qF "($range)"
	done <"$BATS_TEST_TMPDIR/numbers"
}

@test "exit statuses of errors are those that calls have" {
	# Of each stage one, as the man page's table has them.
	run -0 jq -r '.errors[] | select(.error == "EBUSY") | "\(.stage) \(.exit)"' \
		<<<"$("$BUILD/bin/rdmarpcctl" -j help)"
	[ "$output" = $'call 4\nconnect 3' ]
}

@test "help is of an object, of a command, or says what there is" {
	local ctl=$BUILD/bin/rdmarpcctl wanted
	run -0 "$ctl" help server start
	[ "$(grep -c '^  [a-z]' <<<"$output")" -eq 1 ]
	grep -q '^  server start NAME' <<<"$output"
	wanted=$output
	run -0 "$ctl" server start --help
	[ "$output" = "$wanted" ]
	run -0 "$ctl" server --help
	[ "$(grep -c '^  server ' <<<"$output")" -eq 4 ]
	run -0 "$ctl" -j help server start
	[ "$(jq -r '.commands[] | "\(.object) \(.command)"' <<<"$output")" = 'server start' ]
	run -2 "$ctl" help sever
	grep -q 'no object "sever", but server, connection, .*, doctor, help$' <<<"$output"
	run -2 "$ctl" help server begin
	grep -q 'server has no command "begin", but start, set, stop, show$' <<<"$output"
	run -2 "$ctl" help call me
	grep -q 'call has no commands$' <<<"$output"
}
