#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""One rudeness at a time, for tests of what is told of them.

usage: rude.py HOST PORT hello TIMES: asks with private data that is no hello
       rude.py HOST PORT silent: connects, proves nothing, waits for the end
       rude.py HOST PORT bad: connects, proves itself, says a message of an unknown type

Exits with 0 when the other side has refused, or ended the connection.
"""
import sys

import verbs
from rpc import Client
from wire import Message


def main(host, port, what, times="1"):
    port = int(port)
    if what == "hello":
        for _ in range(int(times)):
            with verbs.connect(host, port, bytes(48), 4) as conn:
                assert conn.event == verbs.REJECTED, conn.event
        return
    with Client(host, port, prove=what == "bad") as c:
        if what == "bad":
            c.send_raw(Message.of(99).pack())
        c.await_end(30)


if len(sys.argv) not in (4, 5) or sys.argv[3] not in ("hello", "silent", "bad"):
    sys.exit(__doc__.strip())
main(*sys.argv[1:])
