#!/usr/bin/env bats
# Who may open, call, serve and administer, as docs/security.md says.

load lib.bash

EACCES=13
EAGAIN=11
EPERM=1

setup_file() {
	rdmarpcctl server start s --listen $A4 --echo
	# So that it is the server that refuses, not the device's mode.
	chmod 0666 /dev/rdmarpc
}

teardown_file() {
	chmod 0660 /dev/rdmarpc
	stop_servers
}

setup() { rdmarpcctl server set s --no-handler-users --no-handler-group; }

passed() { "$LAB_TOP/build/tests/passed" "$@"; }

@test "the administrator may answer" { run -0 passed 0 0; }
@test "another user may not answer" { run -$EACCES passed 1000 1000; }
@test "a user on the list may answer" {
	rdmarpcctl server set s --handler-user 999 --handler-user 1000
	run -0 passed 1000 1000
	run -$EACCES passed 1001 1001
}
@test "a member of the group may answer" {
	rdmarpcctl server set s --handler-group 2000
	run -0 passed 1000 1000 2000
	run -$EACCES passed 1001 1001
}
@test "a file that the administrator opened gives a user nothing" { run -$EACCES passed 0 1000; }
@test "a file that a user opened takes from the administrator" { run -$EACCES passed 1000 0; }

@test "who opened and who asks must both be of those who may" {
	# Each for himself: they need not be the same.
	rdmarpcctl server set s --handler-user 1000 --handler-user 1001
	run -0 passed 1001 1000
	run -$EACCES passed 1002 1000
	run -$EACCES passed 1000 1002
}
@test "a change holds for who asks from then on" {
	rdmarpcctl server set s --handler-user 1000
	run -0 passed 1000 1000
	rdmarpcctl server set s --no-handler-users
	run -$EACCES passed 1000 1000
}
@test "the owner may, without any capability" {
	run -0 setpriv --bounding-set -all --inh-caps -all "$LAB_TOP/build/tests/passed" -1 -1
}
@test "a file that has connected calls for its process alone" { run -$EPERM passed 0 1000 0 call; }
@test "a file may be passed on to call" { run -0 passed 0 1000 0 connect; }
@test "a file that is a handler may be passed on to serve" { run -$EAGAIN passed 0 1000 0 serve; }

@test "other network namespaces have no servers and see none" {
	[ "$(unshare -n rdmarpcctl -j server show | jq length)" -eq 0 ]
	run -$FAILED unshare -n rdmarpcctl server stop s
	grep -qi 'no server' <<<"$output"
	run -$FAILED unshare -n rdmarpcctl server start t --listen 10.0.0.1:7479
	grep -q 'initial network namespace' <<<"$output"
	run -$FAILED unshare -n rdmarpcctl handler serve s 7 -- cat
	grep -q 'no such server' <<<"$output"
	[ "$(servers)" = s ]
}

@test "root of another user namespace is nobody here" {
	unshare -U true || skip "the kernel has no user namespaces"
	run -$FAILED unshare -Ur rdmarpcctl server stop s
	grep -qi permi <<<"$output"
	run -$FAILED unshare -Urn rdmarpcctl server start t --listen 10.0.0.1:7479
	grep -qi permi <<<"$output"
	# As a user he has all capabilities there, which are not those that count.
	cp "$LAB_TOP/build/tests/passed" /tmp
	run -$EACCES setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Uc /tmp/passed -1 -1
	[ "$(servers)" = s ]
}

@test "administration through netlink needs the capability" {
	for command in 'server stop s' 'server set s --max-calls 3' 'server start t --listen 10.0.0.1:7479' \
		'connection close 1'; do
		# shellcheck disable=SC2086 # words
		run -$FAILED setpriv --bounding-set -net_admin --inh-caps -net_admin rdmarpcctl $command
		grep -qi permi <<<"$output"
	done
	[ "$(servers)" = s ]
}

@test "the device's mode decides who may open it" {
	chmod 0660 /dev/rdmarpc
	run -200 passed 1000 1000
	chmod 0666 /dev/rdmarpc
	grep -qi permi <<<"$output"
}

@test "handler serve says why it may not" {
	run -$FAILED as_nobody handler serve s 7 -- cat
	grep -q 'does not let you answer' <<<"$output"
	chmod 0660 /dev/rdmarpc
	run -$FAILED as_nobody handler serve s 7 -- cat
	chmod 0666 /dev/rdmarpc
	grep -q 'may not open' <<<"$output"
}
