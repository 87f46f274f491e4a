#!/usr/bin/env bats
# How long the lab takes until CMD runs, in wall time: nothing else may run.

bats_require_minimum_version 1.5.0

setup_file() {
	export top lab
	top=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	lab=${RDMARPC_LAB:-$top/.lab}
}

# Ticks that the processors were idle, and all.
ticks() { awk '$1 == "cpu" { print $5, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat; }

idle() {
	local idle all idle2 all2
	read -r idle all < <(ticks)
	sleep 1
	read -r idle2 all2 < <(ticks)
	((10 * (idle2 - idle) >= 9 * (all2 - all)))
}

# Wall time says nothing while others have the processors.
setup() { idle || skip "the machine is busy"; }

# Milliseconds of a thousand processes that do nothing, which is what a boot is most of;
# and what they take on the machine that the limits below are of.
REFERENCE_MS=1200
spawning_ms() {
	local began=${EPOCHREALTIME/./} i
	for ((i = 0; i < 1000; i++)); do /bin/true; done
	echo $(((${EPOCHREALTIME/./} - began) / 1000))
}

boot_ms() {
	"$top/tests/lab/run" --kernel "$1" --no-module --out "$BATS_TEST_TMPDIR/out" -- true || return
	# The last one: their names are their times.
	local results=("$lab"/runs/*/result.json)
	jq '.seconds_to_cmd * 1000 | floor' "${results[-1]}"
}

# starts KERNEL SECONDS: on a slower machine later. The fastest of three boots counts:
# what slows one down is others.
starts() {
	local limit=$((1000 * $2)) spawning ms
	spawning=$(spawning_ms)
	[ "$spawning" -le $REFERENCE_MS ] || limit=$((limit * spawning / REFERENCE_MS))
	for _ in 1 2 3; do
		ms=$(boot_ms "$1") || return
		echo "$ms ms, of $limit, where a thousand processes take $spawning ms"
		[ "$ms" -gt 0 ] || return
		[ "$ms" -gt $limit ] || return 0
	done
	idle || skip "the machine became busy"
	return 1
}

@test "CMD starts within 3 seconds in User-mode Linux" { starts uml 3; }
@test "CMD starts within 10 seconds in QEMU, 6.1" { starts 6.1 10; }
@test "CMD starts within 10 seconds in QEMU, 6.12" { starts 6.12 10; }
