#!/usr/bin/env bats
# What was measured is told as it is.

bats_require_minimum_version 1.5.0

# group NAME: a class of table_test.py, of which there are some tests.
group() {
	run -0 env PYTHONDONTWRITEBYTECODE=1 python3 "$BATS_TEST_DIRNAME/table_test.py" "$1"
	echo "$output"
	[[ $output =~ Ran\ [1-9] ]]
}

@test "which number of a measurement counts" { group Figures; }

@test "ratios and differences are those of each round" { group Ratios; }

@test "the lines of the table" { group Text; }

@test "what others' programs say" { group Peers; }

@test "forms have names of their own" { group Cells; }
