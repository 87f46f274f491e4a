#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""tests/bench's figures, ratios and lines; and what others' programs say, as it is read.

What is expected is worked out by hand in each test.
"""
import sys
import unittest

import cells
import peers
import table


def result(ns, ops=10, mean=0, p50=0, p99=0, size=0):
    return {"ns": ns, "ops": ops, "mean": mean, "p50": p50, "p99": p99, "bytes": size}


def cell(kind, size, depth, *forms, floors=1):
    """@forms are of a name and the results of each round."""
    return {"kind": kind, "size": size, "depth": depth, "floors": floors,
            "forms": [{"name": n, "results": list(r)} for n, r in forms]}


def words(line):
    return " ".join(line.split())


def found(unit, *of):
    return {"commit": "abc1234", "kernel": "6.12", "lab": "6.12", "device": "rxe", "smp": 2,
            "rounds": 3, "machine": {"cpu": "a processor"}, "unit": unit, "cells": list(of)}


class Figures(unittest.TestCase):
    """Which number of a result counts."""

    def figure(self, kind, depth, icount, form=1):
        r = result(5000, 10, mean=600, p50=70, p99=8)
        return table.figure(cell(kind, 64, depth), form, r, icount)

    def test_time_of_rates_is_all_over_operations(self):
        for kind in ("request", "reply", "pipeline", "connections"):
            self.assertEqual(self.figure(kind, 4, False), 500)

    def test_time_of_single_ones_is_the_median(self):
        for kind in ("ping-pong", "switch-over", "set-up", "ioctl"):
            self.assertEqual(self.figure(kind, 1, False), 70)

    def test_instructions_of_round_trips_are_the_mean(self):
        self.assertEqual(self.figure("ping-pong", 1, True), 600)
        self.assertEqual(self.figure("ioctl", 1, True), 600)

    def test_instructions_of_single_ones_are_the_median(self):
        for kind in ("request", "reply", "peers"):
            self.assertEqual(self.figure(kind, 1, True), 70)

    def test_instructions_of_many_at_once_are_all_over_operations(self):
        for kind in ("request", "ping-pong", "connections", "peers"):
            self.assertEqual(self.figure(kind, 32, True), 500)
        self.assertEqual(self.figure("set-up", 20, True), 70)

    def test_beside_is_the_floors_median_and_others_last_hundredth(self):
        for icount in (False, True):
            self.assertEqual(self.figure("beside", 1, icount, form=0), 70)
            self.assertEqual(self.figure("beside", 1, icount, form=1), 8)


class Ratios(unittest.TestCase):
    """Two that were neighbours are compared, and then the median is taken."""

    def test_each_round_with_its_own_floor(self):
        c = cell("ping-pong", 64, 1, ("floor", [result(0, p50=n) for n in (100, 200, 400)]),
                 ("kernel", [result(0, p50=n) for n in (150, 220, 1200)]))
        table.add_figures(c, False)
        floor, kernel = c["forms"]
        self.assertEqual(kernel["ns"], {"median": 220, "min": 150, "max": 1200})
        # 150/100, 220/200 and 1200/400; 220/200, of the medians, is not the median.
        self.assertEqual(kernel["ratio"], {"median": 1.5, "min": 1.1, "max": 3})
        # 50, 20 and 800.
        self.assertEqual(kernel["above"], {"median": 50, "min": 20, "max": 800})
        self.assertEqual(floor["ratio"], {"median": 1, "min": 1, "max": 1})
        self.assertEqual(floor["above"], {"median": 0, "min": 0, "max": 0})

    def test_the_best_floor_of_each_round(self):
        c = cell("ping-pong", 64, 1, ("floor, a", [result(0, p50=n) for n in (100, 400)]),
                 ("floor, b", [result(0, p50=n) for n in (200, 200)]),
                 ("kernel", [result(0, p50=n) for n in (50, 800)]), floors=2)
        table.add_figures(c, False)
        # The floors are 100 and 200. What is no floor is not one for being less: 50/100.
        self.assertEqual(c["forms"][2]["ratio"], {"median": 2.25, "min": 0.5, "max": 4})
        self.assertEqual(c["forms"][0]["ratio"], {"median": 1.5, "min": 1, "max": 2})


class Text(unittest.TestCase):
    """Lines, without the blanks between their columns."""

    def lines(self, unit, *of):
        for c in of:
            table.add_figures(c, unit == "instructions")
        return [words(l) for l in table.of(found(unit, *of))]

    def test_sizes(self):
        for size, text in ((0, "0 B"), (64, "64 B"), (4000, "4000 B"), (4096, "4 KiB"),
                           (4065, "4065 B"), (1 << 20, "1 MiB"), (64 << 20, "64 MiB"),
                           ((1 << 20) + 1024, "1025 KiB")):
            self.assertEqual(table.size_text(size), text)

    def test_times(self):
        for ns, text in ((12345, "12.3 µs"), (999940, "999.9 µs"), (1e6, "1.00 ms"),
                         (2345678, "2.35 ms")):
            self.assertEqual(table.ns_text(ns), text)

    def test_head(self):
        self.assertEqual(self.lines("ns"), ["abc1234, kernel 6.12 (6.12), rxe, processors: 2, "
                                            "3 rounds, a processor"])

    def test_single_times_are_told_in_floors(self):
        c = cell("ping-pong", 64, 1, ("floor", [result(0, p50=10000)] * 2),
                 ("kernel", [result(0, p50=20000), result(0, p50=15000)]))
        self.assertEqual(self.lines("ns", c)[1:], [
            "ping-pong 64 B 1 floor 10.0 µs the floor",
            "ping-pong 64 B 1 kernel 17.5 µs × 1.75 (1.50 to 2.00)"])

    def test_rates_are_told_as_shares_of_the_floors(self):
        c = cell("request", 4 << 20, 4, ("floor", [result(80000000)] * 3),
                 ("kernel", [result(n) for n in (100000000, 160000000, 200000000)]))
        # 8 ms each; 10, 16 and 20: 0.8, 0.5 and 0.4 of the floor's bandwidth.
        self.assertEqual(self.lines("ns", c)[1:], [
            "request 4 MiB 4 floor 8.00 ms the floor",
            "request 4 MiB 4 kernel 16.00 ms 0.50 (0.40 to 0.80)"])

    def test_of_several_floors_each_is_compared_with_the_best(self):
        c = cell("ping-pong", 0, 1, ("floor, a", [result(0, p50=3000)]),
                 ("floor, b", [result(0, p50=2000)]), floors=2)
        self.assertEqual(self.lines("ns", c)[1:], [
            "ping-pong 0 B 1 floor, a 3.0 µs × 1.50 (1.50 to 1.50)",
            "ping-pong 0 B 1 floor, b 2.0 µs × 1.00 (1.00 to 1.00)"])

    def test_instructions_of_small_calls_above_the_floors(self):
        c = cell("ping-pong", 64, 1, ("floor", [result(0, mean=50000)]),
                 ("kernel", [result(0, mean=56000)]), ("less", [result(0, mean=49000)]))
        self.assertEqual(self.lines("instructions", c)[1:], [
            "ping-pong 64 B 1 floor 50,000 +0", "ping-pong 64 B 1 kernel 56,000 +6,000",
            "ping-pong 64 B 1 less 49,000 -1,000"])

    def test_instructions_of_large_calls_by_the_mib(self):
        c = cell("reply", 4 << 20, 4, ("floor", [result(80000000)]),
                 ("kernel", [result(84000000)]))
        # 8 and 8.4 million for each of 4 MiB, which is a twentieth more.
        self.assertEqual(self.lines("instructions", c)[1:], [
            "reply 4 MiB 4 floor 2,000,000 +0.0 %", "reply 4 MiB 4 kernel 2,100,000 +5.0 %"])

    def test_what_a_program_adds_is_told_in_ioctls(self):
        c = cell("ioctl", 64, 1, ("kernel", [result(0, mean=n) for n in (60000, 61000, 60000)]),
                 ("program", [result(0, mean=n) for n in (64000, 67000, 68000)]),
                 ("ioctl", [result(0, mean=n) for n in (2000, 2000, 1000)]))
        # 4,000, 6,000 and 8,000 more; in ioctls of the same round 2, 3 and 8.
        self.assertEqual(self.lines("instructions", c)[1:], [
            "ioctl 64 B 1 kernel 60,000", "ioctl 64 B 1 program 67,000", "ioctl 64 B 1 ioctl 2,000",
            "ioctl 64 B 1 a program adds 6,000 3.00 ioctls (2.00 to 8.00)"])

    def test_programs_beside_others_by_their_means(self):
        c = cell("ping-pong", 64, 1, ("floor", [result(0, p50=1000)] * 3),
                 ("program, waits, program", [result(0, mean=n, p50=1000)
                                              for n in (100000, 300000, 200000)]),
                 ("ibv_rc_pingpong, events", [result(0, mean=n, p50=n)
                                              for n in (200000, 200000, 250000)]))
        # 0.5, 1.5 and 0.8; 200/200, of the medians, is none of them.
        self.assertEqual(self.lines("ns", c)[-1],
                         "ping-pong 64 B 1 program, waits, program 200.0 µs × 0.80 "
                         "(0.50 to 1.50) of ibv_rc_pingpong, events, means")

    def test_growth_is_from_fewer_connections_to_more_by_rounds(self):
        def over(nr, *times):
            return cell("connections", 64, 64, (f"floor, {nr} connections", [result(1000)] * 3),
                        (f"kernel, {nr} connections", [result(t) for t in times]))
        # 2, 4 and 3.
        lines = self.lines("ns", over(64, 2000, 5000, 4000), over(8, 1, 1, 1),
                           over(1000, 4000, 20000, 12000))
        self.assertEqual(lines[-2:], [
            "connections 64 B 64 floor, 64 to 1000 × 1.00 (1.00 to 1.00)",
            "connections 64 B 64 kernel, 64 to 1000 × 3.00 (2.00 to 4.00)"])
        self.assertEqual(len(self.lines("ns", over(64, 1, 1, 1))), 3)

    def test_memory_is_the_slope_from_few_to_many(self):
        def set_up(depth, *taken):
            return cell("set-up", 0, depth, ("floor", [result(0, p50=1000, size=b) for b in taken]))
        # 900 connections more took 900,000, 1,800,000 and 900,000 bytes more.
        many, few = set_up(1000, 1900000, 2800000, 950000), set_up(100, 1000000, 1000000, 50000)
        self.assertEqual(self.lines("ns", many, few)[-1], "memory 900 floor 1,000 B "
                         "(1,000 to 2,000), a connection's two ends")
        self.assertEqual(len(self.lines("ns", few)), 2)


TCP_TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100000A:4855 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100000A:4D35 0100000A:1234 01 00000000:00000000 00:00000000 00000000     0        0 1
"""


class Peers(unittest.TestCase):
    """What others' programs and the kernel say."""

    def test_who_listens(self):
        # 0x4855 is 18,517. 0x4D35, 19,765, is connected, and 0x1234, 4,660, another's.
        lines = TCP_TABLE.splitlines()
        self.assertTrue(peers.listens_in(lines, 0x4855))
        for port in (0x4D35, 0x1234, 0):
            self.assertFalse(peers.listens_in(lines, port))

    def test_what_they_take(self):
        self.assertEqual(peers.said(peers.VERBS_SAYS, "  local address: LID 0x0000\n"
                                    "8192 bytes in 0.01 seconds = 6.55 Mbit/sec\n"
                                    "500 iters in 0.12 seconds = 247.25 usec/iter\n"), 247.25)
        self.assertEqual(peers.said(peers.TCP_SAYS, "tcp_lat:\n    latency  =  51234 ns\n"),
                         51234)
        self.assertEqual(peers.said(peers.UCX_SAYS, "Final:                   300     56.043"
                                    "   236.942   236.942        0.26       0.26\n"), 236.942)
        self.assertIsNone(peers.said(peers.TCP_SAYS, "failed to connect\n"))

    def test_each_peer_is_named_once(self):
        self.assertEqual(len(peers.NAMES), len(set(peers.NAMES)))


class Cells(unittest.TestCase):
    """What there is to be measured can be told apart, by the gate and by plots."""

    def test_no_form_is_there_twice(self):
        for all_cells in (cells.of_time(False), cells.of_time(True), cells.of_instructions(),
                          cells.of_gate()):
            for c in all_cells:
                names = [f.name for f in c.forms]
                self.assertEqual(len(names), len(set(names)), names)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=2)
