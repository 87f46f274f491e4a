# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""The time, less that for which the machine stood still.

Who is silent is given so many seconds in which it could have spoken: a machine that stands
still takes nothing off them, neither here nor in the module.
"""
import threading
import time

STEP = 0.05


class Standstill(threading.Thread):
    """Sleeps again and again; what a sleep takes too long, nobody ran."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seconds = 0

    def run(self):
        while True:
            began = time.monotonic()
            time.sleep(STEP)
            over = time.monotonic() - began - STEP
            self.seconds += over if over > STEP else 0


standstill = Standstill()
standstill.start()


def now():
    return time.monotonic() - standstill.seconds
