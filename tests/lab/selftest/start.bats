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

# starts KERNEL SECONDS
starts() {
	local result
	"$top/tests/lab/run" --kernel "$1" --no-module --out "$BATS_TEST_TMPDIR/out" -- true
	result=$(ls -td "$lab"/runs/*/ | head -n 1)/result.json
	jq .seconds_to_cmd "$result"
	jq -e ".seconds_to_cmd < $2" "$result" || { ! idle && skip "the machine became busy"; }
}

@test "CMD starts within 3 seconds in User-mode Linux" { starts uml 3; }
@test "CMD starts within 10 seconds in QEMU, 6.1" { starts 6.1 10; }
@test "CMD starts within 10 seconds in QEMU, 6.12" { starts 6.12 10; }
