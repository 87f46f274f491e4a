# shellcheck shell=bash disable=SC2154 # what run has decided: its variables
# How the guests are started; run sources it.

# Nothing of a guest outlives the lab, however that ends: the guest's processes
# have a PID namespace of their own, which the kernel clears when its first
# process dies, and that one dies with its parent. (UML leaves its process group
# and stops its children by ptrace: neither a group nor a name would catch all.)
alone() {
	exec setpriv --pdeathsig KILL unshare --pid --fork --kill-child \
		bash -c '"$@"; exit "$?"' lab-guest "$@"
}

start_qemu() {
	local host=$1 net=(-net none) serial=(-serial "file:$run/console.$1") accel=(-accel 'tcg,thread=multi')
	((icount)) && accel=(-accel 'tcg,thread=single' -icount 'shift=0,sleep=off')
	if [[ $hosts == 2 ]]; then
		net=(-netdev "stream,id=n,server=$([[ $host == 1 ]] && echo on || echo off),addr.type=unix,addr.path=$link"
			-device "virtio-net-pci,netdev=n,mac=52:54:00:00:00:0$host,host_mtu=4200")
	fi
	((tty && host == 1)) && serial=(-serial mon:stdio)
	alone qemu-system-x86_64 "${accel[@]}" -cpu max -smp "$smp" -m "$mem" \
		-nodefaults -nographic -no-reboot "${serial[@]}" "${net[@]}" \
		-virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
		-virtfs "local,path=$share,mount_tag=lab,security_model=none,multidevs=remap" \
		-kernel "${k[image]}" -initrd "$modroot/initramfs.gz" \
		-append "console=ttyS0 loglevel=$loglevel panic=-1 lab.top=$top lab.host=$host net.ifnames=0 ${LAB_APPEND:-}"
}

# User-mode Linux has one processor: it and its programs are processes of which one runs and
# wakes the next. Where the next is woken on another processor, that sleeps and is itself a
# virtual one, that takes ten times as long. The processor's directory is locked as long
# as anything of the guest lives; a guest that finds none free goes without.
keep_to_one_processor() {
	local range cpu lock
	while read -r range; do
		for ((cpu = ${range%-*}; cpu <= ${range#*-}; cpu++)); do
			[[ -d /sys/devices/system/cpu/cpu$cpu ]] || continue
			exec {lock}</sys/devices/system/cpu/cpu"$cpu"
			flock -n "$lock" && taskset -cp "$cpu" $BASHPID >/dev/null && return
			exec {lock}<&-
		done
	done < <(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , '\n')
}

start_uml() {
	# shellcheck disable=SC2054 # the commas are UML's
	local con=(con0=null,fd:1 con=null) slab=()
	# shellcheck disable=SC2054
	((tty)) && con=(con0=fd:0,fd:1 con=null)
	# A processor's store of free objects keeps the addresses of those that it gave away:
	# to kmemleak none of them has leaked. Debugged caches have no such store.
	[[ $kernel == uml-debug ]] && slab=(slab_debug=F)
	keep_to_one_processor
	# Guest memory in a file system that is memory; its sockets not in ~/.uml.
	TMPDIR=/dev/shm alone "${k[image]}" "mem=$mem" root=none rootfstype=hostfs rootflags=/ ro \
		"init=$here/guest/uml-init" "${con[@]}" "loglevel=$loglevel" panic=-1 "uml_dir=$run/" seccomp=auto "${slab[@]}" \
		"lab.top=$top" "lab.share=$share" "lab.host=1" ${LAB_APPEND:-}
}

# guest HOST: becomes that guest; to be called in a process of its own.
guest() {
	local host=$1 start=start_qemu
	((uml)) && start=start_uml
	if ((tty && host == 1)); then
		"$start" 1
	elif ((uml)); then
		start_uml </dev/null >"$run/console.1" 2>&1
	else
		start_qemu "$host" </dev/null >"$run/qemu.$host" 2>&1
	fi
}
