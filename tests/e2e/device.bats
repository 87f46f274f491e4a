#!/usr/bin/env bats
# /dev/rdmarpc by bare ioctls.

load lib.bash

setup_file() { rdmarpcctl server start s --listen $A4 --echo; }

teardown_file() { stop_servers; }

device() { timeout 60 "$LAB_TOP/build/tests/device" "$1"; }

@test "structs of other versions" { device sizes; }
@test "a file stays what it was made" { device roles; }
@test "another process may not call" { device fork; }
@test "a request is answered once, from the pool, in time" { device replies; }
@test "slots that the peer holds are waited for" { device slots; }
@test "a cookie answers its own request alone" { device stale; }
@test "a request that nobody answers ends, and its slot is free" { device silent; }
@test "a CALL that could go on only by reaping does not wait" { device reap; }
