# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What tests/bench/run measures: cells, each with the forms that are held against each other."""
import os
import subprocess

import nvme
import peers

KIB, MIB = 1 << 10, 1 << 20
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ADDR = "10.0.0.1:7491"
SMALL = 64
# Programs of the benchmark's own, by whom a form says that it is.
PROGRAMS = {"program": [f"{TOP}/build/tests/bench-call", ADDR],
            "ioctl": [f"{TOP}/build/tests/bench-ioctl"],
            "disk": [f"{TOP}/build/tests/bench-disk"]}
# The READ that a small call's time is held against.
BESIDE_READ = 256 * KIB
# What a measurement moves, unless that were less than two rows of calls.
BYTES = 16 * MIB
SIZES = [4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB]
# Around the largest payload that a message carries.
SWITCH = [512, 2048, 4064, 4065, 8 * KIB, 16 * KIB]


class Form:
    """A way to do what a cell is about: who, and what it is told. A floor is also told
    where to take completions."""

    def __init__(self, name, who, *args, takes=None):
        self.name, self.who, self.args = name, who, [str(a) for a in args]
        self.takes = takes or ("kthread" if who == "floor" else None)

    def command(self):
        """Of one of the benchmark's programs; a disk is told by its name."""
        first, *others = self.args
        return [*PROGRAMS[self.who], nvme.path_of(first) if self.who == "disk" else first, *others]

    def measure(self):
        """Return: what it says, as numbers by name."""
        if self.who == "peer":
            return peers.ping_pong(self.args[0], int(self.args[1]), int(self.args[2]))
        if self.who in PROGRAMS:
            text = subprocess.run(self.command(), check=True, capture_output=True,
                                  text=True).stdout
        else:
            params = f"/sys/module/rdmarpc_{self.who}/parameters"
            if self.takes:
                with open(f"{params}/form", "w", encoding="ascii") as form:
                    form.write(self.takes)
            with open(f"{params}/run", "w", encoding="ascii") as run:
                run.write(" ".join(self.args))
            with open(f"{params}/result", encoding="ascii") as result:
                text = result.read()
        return {k: int(v) for k, v in (word.split("=") for word in text.split())}


class Cell:
    """A size, a direction and a depth. The forms are held against the best of the first
    @floors, round by round."""

    def __init__(self, kind, size, depth, forms, floors=1):
        self.kind, self.size, self.depth = kind, size, depth
        self.forms, self.floors = forms, floors


# ---- large payloads ----

def transfers(direction, size, depth, bytes_each):
    """A request is READ, a reply is written, by the server's device."""
    count = min(max(2 * depth, bytes_each // size), 2000)
    op = "read" if direction == "request" else "write"
    return Cell(direction, size, depth, [
        Form("floor", "floor", op, size, depth, count),
        Form("floor, keys each time", "floor", op, size, depth, count, "each"),
        Form("kernel", "bench", direction, size, depth, count),
        Form("program", "program", direction, size, depth, count),
        Form("program, registered", "program", direction, size, depth, count, "registered")])


def beside():
    """Small calls while a large one is under way; and bare SENDs, beside as many READs or
    WRITEs of a chunk as rdmarpc posts at a time."""
    return Cell("beside", SMALL, 1, [
        Form("floor", "floor", "read", BESIDE_READ, 1, 200),
        Form("SENDs beside READs", "floor", "beside", BESIDE_READ, 2, 400, "read"),
        Form("SENDs beside WRITEs", "floor", "beside", BESIDE_READ, 2, 400, "write"),
        Form("kernel", "bench", "beside", 64 * MIB, 1, 400)])


def switch_over(size):
    return Cell("switch-over", size, 1, [
        Form("floor", "floor", "read", size, 1, 200),
        Form("kernel", "bench", "request", size, 1, 200),
        Form("program", "program", "request", size, 1, 200)])


# ---- small calls ----

# So many take 20 ms and more, in which what else the machine does is spread.
OPS = 4000

# A message there and one back: by bare verbs, of which calls are held against the first,
# whose completions are taken by sleeping threads as theirs are, or against the best.
FLOORS = [Form("floor, kthread", "floor", "send", takes="kthread"),
          Form("floor, one kthread", "floor", "send", takes="shared"),
          Form("floor, softirq", "floor", "send", takes="softirq"),
          Form("floor, workqueue", "floor", "send", takes="workqueue"),
          Form("floor, polled", "floor", "send", takes="polled")]
# And by calls: who calls, how, and what answers.
CALLS = [Form("kernel, callback, echo", "bench", "async", "echo"),
         Form("kernel, callback, atomic", "bench", "async", "atomic"),
         Form("kernel, callback, sleeping", "bench", "async", "sleeping"),
         Form("kernel, waits, echo", "bench", "both", "echo"),
         Form("kernel, waits, atomic", "bench", "both", "atomic"),
         Form("kernel, waits, sleeping", "bench", "both", "sleeping"),
         Form("kernel, waits, program", "bench", "both", "program"),
         Form("program, waits, atomic", "program", "both", "atomic"),
         Form("program, waits, sleeping", "program", "both", "sleeping"),
         Form("program, waits, program", "program", "both", "program"),
         Form("program, batch, atomic", "program", "batch", "atomic"),
         Form("program, batch, program", "program", "batch", "program")]
# One of each sort, for cells in which all would say little more.
FEW = ["kernel, callback, atomic", "kernel, waits, atomic", "program, waits, atomic",
       "program, waits, program"]
BATCHES = ["kernel, callback, atomic", "kernel, waits, atomic", "program, batch, atomic",
           "program, batch, program"]


def named(names):
    return [f for f in CALLS if f.name in names]


def small(kind, size, depth, count, forms, more=(), floors=1):
    """Of @forms it is known who and how, of @more all."""
    return Cell(kind, size, depth, [
        *(Form(f.name, f.who, f.args[0], size, depth, count, *f.args[1:], takes=f.takes)
          for f in forms), *more], floors)


def programs_of_others(size, count):
    """What others' programs take for the same, on the same device; and over TCP."""
    return [Form(name, "peer", name, size, count) for name in peers.NAMES]


def ioctl(count):
    """What a program's call takes more than a kernel thread's, which is held against the ioctl."""
    return small("ioctl", SMALL, 1, count, named(["kernel, waits, atomic", "program, waits, atomic"]),
                 [Form("ioctl, as much each way", "ioctl", 10000)])


# ---- connections ----

# Calls that are made at once, whatever there are of connections.
AT_ONCE = 64


def connections(nr, count):
    """The same load over @nr connections, beside bare SENDs over as many."""
    over = f"{nr} connection{'s' * (nr > 1)}"
    return Cell("connections", SMALL, AT_ONCE, [
        Form(f"floor, {over}", "floor", "send", SMALL, AT_ONCE, count, nr),
        Form(f"kernel, {over}", "bench", "async", SMALL, AT_ONCE, count, "atomic", nr)])


# Of calls that a connection is made for; and the entries that kmod/connection.c's
# conn_alloc() and rr_conn_create() give its queues then, an object covering 256 pages.
SET_UP_DEPTH, SET_UP_SENDS, SET_UP_RECVS = 8, 160, 11


def set_up(count):
    return Cell("set-up", 0, count, [
        Form("floor", "floor", "connect", SET_UP_SENDS, SET_UP_RECVS, count),
        Form("kernel", "bench", "connect", SET_UP_DEPTH, count)])


# ---- all of them ----

def nvme_disks(depth, count):
    """A disk that does nothing, here and through NVMe over RDMA: the fabric is the difference."""
    return [Cell("peers", 4 * KIB, depth, [
        Form(f"null disk, {op}", "disk", "null", op, 4 * KIB, depth, count),
        Form(f"NVMe/RDMA, {op}", "disk", "nvme", op, 4 * KIB, depth, count)])
        for op in ("read", "write")]


def nvme_peers(count=200, count_32=1000):
    """And what calls take to bring as much in a message: one at a time, where a thread waits
    for each; or 32, as the disks' are of a program that begins and ends many at once, and
    where no thread of the kernel's waits for one."""
    calls = Cell("peers", 4000, 1, [
        Form("bare WRITE", "floor", "write", 4000, 1, count),
        *(Form(f"{name}, {op}", who, op, 4000, 1, count)
          for op in ("reply", "request") for name, who in (("kernel", "bench"),
                                                           ("program", "program")))])
    calls_32 = Cell("peers", 4000, 32, [
        Form("bare WRITE", "floor", "write", 4000, 32, count_32),
        *(Form(f"{name}, {direction}", who, op, 4000, 32, count_32, handler)
          for direction, handler in (("reply", "give"), ("request", "take"))
          for name, who, op in (("kernel, callback", "bench", "async"),
                                ("program, batch", "program", "batch")))])
    return [*nvme_disks(1, count), calls, *nvme_disks(32, count_32), calls_32]


def of_time(full):
    """One factor at a time from 64 bytes, one at a time, over one connection; or, @full, each
    size with each depth."""
    best = len(FLOORS)
    few, batches = (FLOORS + (CALLS if full else named(names)) for names in (FEW, BATCHES))
    cells = [transfers(d, s, n, BYTES) for s in SIZES for n in (1, 4)
             if s * n <= 64 * MIB and (full or n == 4 or s == SIZES[-1])
             for d in ("request", "reply")]
    cells += [switch_over(s) for s in SWITCH]
    cells += [small("ping-pong", SMALL, 1, OPS, FLOORS + CALLS,
                    programs_of_others(SMALL, OPS), best)]
    cells += [small("ping-pong", s, 1, OPS, few, floors=best) for s in (0, 512, 4000)]
    cells += [small("pipeline", s, n, OPS, batches, floors=best)
              for s in ((SMALL, 512, 4000) if full else (SMALL,)) for n in (4, 16, 32, 64)]
    return [*cells, ioctl(OPS), *(connections(n, 10 * OPS) for n in (1, 8, 64, 1000)),
            set_up(100), set_up(1000), beside()]


def of_instructions():
    cells = [transfers(d, s, n, 4 * MIB)
             for s in (64 * KIB, MIB, 4 * MIB) for n in (1, 4) for d in ("request", "reply")]
    cells += [small("ping-pong", SMALL, n, 200 + 10 * n, FLOORS + CALLS) for n in (1, 32)]
    cells += [small("ping-pong", 0, 1, 200, FLOORS + named(FEW))]
    return [*cells, ioctl(500), *(connections(n, max(2000, 4 * n)) for n in (1, 64, 1000)),
            set_up(20), beside(), *nvme_peers()]


# What the gate names, by the form's name.
GATE = ["kernel, callback, atomic", "kernel, waits, atomic", "program, waits, atomic",
        "program, waits, program"]
# So many at a time, of small and of large ones, that a minute is enough.
GATE_SMALL, GATE_LARGE = 200, 8


def of_gate():
    return [small("ping-pong", SMALL, 1, GATE_SMALL, [FLOORS[0], *named(GATE)]), *(
        Cell(d, 256 * KIB, 1, [
            Form("floor", "floor", op, 256 * KIB, 1, GATE_LARGE),
            Form("kernel", "bench", d, 256 * KIB, 1, GATE_LARGE)])
        for d, op in (("request", "read"), ("reply", "write")))]
