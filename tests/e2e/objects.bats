#!/usr/bin/env bats
# Memory region objects: ones that the device does not map whole, and idle ones.

load lib.bash

P=/sys/module/rdmarpc_objects/parameters

setup_file() { insmod "$LAB_MODULES_DIR/rdmarpc_objects.ko"; }
teardown_file() { rmmod rdmarpc_objects; }

setup() { resources=$(resources_by_name); }

at_rest() { [ "$(resources_by_name)" = "$resources" ]; }
objects() { rdma -j resource show mr | jq length; }
objects_are() { [ "$(objects)" "$1" "$2" ]; }

@test "a payload that the device does not map whole is not started" {
	echo few >$P/run
	wait_for 5 at_rest
}

@test "of objects that nobody uses any more a few are kept" {
	echo idle >$P/run
	# 16 MiB there and back, at either end.
	wait_for 20 objects_are -ge 40
	# Both ends of a connection that goes on.
	wait_for 20 objects_are -le 16
	connections_are 2
	echo again >$P/run
	wait_for 5 at_rest
}
