# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Others' programs that send something there and back on the lab's device, for tests/bench/run."""
import glob
import os
import re
import subprocess
import sys
import time

ADDR = "10.0.0.1"
VERBS = "ibv_rc_pingpong, events"
TCP = "qperf, TCP"
# It never sleeps: of UCX's transports the one that calls' device has, without its own protocols,
# whose set-up over datagrams does not end on rxe.
UCX = "ucx_perftest, polls"
NAMES = [VERBS, TCP, UCX]
VERBS_PORT, TCP_PORT, UCX_PORT = 18515, 19765, 13337
# Until one listens, until both have measured, and until the first ends after that.
START_S, RUN_S, END_S = 20, 20, 20


# How they tell what they have found.
VERBS_SAYS, TCP_SAYS = r" ([\d.]+) usec/iter", r"latency += +([\d.]+) ns"
# After how many there were, and the median.
UCX_SAYS = r"Final: +\d+ +[\d.]+ +([\d.]+)"


class NotDone(Exception):
    """A program of others that does not end: ucx_perftest does not, once in some dozen times."""


def listens_in(lines, port):
    """Whether somebody waits for connections there, by the kernel's table of sockets."""
    for line in lines[1:]:
        local, state = line.split()[1], line.split()[3]
        if state == "0A" and int(local.split(":")[1], 16) == port:
            return True
    return False


def listens(port):
    """Whether somebody waits for TCP connections there."""
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as table:
            if listens_in(list(table), port):
                return True
    return False


def said(pattern, text):
    """Return: the number that @pattern finds, or None."""
    found = re.search(pattern, text)
    return float(found[1]) if found else None


def started(command, port):
    """A program that waits for the other one there."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + START_S
    while not listens(port):
        if server.poll() is not None or time.monotonic() > until:
            server.kill()
            raise SystemExit(f"{command[0]} does not listen on port {port}")
        time.sleep(0.02)
    return server


def device_and_gid():
    """That of the address: as programs want it that do without rdma_cm."""
    for path in glob.glob("/sys/class/infiniband/*/ports/1/gids/*"):
        with open(path, encoding="ascii") as gid:
            if gid.read().strip().endswith(":ffff:0a00:0001"):
                return path.split("/")[4], os.path.basename(path)
    raise SystemExit(f"no RDMA device has the address {ADDR}")


def ended(server, command, pattern):
    """Return: what the other one, that ends both, has found."""
    try:
        out = subprocess.run(command, check=False, capture_output=True, text=True, timeout=RUN_S)
        server.wait(END_S)
    except subprocess.TimeoutExpired as late:
        raise NotDone(f"{' '.join(late.cmd)}: not done after {late.timeout} s") from late
    finally:
        server.kill()
    found = said(pattern, out.stdout)
    if out.returncode or found is None:
        raise SystemExit(f"{' '.join(command)}: {out.stdout}{out.stderr}")
    return found


def verbs(size, count):
    """Return: ns for one there and one back; both ends sleep until there are completions."""
    device, gid = device_and_gid()
    command = ["ibv_rc_pingpong", "-e", "-d", device, "-g", gid, "-s", str(size), "-n", str(count)]
    return ended(started(command, VERBS_PORT), [*command, ADDR], VERBS_SAYS) * 1000


def tcp(size):
    """Return: the same over TCP. What qperf tells is the half of it."""
    server = started(["qperf"], TCP_PORT)
    return 2 * ended(server, ["qperf", ADDR, "-t", "1", "-uu", "-m", str(size), "tcp_lat", "quit"],
                     TCP_SAYS)


def ucx(size, count):
    """Return: the same by UCX's active messages. What it tells is the half of it."""
    device, gid = device_and_gid()
    command = ["env", f"UCX_IB_GID_INDEX={gid}", "ucx_perftest"]
    options = ["-t", "am_lat", "-d", f"{device}:1", "-x", "rc_verbs", "-D", "bcopy",
               "-s", str(size), "-n", str(count), "-w", "20", "-p", str(UCX_PORT)]
    server = started([*command, *options], UCX_PORT)
    return 2000 * ended(server, [*command, ADDR, *options], UCX_SAYS)


def ping_pong(name, size, count):
    """Return: as the modules' results; these tell no more than the mean."""
    measure = {VERBS: verbs, TCP: lambda size, _: tcp(size), UCX: ucx}[name]
    try:
        ns = round(measure(size, count))
    except NotDone as why:
        print(f"{why}; measured once more", file=sys.stderr)
        ns = round(measure(size, count))
    return {"ops": count, "bytes": count * size, "ns": ns * count, "mean": ns, "p50": ns}
