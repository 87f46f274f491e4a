# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# The targets, and what each is for: make help. The module itself is in Kbuild.
KDIR ?= /lib/modules/$(shell uname -r)/build
KREL = $(shell $(MAKE) -s -C $(KDIR) kernelrelease 2>/dev/null)
DESTDIR ?=
PREFIX ?= /usr/local
UDEV_DIR ?= /etc/udev/rules.d
SYSUSERS_DIR ?= /usr/lib/sysusers.d

MODULE_DIR = $(DESTDIR)/lib/modules/$(KREL)/updates
# For modules that use it.
KERNEL_INCLUDE = $(DESTDIR)$(PREFIX)/include/rdmarpc-kernel
SCRIPTS = $(shell git ls-files | xargs -r awk 'FNR == 1 && /^\#!.*(bash|busybox sh|\/sh)$$/ { print FILENAME }')

PYTHON = $(shell git ls-files | xargs -r awk 'FNR == 1 && (/^\#!.*python3$$/ || FILENAME ~ /[.]py$$/) { print FILENAME }')

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | sort | \
		awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

modules: ## rdmarpc.ko, for the running kernel or KDIR=/path/to/headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools: ## librdmarpc, rdmarpcctl, the examples and the tests' programs, in build/
	$(MAKE) -C userspace all
	$(MAKE) -C tests/e2e
	$(MAKE) -C tests/faults
	$(MAKE) -C tests/bench

test: ## every test, where it finds most (TEST="LANE…" for some)
	tests/lab/deps
	tests/run $(TEST)

test-all: ## all tests on all of the lab's kernels, which takes twice as long
	tests/lab/deps
	tests/run -a $(TEST)

mutants: ## plant bugs, and see that the tests find them
	tests/lab/deps
	tests/mutants/run $(MUTANTS)

soak: ## the faults for SOAK minutes (30), with a table of what came of them
	tests/lab/deps
	tests/faults/soak $(SOAK)

bench: ## what calls cost beside bare verbs (docs/performance.md); FULL=1, BENCH=OPTIONS
	tests/lab/deps
	tests/bench/run $(if $(FULL),--full) $(BENCH)

demo: ## the main job, shown: a server, handlers, callers, two hosts
	tests/lab/deps
	tests/demo/run

install: modules tools ## module, tools, headers, device permissions, as root
	install -D -m 0644 rdmarpc.ko $(MODULE_DIR)/rdmarpc.ko
	install -D -m 0644 Module.symvers $(MODULE_DIR)/rdmarpc.symvers
	install -D -m 0644 kmod/rdmarpc.h $(KERNEL_INCLUDE)/rdmarpc.h
	install -D -m 0644 uapi/rdmarpc.h $(KERNEL_INCLUDE)/uapi/rdmarpc.h
	install -D -m 0644 packaging/udev/60-rdmarpc.rules $(DESTDIR)$(UDEV_DIR)/60-rdmarpc.rules
	install -D -m 0644 packaging/sysusers/rdmarpc.conf $(DESTDIR)$(SYSUSERS_DIR)/rdmarpc.conf
	$(MAKE) -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
ifeq ($(DESTDIR),)
	getent group rdmarpc >/dev/null || groupadd --system rdmarpc
	depmod $(KREL)
	ldconfig
	-udevadm control --reload
endif

uninstall: ## what install brought; the group stays
	rm -f $(MODULE_DIR)/rdmarpc.ko $(MODULE_DIR)/rdmarpc.symvers $(DESTDIR)$(UDEV_DIR)/60-rdmarpc.rules \
		$(DESTDIR)$(SYSUSERS_DIR)/rdmarpc.conf
	rm -rf $(KERNEL_INCLUDE)
	$(MAKE) -C userspace uninstall DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
ifeq ($(DESTDIR),)
	depmod $(KREL)
	ldconfig
	-udevadm control --reload
endif

check-style: ## shellcheck, pyflakes, and what is made from something else is up to date
	shellcheck -x $(SCRIPTS)
	shellcheck -s bash $(wildcard tests/e2e/*.bash tests/faults/*.bash) userspace/completion/rdmarpcctl
	pyflakes3 $(PYTHON)
	tests/vectors/to-c | diff -u tests/kunit/vectors.h -
	tests/mutants/run --check

clean: ## what was built here; the lab's downloads stay in .lab/
	rm -rf build tests/unit/build
	-[ ! -e userspace/Makefile ] || $(MAKE) -C userspace clean
	find . -path ./.lab -prune -o \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o \
		-name '*.mod.c' -o -name '.*.cmd' -o -name modules.order -o \
		-name Module.symvers \) -print | xargs -r rm -f

.PHONY: help modules tools test test-all mutants bench demo soak install uninstall check-style clean
