#!/usr/bin/env bats
# The documents are true: their listings are built against what make install
# leaves, as a reader would, and run in a guest.

bats_require_minimum_version 1.5.0

setup_file() {
	export top lab dir tree
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	lab=${RDMARPC_LAB:-$top/.lab}
	# Where guests see it.
	dir=$lab/build/docs
	tree=$dir/tree
	rm -rf "$dir"
	mkdir -p "$dir"/{source,tree,kernel,readme,man}
}

@test "make install puts everything where readers look for it" {
	git -C "$top" ls-files -z | (cd "$top" && xargs -0 cp --parents -t "$dir/source")
	cd "$dir/source"
	make -s install DESTDIR="$tree" KDIR="$("$top/tests/lab/kernel" uml kdir)" ARCH=um
	make -s install uninstall DESTDIR="$dir/gone" KDIR="$("$top/tests/lab/kernel" uml kdir)" ARCH=um
	[ -z "$(find "$dir/gone" -type f -o -type l)" ]
}

@test "kmod/samples are the listings of docs/kernel-api.md" {
	local files
	mapfile -t files < <("$top/tests/docs/listings" "$top/docs/kernel-api.md" "$dir/kernel")
	for f in "${files[@]}"; do
		case $f in try.*) continue ;; esac
		diff -u "$top/kmod/samples/$f" "$dir/kernel/$f"
	done
	[ "$(git -C "$top" ls-files kmod/samples | wc -l)" -eq $((${#files[@]} - 2)) ]
}

consumer() {
	run make -s -C "$1" DESTDIR="$tree" KDIR="$("$top/tests/lab/kernel" uml kdir)" ARCH=um W=1
	echo "$output"
	[ "$status" -eq 0 ]
	! grep -i -e warning -e undefined <<<"$output"
}

@test "the modules of docs/kernel-api.md build outside of our tree" {
	consumer "$dir/kernel"
	[ -s "$dir/kernel/rdmarpc_sample_server.ko" ]
	[ -s "$dir/kernel/rdmarpc_sample_client.ko" ]
}

@test "README.md's lines for the kernel compile" {
	"$top/tests/docs/listings" "$top/README.md" "$dir/readme"
	cp "$top/tests/docs/readme-kernel.c" "$dir/kernel/Makefile" "$dir/readme/"
	# shellcheck disable=SC2016 # kbuild's variable
	printf '%s\n' 'ccflags-y := -I$(RDMARPC_INCLUDE)' 'obj-m := readme-kernel.o' >"$dir/readme/Kbuild"
	consumer "$dir/readme"
}

# compile FILE PROGRAM: as a reader of the pages does.
compile() {
	local flags
	flags=$(PKG_CONFIG_SYSROOT_DIR=$tree PKG_CONFIG_PATH=$tree/usr/local/lib/pkgconfig \
		pkg-config --cflags --libs librdmarpc)
	# shellcheck disable=SC2086 # words
	gcc -Wall -Werror -o "$2" "$1" $flags -pthread
}

@test "README.md's lines in C compile" {
	cp "$top/tests/docs/readme-program.c" "$dir/readme/"
	compile "$dir/readme/readme-program.c" "$dir/man/readme-program"
}

pages() { grep -L '^\.so ' "$top"/userspace/man/*.[1-9]; }

@test "each man page's programs compile" {
	local page program
	for page in $(pages); do
		case $page in *.8) continue ;; esac
		for program in $("$top/tests/docs/listings" "$page" "$dir/man"); do
			compile "$dir/man/$program" "$dir/man/${program%.c}"
		done
	done
}

@test "the library's header is C++, too" {
	echo '#include <librdmarpc.h>' | g++ -Wall -Wextra -Werror -pedantic -x c++ -fsyntax-only \
		-I"$tree/usr/local/include" -
}

@test "every function has a page that says what the header says" {
	run "$top/tests/docs/manpages" "$tree/usr/local/lib/librdmarpc.so.0" \
		"$tree/usr/local/include/librdmarpc.h" "$tree/usr/local/share/man/man3"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the pages are good roff" {
	local page said
	for page in $(pages); do
		said=$(man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
		echo "$page: $said"
		[ -z "$said" ]
		# They have no date: it would be the only thing to change in most.
		said=$(mandoc -T lint -W warning "$page" | grep -v 'missing date' || true)
		echo "$said"
		[ -z "$said" ]
	done
	# What an alias leads to is there.
	for page in $(sed -n 's/^\.so //p' "$top"/userspace/man/*.3 | sort -u); do
		[ -s "$tree/usr/local/share/man/$page" ]
	done
}

@test "they run" {
	run "$top/tests/lab/run" --kernel uml --out "$dir/out" -- \
		env DOCS="$dir" bats --formatter tap tests/docs/guest.bats
	echo "$output"
	[ "$status" -eq 0 ]
}
