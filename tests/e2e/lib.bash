# shellcheck shell=bash disable=SC2034 # what is unused here is the tests'
# What the tests share. Each file runs in a guest of the lab with the module loaded.
bats_require_minimum_version 1.5.0

A4=10.0.0.1:7471
A6='[fd00::1]:7471'
LOAD=$LAB_TOP/build/tests/load

# Exit statuses of rdmarpcctl.
OK=0 FAILED=1 USAGE=2 REFUSED=3 NOT_EXECUTED=4 MAYBE_EXECUTED=5 APP_ERROR=6

# slow_ms MS: so many times as long where the lab's processes take as many times as long.
slow_ms() { echo $(($1 * ${LAB_PACE:-1})); }

# wait_for SECONDS COMMAND…: for what announces itself in no other way; longer where all
# takes longer.
wait_for() {
	local end=$((SECONDS + $1 * ${LAB_PACE:-1}))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "waited in vain for: $*"; return 1; }
		sleep 0.05
	done
}

now_ms() { echo $(($(date +%s%N) / 1000000)); }

servers() { rdmarpcctl -j server show | jq -r '.[].name'; }

connections() { rdmarpcctl -j connection show | jq length; }
connections_are() { [ "$(connections)" -eq "$1" ]; }

# stat_of COUNTER: of the module, named as in text.
stat_of() { rdmarpcctl -j stats show | jq ".counters.${1//-/_}"; }

# serve SERVER METHOD COMMAND…: a handler in the background, with the options in
# $serve_options, its process in $handler, once it says that it serves.
serve_options=()
serve() {
	local server=$1 method=$2 said=$BATS_TEST_TMPDIR/said.$2
	shift 2
	# What an earlier one said is not what this one does.
	: >"$said"
	setsid rdmarpcctl handler serve "$server" "$method" "${serve_options[@]}" -- \
		"$@" 3>&- 2>"$said" &
	handler=$!
	handlers+=("$handler")
	wait_for 10 grep -q '^serving method' "$said"
}

end_handlers() {
	local h
	[ ${#handlers[@]} -gt 0 ] || return 0
	for h in "${handlers[@]}"; do
		kill -KILL -- "-$h" 2>/dev/null || true
		wait "$h" 2>/dev/null || true
	done
	handlers=()
	# What a killed handler's command became.
	pkill -KILL -x -f 'sleep 1000' || true
}

stop_servers() {
	local s
	[ -e /dev/rdmarpc ] || return 0
	for s in $(servers); do rdmarpcctl server stop "$s"; done
}

# A handler of method 5 that tells its test, through the FIFO $begun, its process
# once it holds a slow request, and answers all others with themselves.
slow_handler() {
	begun=$BATS_TEST_TMPDIR/begun
	mkfifo "$begun"
	cat >"$BATS_TEST_TMPDIR/slow" <<SH
#!/bin/sh
request=\$(cat)
case \$request in
slow) echo \$\$ >"$begun"; exec sleep 1000 ;;
*) printf %s "\$request" ;;
esac
SH
	chmod +x "$BATS_TEST_TMPDIR/slow"
	serve s 5 "$BATS_TEST_TMPDIR/slow"
}

resources() { rdma resource show; }

# The same for those who make devices anew, which gives them other numbers.
resources_by_name() { resources | sed 's/^[0-9]*: //' | sort; }

# Names the RDMA device and its network interface: $device, $netdev.
find_device() {
	read -r device netdev < <(rdma -j link |
		jq -r '.[] | select(.netdev != "lo") | "\(.ifname) \(.netdev)"')
}

# Closes every connection of servers; some may have ended since they were looked at.
close_connections() {
	local id
	for id in $(rdmarpcctl -j connection show | jq '.[] | select(.role == "server").id'); do
		rdmarpcctl connection close "$id" 2>/dev/null || true
	done
}

# poller_last NAME: its Poller gets the processor when nobody else wants it, and
# somebody always does: what it learns it learns last. No peer is to take it for dead.
# poller_as_ever ends that.
poller_last() {
	local i
	echo 300000 >/sys/module/rdmarpc/parameters/dead_peer_ms
	last=$(rdmarpcctl -j poller show | jq --arg n "$1" '.[] | select(.name == $n).pid')
	chrt --idle --pid 0 "$last"
	hogs=()
	for ((i = 0; i < $(nproc); i++)); do
		sh -c 'while :; do :; done' 3>&- &
		hogs+=($!)
	done
}

poller_as_ever() {
	[ -n "${hogs[*]}" ] || return 0
	kill -KILL "${hogs[@]}"
	wait "${hogs[@]}" || true
	hogs=()
	echo 3000 >/sys/module/rdmarpc/parameters/dead_peer_ms
	# It may have ended with its server.
	chrt --other --pid 0 "$last" 2>/dev/null || true
}

# As a user without any rights, who may not even see the project's folder.
as_nobody() {
	local dir=/tmp/nobody
	mkdir -p $dir
	chmod 0755 $dir
	cp -L "$(command -v rdmarpcctl)" "$LAB_TOP"/build/lib/librdmarpc.so.* $dir/
	(cd / && LD_LIBRARY_PATH=$dir setpriv --reuid 65534 --regid 65534 --clear-groups \
		$dir/rdmarpcctl "$@")
}

# Before what needs the independent peer.
needs_peer() {
	[ -e "$LAB_TOP/build/tests/libpeer.so" ] || skip "librdmacm-dev was missing when the tests were built"
}
