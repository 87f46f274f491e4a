#!/usr/bin/env bats
# The modules build without a warning for each kernel, and by dkms.

top=$BATS_TEST_DIRNAME/..

builds_quietly() {
	run "$top/tests/lab/build-module" "$1"
	echo "$output"
	[ "$status" -eq 0 ]
	! grep -i warning <<<"$output"
	[ -s "${RDMARPC_LAB:-$top/.lab}/build/$1/rdmarpc.ko" ]
}

@test "modules for Debian's 6.1 build without a warning" { builds_quietly 6.1; }
@test "modules for Debian's 6.12 build without a warning" { builds_quietly 6.12; }
@test "modules for User-mode Linux of Debian's newest, 7.3, build without a warning" { builds_quietly uml; }
@test "modules for the debug User-mode Linux build without a warning" { builds_quietly uml-debug; }

@test "the netlink code is what uapi/rdmarpc.yaml makes" {
	# The generator is the kernel source's own, which User-mode Linux was built of.
	local kernels=${RDMARPC_LAB:-$top/.lab}/kernel
	run "$top/uapi/gen" "$kernels/$(<"$kernels/source")" --check
	echo "$output"
	[ "$status" -eq 0 ]
}

dkms_build() {
	command -v dkms >/dev/null || skip "dkms is not installed"
	local kdir release tree=$BATS_TEST_TMPDIR
	kdir=$("$top/tests/lab/kernel" "$1" kdir)
	release=$("$top/tests/lab/kernel" "$1" release)
	mkdir -p "$tree/src/rdmarpc-0.1.0" "$tree/dkms" "$tree/modules"
	git -C "$top" ls-files -z Kbuild Makefile dkms.conf kmod uapi tests |
		(cd "$top" && xargs -0 cp --parents -t "$tree/src/rdmarpc-0.1.0")
	run dkms build rdmarpc/0.1.0 -k "$release" --kernelsourcedir "$kdir" \
		--dkmstree "$tree/dkms" --sourcetree "$tree/src" --installtree "$tree/modules"
	echo "$output"
	[ "$status" -eq 0 ]
	[ -n "$(find "$tree/dkms" -name 'rdmarpc.ko*')" ]
}

@test "dkms builds" { dkms_build 6.1; }

@test "make help lists the targets" {
	run make -s -C "$top"
	[ "$status" -eq 0 ]
	for t in modules tools test test-all demo install uninstall; do
		grep -q "make $t " <<<"$output"
	done
}
