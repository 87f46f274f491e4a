#!/usr/bin/env bats
# The lab tests itself: what it reports, and what it lets through.

bats_require_minimum_version 1.5.0

setup_file() {
	export top lab
	top=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	lab=${RDMARPC_LAB:-$top/.lab}
	cd "$top" || return 1
	local k
	for k in uml uml-debug; do
		mkdir -p "$lab/build/selftest-$k"
		cp "$BATS_TEST_DIRNAME"/{Kbuild,*.c} "$lab/build/selftest-$k/"
		make -s -C "$(tests/lab/kernel $k kdir)" M="$lab/build/selftest-$k" ARCH=um modules
	done
}

in_lab() { run --separate-stderr "$top/tests/lab/run" --no-module --out "$BATS_TEST_TMPDIR/out" "$@"; }

reason() { jq -r .reason "$(ls -td "$lab"/runs/*/ | head -n 1)/result.json"; }

# misbehaves KERNEL MODULE STATUS REASON [OPTIONS…]
misbehaves() {
	local k=$1 m=$2 status_wanted=$3 reason_wanted=$4
	shift 4
	in_lab --kernel "$k" "$@" -- insmod "$lab/build/selftest-$k/lab_$m.ko"
	echo "status $status, reason $(reason)" "$stderr"
	[ "$status" -eq "$status_wanted" ]
	[ "$(reason)" = "$reason_wanted" ]
}

@test "the status of CMD is the lab's" {
	in_lab -- sh -c 'exit 7'
	[ "$status" -eq 7 ]
	[ "$(reason)" = exit ]
	in_lab -- true
	[ "$status" -eq 0 ]
	[ "$(reason)" = ok ]
}

@test "stdout and stderr come separately, and live in the project's directory" {
	in_lab -- sh -c 'echo out; echo err >&2; pwd'
	[ "$output" = "out
$top" ]
	[ "$stderr" = err ]
}

@test "input is handed on as it comes, and need not end" {
	mkfifo "$BATS_TEST_TMPDIR/in"
	# Open for writing as well, here, until the test is over: it does not end.
	exec 8<>"$BATS_TEST_TMPDIR/in"
	echo one >&8
	run --separate-stderr timeout 60 "$top/tests/lab/run" --no-module --out "$BATS_TEST_TMPDIR/out" \
		-- head -n 1 <"$BATS_TEST_TMPDIR/in"
	[ "$status" -eq 0 ]
	[ "$output" = one ]
}

@test "output is seen while CMD runs" {
	mkfifo "$BATS_TEST_TMPDIR/go"
	"$top/tests/lab/run" --no-module --out "$BATS_TEST_TMPDIR/out" --timeout 60 \
		-- sh -c 'echo ready; read -r word; echo "$word"' <"$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/said" 3>&- &
	local lab_run=$!
	exec 8>"$BATS_TEST_TMPDIR/go"
	timeout 50 sh -c "until grep -qx ready '$BATS_TEST_TMPDIR/said'; do sleep 0.1; done"
	echo answer >&8
	exec 8>&-
	wait "$lab_run"
	[ "$(cat "$BATS_TEST_TMPDIR/said")" = "ready
answer" ]
}

through_cat() {
	head -c 64M /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
	"$top/tests/lab/run" --kernel "$1" --no-module --out "$BATS_TEST_TMPDIR/out" -- cat \
		<"$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/through"
	cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/through"
}

@test "64 MiB of random bytes pass through User-mode Linux" { through_cat uml; }
@test "64 MiB of random bytes pass through QEMU" { through_cat 6.12; }

@test "files of LAB_OUT arrive, the host's own are not touched" {
	in_lab -- sh -c 'echo left >$LAB_OUT/file; echo scratch >/etc/lab-was-here; rm -f Makefile; ls Makefile'
	[ "$status" -ne 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/out/file")" = left ]
	[ ! -e /etc/lab-was-here ]
	[ -e "$top/Makefile" ]
}

@test "a folder given with --out keeps what is in it" {
	mkdir "$BATS_TEST_TMPDIR/out"
	echo mine >"$BATS_TEST_TMPDIR/out/thesis"
	in_lab -- sh -c 'echo new >$LAB_OUT/new'
	[ "$status" -eq 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/out/thesis" "$BATS_TEST_TMPDIR/out/new")" = "mine
new" ]
}

@test "a project under /tmp is seen there" {
	local copy=$BATS_TEST_TMPDIR/copy
	mkdir -p "$copy/tests" "$copy/.lab"
	cp -a "$top/tests/lab" "$copy/tests/"
	ln -s "$(realpath "$lab/kernel")" "$copy/.lab/kernel"
	RDMARPC_LAB=$copy/.lab run --separate-stderr "$copy/tests/lab/run" --no-module -- pwd
	echo "$stderr"
	[ "$status" -eq 0 ]
	[ "$output" = "$copy" ]
}

@test "no guest outlives a lab that is killed" {
	"$top/tests/lab/run" --no-module --out "$BATS_TEST_TMPDIR/out" -- sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	local lab_run=$! share
	timeout 60 sh -c "until ls '$lab'/runs/*-$lab_run/share/started; do sleep 0.1; done"
	share=$(echo "$lab"/runs/*-"$lab_run"/share)
	pgrep -f "lab.share=$share " >/dev/null
	kill -KILL "$lab_run"
	timeout 10 sh -c "while pgrep -f '[l]ab.share=$share ' >/dev/null; do sleep 0.1; done"
}

@test "each kind of report is known, and what is innocent passes" {
	local line
	while IFS= read -r line; do
		echo "$line" >"$BATS_TEST_TMPDIR/log"
		echo "not caught: $line"
		[ "$("$top/tests/lab/splats" "$BATS_TEST_TMPDIR/log")" = "$line" ]
	done <"$BATS_TEST_DIRNAME/splats.caught"
	run "$top/tests/lab/splats" "$BATS_TEST_DIRNAME/splats.passed"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a warning is a splat, even when CMD succeeds" { misbehaves uml warn 121 splat; }
@test "a lock order that may deadlock is a splat" { misbehaves uml-debug lockdep 121 splat; }
@test "a leak is a splat" { misbehaves uml-debug leak 121 splat; }
@test "a panic is a splat" { misbehaves uml panic 121 splat; }
@test "a hang ends in a time-out" { misbehaves uml hang 122 timeout --timeout 5; }

@test "a command that outstays its time is ended" {
	in_lab --timeout 2 -- sleep 1000
	[ "$status" -eq 122 ]
	[ "$(reason)" = timeout ]
}

@test "a guest that does not boot is reported" {
	LAB_BOOT_TIMEOUT=0 in_lab -- true
	[ "$status" -eq 120 ]
	[ "$(reason)" = 'boot failed' ]
}

@test "a kernel that falls over while it boots is booted once more, and reported" {
	LAB_APPEND=init=/nowhere in_lab -- true
	[ "$status" -eq 121 ]
	[ "$(reason)" = splat ]
	[ "$(grep -c 'booting again' <<<"$stderr")" -eq 1 ]
}

@test "lab-on runs a command on the other host, and says how it ended" {
	in_lab --kernel 6.12 --hosts 2 -- sh -c 'lab-on 2 sh -c "hostname; cat; echo err >&2; exit 9" <<-IN
		in
		IN
		echo "status $?"'
	[ "$status" -eq 0 ]
	[ "$output" = "host2
in
status 9" ]
	[ "$stderr" = err ]
}

@test "a splat on the other host counts" {
	in_lab --kernel 6.12 --hosts 2 -- lab-on 2 sh -c 'echo "<4>WARNING: as if" >/dev/kmsg'
	[ "$status" -eq 121 ]
	[ "$(reason)" = splat ]
}

impossible() {
	in_lab "$@" -- true
	[ "$status" -eq 2 ]
	[ -n "$stderr" ]
}

@test "what cannot be is refused with the reason" {
	impossible --kernel 6.1 --device siw
	impossible --kernel uml --smp 2
	impossible --kernel uml --hosts 2
	impossible --kernel 5.10
	impossible --device mlx5
	impossible --timeout soon
	impossible --no-such-option
}
