#!/usr/bin/env bats
# /dev/rdmarpc by bare ioctls, from programs of 64 and of 32 bits.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }

teardown_file() { stop_servers; }

device() { timeout 60 "$LAB_TOP/build/tests/device" "$1"; }

device32() {
	[[ $LAB_KERNEL == 6.* ]] || skip "User-mode Linux of 64 bits runs no programs of 32"
	timeout 60 "$LAB_TOP/build/tests/device32" "$1"
}

@test "structs of other versions" { device sizes; }
@test "what is reserved is zero" { device reserved; }
@test "a file stays what it was made" { device roles; }
@test "another process may not call" { device fork; }
@test "a request is answered once, from the pool, in time" { device replies; }
@test "slots that the peer holds are waited for" { device slots; }
@test "a cookie answers its own request alone" { device stale; }
@test "a request that nobody answers ends, and its slot is free" { device silent; }
@test "a handler hears of what nobody waits for any more" { device cancelled; }
@test "a CALL that could go on only by reaping does not wait" { device reap; }

@test "32 bits: structs of other versions" { device32 sizes; }
@test "32 bits: what is reserved is zero" { device32 reserved; }
@test "32 bits: a file stays what it was made" { device32 roles; }
@test "32 bits: another process may not call" { device32 fork; }
@test "32 bits: a request is answered once, from the pool, in time" { device32 replies; }
@test "32 bits: slots that the peer holds are waited for" { device32 slots; }
@test "32 bits: a cookie answers its own request alone" { device32 stale; }
@test "32 bits: a request that nobody answers ends, and its slot is free" { device32 silent; }
@test "32 bits: a handler hears of what nobody waits for any more" { device32 cancelled; }
@test "32 bits: a CALL that could go on only by reaping does not wait" { device32 reap; }
