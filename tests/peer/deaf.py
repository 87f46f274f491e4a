#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Goes on calling a server that is drained, as if there were no GOAWAY.

usage: deaf.py HOST PORT SERVER METHOD BEGUN GO

METHOD says through the FIFO BEGUN that it has a request, and answers when there is a
file GO. Exits with 0 if the server answered what it had accepted, and nothing else.
"""
import subprocess
import sys

import wire
from rpc import Client


def main(host, port, server, method, begun, go):
    with Client(host, int(port)) as c:
        c.begin(0, int(method), b"accepted")
        with open(begun, encoding="utf-8") as f:
            f.read()
        with subprocess.Popen(["rdmarpcctl", "server", "stop", server, "--drain", "60"]) as drain:
            m = c.recv(10)
            while m.type != wire.GOAWAY:
                m = c.recv(10)
            assert m.arg == 1, m
            for called in (0, int(method), 99):
                m = c.call(called, b"refused", slot=1)
                assert (m.code, m.payload) == (wire.GOING_AWAY, b""), m
            with open(go, "w", encoding="utf-8"):
                pass
            m = c.reply(10)
            assert (m.tag, m.code) == (c.tag(0), wire.OK), m
            c.await_end(10)
            assert drain.wait(10) == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
