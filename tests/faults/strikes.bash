# shellcheck shell=bash disable=SC2034,SC2154 # what is unused here is faults.bash's, what is not assigned theirs
# What strikes small calls as it does large ones.

callers_killed() {
	handle slow "$SLOW_MS"
	for ((i = 0; i < 4 * TIMES; i++)); do
		callers 4
		hit kill -KILL "$caller"
		wait "$caller" || true
		killed+=("$ledger")
	done
	callers 4
	recovered
	end_callers
	verdict "callers killed"
}

handlers_killed() {
	handle slow "$SLOW_MS"
	callers 8
	for ((i = 0; i < 2 * TIMES; i++)); do
		handle slow "$SLOW_MS"
		hit kill -KILL "$handler"
		wait "$handler" || true
		recovered
	done
	end_callers
	verdict "handlers killed"
}

connections_closed() {
	handle slow "$SLOW_MS"
	callers 8
	for ((i = 0; i < TIMES; i++)); do
		hit close_connections
		recovered
	done
	end_callers
	verdict "connections closed"
}

# One of either side's that carries calls.
error_in_queue_pair() {
	local qps
	find_device
	mapfile -t qps < <(rdma -j resource show qp |
		jq -r '.[] | select(.type == "RC" and .state == "RTS").lqpn')
	[ "${#qps[@]}" -gt 0 ] || { echo "no queue pair"; return 1; }
	echo "$netdev ${qps[RANDOM % ${#qps[@]}]}" >/sys/module/rdmarpc_qp_error/parameters/qp
}

closed_more_than() { [ "$(stat_of connections-closed)" -gt "$1" ]; }

queue_pairs_in_error() {
	insmod "$LAB_MODULES_DIR/rdmarpc_qp_error.ko"
	handle slow "$SLOW_MS"
	callers 8
	for ((i = 0; i < 2 * TIMES; i++)); do
		was=$(stat_of connections-closed)
		hit error_in_queue_pair
		wait_for 10 closed_more_than "$was"
		recovered
	done
	end_callers
	rmmod rdmarpc_qp_error
	verdict "queue pair in error"
}

servers_stopped() {
	callers 8
	for ((i = 0; i < TIMES; i++)); do
		end_all_handlers
		handle slow "$SLOW_MS"
		recovered
		hit rdmarpcctl server stop f
		start_server
	done
	handle slow "$SLOW_MS"
	recovered
	end_callers
	verdict "server stopped"
}

servers_drained() {
	callers 8 patient
	for ((i = 0; i < TIMES; i++)); do
		end_all_handlers
		handle slow "$SLOW_MS"
		recovered
		hit rdmarpcctl server stop f --drain 20
		start_server
	done
	handle slow "$SLOW_MS"
	recovered
	end_callers
	verdict "server drained"
	# Whatever had been accepted was answered.
	[ "$(tail -n 1 "$LAB_OUT/faults.tsv" | cut -f 8)" -eq 0 ]
}

device_deleted() {
	find_device
	handle slow "$SLOW_MS"
	callers 4
	for ((i = 0; i < TIMES; i++)); do
		hit rdma link delete "$device"
		rdma link add "$device" type "$LAB_DEVICE" netdev "$netdev"
		recovered
	done
	end_callers
	verdict "device deleted"
}

no_device() { [ "$(rdma -j link | jq --arg d "$device" '[.[] | select(.ifname == $d)] | length')" -eq 0 ]; }

# As the lab makes it.
new_netdev() {
	ip link add "$netdev" type dummy
	echo 0 >"/proc/sys/net/ipv6/conf/$netdev/accept_dad"
	ip link set "$netdev" mtu 4200 up
	ip addr add 10.0.0.1/24 dev "$netdev"
	ip addr add fd00::1/64 dev "$netdev" nodad
	rdma link add "$device" type "$LAB_DEVICE" netdev "$netdev"
}

netdev_deleted() {
	find_device
	handle slow "$SLOW_MS"
	callers 4
	for ((i = 0; i < TIMES; i++)); do
		hit ip link delete "$netdev"
		wait_for 10 no_device
		new_netdev
		recovered
	done
	end_callers
	verdict "netdev deleted"
}
