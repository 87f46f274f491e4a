#!/usr/bin/env bats
# The sample consumer in the kernel does what its first lines say.

load lib.bash

sample() { insmod "$LAB_MODULES_DIR/rdmarpc_sample.ko" "$@"; }

setup() { rdmarpcctl server start s --listen $A4 --echo; }

teardown() {
	[ ! -e /sys/module/rdmarpc_sample ] || rmmod rdmarpc_sample
	stop_servers
}

@test "it answers a method of a server" {
	sample server=s method=3
	[ "$(rdmarpcctl call $A4 3 hello)" = HELLO ]
	rmmod rdmarpc_sample
	run -$NOT_EXECUTED rdmarpcctl call $A4 3 hello
}

@test "a server may be stopped under it" {
	sample server=s method=3
	rdmarpcctl server stop s
	rmmod rdmarpc_sample
}

@test "it calls" {
	sample target=10.0.0.1 method=0 text=hello
	[ "$(cat /sys/module/rdmarpc_sample/parameters/reply)" = hello ]
}

@test "it does not load without a server to answer for or to call" {
	run ! sample server=nobody
	run ! sample target=10.0.0.1 port=7999
	run ! sample target=10.0.0.1 method=77
}
