# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A peer to compare with: a block device that does nothing, and the same one through NVMe
over RDMA, by the device that calls go by. What the second takes more is the fabric's part.
"""
import contextlib
import glob
import os
import subprocess
import time

NQN = "nqn.2026-11.rdmarpc:bench"
TARGET = "/sys/kernel/config/nvmet"
NULL = "/dev/nullb0"


def write(path, text):
    with open(path, "w", encoding="ascii") as to:
        to.write(text)


@contextlib.contextmanager
def exported(addr, port):
    """NULL is a namespace of a target that listens there."""
    subsystem, listener = f"{TARGET}/subsystems/{NQN}", f"{TARGET}/ports/1"
    os.mkdir(subsystem)
    write(f"{subsystem}/attr_allow_any_host", "1")
    os.mkdir(f"{subsystem}/namespaces/1")
    write(f"{subsystem}/namespaces/1/device_path", NULL)
    write(f"{subsystem}/namespaces/1/enable", "1")
    os.mkdir(listener)
    for name, value in (("trtype", "rdma"), ("adrfam", "ipv4"), ("traddr", addr),
                        ("trsvcid", str(port))):
        write(f"{listener}/addr_{name}", value)
    os.symlink(subsystem, f"{listener}/subsystems/{NQN}")
    yield
    os.unlink(f"{listener}/subsystems/{NQN}")
    os.rmdir(listener)
    write(f"{subsystem}/namespaces/1/enable", "0")
    os.rmdir(f"{subsystem}/namespaces/1")
    os.rmdir(subsystem)


def wait_for(pattern, seconds=20):
    end = time.monotonic() + seconds
    while not glob.glob(pattern):
        if time.monotonic() > end:
            raise SystemExit(f"no {pattern} within {seconds} s")
        time.sleep(0.05)
    return glob.glob(pattern)[0]


@contextlib.contextmanager
def disk(addr="10.0.0.1", port=4420):
    """Yields the path of NULL through NVMe over RDMA."""
    subprocess.run(["modprobe", "null_blk", "nr_devices=1", "queue_mode=2", "irqmode=0",
                    "submit_queues=1"], check=True)
    subprocess.run(["modprobe", "-a", "nvmet_rdma", "nvme_rdma"], check=True)
    if not os.path.exists(TARGET):
        subprocess.run(["mount", "-t", "configfs", "none", "/sys/kernel/config"], check=True)
    with exported(addr, port):
        write("/dev/nvme-fabrics", f"transport=rdma,traddr={addr},trsvcid={port},nqn={NQN},"
              "nr_io_queues=1")
        path = wait_for("/sys/class/nvme/nvme*/nvme*n1")
        controller = os.path.dirname(path)
        # As with more than one queue, and as the disk behind it has: requests wait for nobody.
        write(f"{path}/queue/scheduler", "none")
        yield wait_for("/dev/nvme*n1")
        write(f"{controller}/delete_controller", "1")


def path_of(name):
    """Where a disk is: "null", or "nvme", the same one from afar."""
    return NULL if name == "null" else glob.glob("/dev/nvme*n1")[0]
