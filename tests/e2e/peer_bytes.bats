#!/usr/bin/env bats
# The same peer, byte by byte and field by field: many cases, long in an emulator.

load peer.bash

@test "hostile: messages cut and extended at every byte" { hostile lengths; }
@test "hostile: header fields at their extremes" { hostile fields; }
@test "hostile: hellos cut at every byte, fields at their extremes" { hostile hellos; }
@test "impostor: replies cut at every byte, with fields at their extremes, to other calls" { impostor replies again; }
