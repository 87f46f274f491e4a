# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# rdmarpc: see README.md. `make help` lists the targets.
KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
RELEASE = $(shell basename $$(dirname $(KDIR)))

.PHONY: help modules tools test demo install uninstall clean

help:
	@echo 'make demo        show the main job in a virtual machine (installs what is missing)'
	@echo 'make test        run every test; the last line counts them'
	@echo 'make modules     build rdmarpc.ko for this machine (KDIR=… for another kernel)'
	@echo 'make tools       build librdmarpc, rdmarpcctl and the examples into build/'
	@echo 'make install     install module, tools, udev rule and group (as root)'
	@echo 'make uninstall   remove them'
	@echo 'make clean       remove build/ and the objects beside the sources'
	@echo 'tests/lab/run -h run a command in a virtual machine with an RDMA device'

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	$(MAKE) -C userspace all

test:
	tests/lab/deps
	tests/run

demo:
	tests/lab/deps
	tests/demo

install: modules tools
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	install -D -m 755 build/bin/rdmarpcctl $(DESTDIR)$(PREFIX)/bin/rdmarpcctl
	install -D -m 644 build/lib/librdmarpc.so.0 $(DESTDIR)$(PREFIX)/lib/librdmarpc.so.0
	ln -sf librdmarpc.so.0 $(DESTDIR)$(PREFIX)/lib/librdmarpc.so
	install -D -m 644 userspace/lib/librdmarpc.h $(DESTDIR)$(PREFIX)/include/librdmarpc.h
	install -D -m 644 uapi/rdmarpc.h $(DESTDIR)$(PREFIX)/include/rdmarpc/rdmarpc.h
	install -D -m 644 uapi/rdmarpc_netlink.h $(DESTDIR)$(PREFIX)/include/rdmarpc/rdmarpc_netlink.h
	install -D -m 644 packaging/udev/60-rdmarpc.rules $(DESTDIR)/usr/lib/udev/rules.d/60-rdmarpc.rules
	install -D -m 644 packaging/sysusers/rdmarpc.conf $(DESTDIR)/usr/lib/sysusers.d/rdmarpc.conf
	[ -n "$(DESTDIR)" ] || { systemd-sysusers rdmarpc.conf; ldconfig; depmod -a; }

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/rdmarpcctl $(DESTDIR)$(PREFIX)/lib/librdmarpc.so*
	rm -f $(DESTDIR)$(PREFIX)/include/librdmarpc.h
	rm -rf $(DESTDIR)$(PREFIX)/include/rdmarpc
	rm -f $(DESTDIR)/usr/lib/udev/rules.d/60-rdmarpc.rules $(DESTDIR)/usr/lib/sysusers.d/rdmarpc.conf
	find /lib/modules -name 'rdmarpc.ko*' -path '*/updates/*' -delete
	[ -n "$(DESTDIR)" ] || { ldconfig; depmod -a; }

clean:
	$(MAKE) -C userspace clean
	find . -path ./.lab -prune -o \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name modules.order -o -name Module.symvers \) -print | xargs -r rm -f
