#!/usr/bin/env bats
# What programs are compiled with: the headers alone, and the numbers in them.

bats_require_minimum_version 1.5.0

setup_file() {
	export top
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

# alone COMPILER…: each header is all that a program needs to include.
alone() {
	local header
	for header in rdmarpc.h rdmarpc_netlink.h; do
		echo "#include <$header>" | "$@" -Wall -Wextra -Werror -I"$top/uapi" -fsyntax-only -
	done
}

pins() { "$@" -Wall -Werror -I"$top/uapi" -I"$top/tests/abi" -fsyntax-only "$top/tests/abi/abi.c"; }

@test "the headers compile alone, as C" {
	for bits in -m64 -m32; do
		alone gcc $bits -std=c90 -x c
		alone gcc $bits -std=c99 -pedantic -x c
		alone gcc $bits -std=c11 -pedantic -x c
	done
}

@test "the headers compile alone, as C++" {
	for bits in -m64 -m32; do
		alone g++ $bits -std=c++11 -pedantic -x c++
		alone g++ $bits -std=c++20 -pedantic -x c++
	done
}

@test "the headers compile alone, with clang" {
	command -v clang >/dev/null || skip "clang is not installed"
	for bits in -m64 -m32; do
		alone clang $bits -std=c11 -pedantic -x c
		alone clang $bits -std=c++20 -pedantic -x c++
	done
}

@test "sizes, offsets and numbers are what they were" {
	for bits in -m64 -m32; do
		pins gcc $bits -std=c11 -x c
		pins g++ $bits -std=c++17 -x c++
	done
	grep -qx '#define RDMARPC_DEVICE[[:space:]]*"/dev/rdmarpc"' "$top/uapi/rdmarpc.h"
	grep -qx '#define RDMARPC_FAMILY_NAME[[:space:]]*"rdmarpc"' "$top/uapi/rdmarpc_netlink.h"
}

@test "another size, offset or number is noticed" {
	mkdir "$BATS_TEST_TMPDIR/uapi"
	local change
	for change in 's/__u32 depth;/__u64 depth;/' 's/__s32 error;/__s64 error;/' \
		's/\(CALL[[:space:]]*_IO(.*\)0x01/\10x05/' 's/EXECUTED = 3/EXECUTED = 5/' \
		's/^\t__u32 submitted;/\t__u32 more;\n\t__u32 submitted;/'; do
		cp "$top"/uapi/*.h "$BATS_TEST_TMPDIR/uapi/"
		sed -i "$change" "$BATS_TEST_TMPDIR/uapi/rdmarpc.h"
		run ! cmp "$top/uapi/rdmarpc.h" "$BATS_TEST_TMPDIR/uapi/rdmarpc.h"
		run ! gcc -std=c11 -I"$BATS_TEST_TMPDIR/uapi" -I"$top/tests/abi" \
			-fsyntax-only "$top/tests/abi/abi.c"
	done
}

@test "every struct and every number is pinned" {
	# The last of an enum is for loops, and grows.
	for name in $(sed -n 's/^#define \(RDMARPC_[A-Z_]*\)[[:space:]].*/\1/p; s/^[[:space:]]\(RDMARPC_[A-Z0-9_]*\).*/\1/p' \
		"$top"/uapi/*.h | grep -v -e '^RDMARPC_A_[A-Z]*_MAX$' -e '^RDMARPC_CMD_MAX$'); do
		case $name in RDMARPC_DEVICE | RDMARPC_FAMILY_NAME | RDMARPC_MCGRP_EVENTS) continue ;; esac
		echo "not pinned: $name"
		grep -q "^VALUE($name, " "$top/tests/abi/pins.h"
	done
	for name in $(sed -n 's/^struct \([a-z_]*\) {/\1/p' "$top/uapi/rdmarpc.h"); do
		echo "not pinned: $name"
		grep -q "^SIZE($name, " "$top/tests/abi/pins.h"
		# As many fields as the struct has.
		[ "$(sed -n "/^struct $name {/,/^}/p" "$top/uapi/rdmarpc.h" | grep -c ';$')" -eq \
			$(($(grep -c "^FIELD($name, " "$top/tests/abi/pins.h") + 1)) ]
	done
}
