#!/usr/bin/env bats
# A peer that was written from docs/wire.md alone, good and hostile.

load peer.bash

@test "golden vectors" { peer vectors.py "$LAB_TOP"/tests/vectors/*.txt; }

@test "hostile: work requests that are no SEND" { hostile opcodes; }
@test "hostile: large payloads, and lies about memory" { hostile bulk; }
@test "hostile: no READs" { hostile unread; }
@test "hostile: keys made invalid by replies; large calls that are cancelled" { hostile windows; }
@test "hostile: messages before the handshake" { hostile before; }
@test "hostile: tags of calls that are not, or are under way" { hostile slots; }
@test "hostile: limits and credits" { hostile limits; }
@test "hostile: floods of control messages" { hostile floods; }
@test "hostile: silence" { hostile silence; }
@test "hostile: no sign of life" {
	local dead
	dead=$(stat_of peers-dead)
	serve s 8 sleep 1000
	echo 500 >/sys/module/rdmarpc/parameters/idle_probe_ms
	hostile mute
	echo 60000 >/sys/module/rdmarpc/parameters/idle_probe_ms
	[ $(($(stat_of peers-dead) - dead)) -eq 2 ]
}
@test "hostile: a crowd that goes no further" {
	rdmarpcctl server set s --max-connections 8
	hostile crowd
	rdmarpcctl server set s --max-connections 1024
}

@test "impostor: rejects of every kind" { impostor rejects; }
@test "impostor: answers with fields at their extremes" { impostor answers; }
@test "impostor: no acceptance, or something else" { impostor unproven; }
@test "impostor: every status" { impostor statuses; }
@test "impostor: room for large replies" { impostor bulk; }
@test "impostor: replies that make keys invalid" { impostor invalidates; }
@test "impostor: no reply, no credit, no connection" { impostor silence; }
@test "impostor: a reply, and the end right behind it" { impostor parting; }
@test "impostor: no sign of life" { impostor mute; }
@test "impostor: no sign of life after a rest" { impostor rested; }
@test "impostor: what the last call accepted says" { impostor going_away; }
@test "a server that keeps to the rules, in IPv4 and IPv6" {
	impostor honest
	peer impostor.py fd00::1 7491 honest
}
