#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Checks tests/vectors against wire.py: two readings of docs/wire.md agree.

usage: vectors.py FILE…
"""
import re
import sys

import wire

# What the vectors call a field that wire.py calls otherwise.
NAMES = {"segs": "segments", "request": "bulk_in", "reply": "bulk_out", "len": "inline", "min": "ver_min", "max": "ver_max"}

# What was negotiated where those of kind bulk are said.
MAX_BULK = 64 << 20


def in_bytes(text):
    text = re.sub(r"([0-9a-f]{2})\*(\d+)", lambda m: m[1] * int(m[2]), text)
    return bytes.fromhex(text)


def read(kind, data):
    """Return: why it is refused, or None and what it says."""
    if kind in ("msg", "bulk"):
        return wire.judge(data, max_bulk=MAX_BULK if kind == "bulk" else 0), len(data) >= wire.HEADER and wire.Message.unpack(data)
    if kind == "hello":
        return wire.judge_hello(data), len(data) >= 48 and wire.Hello.unpack(data)
    found = wire.Reject.unpack(data)
    return (None, found) if found else ("reject", None)


def check(line):
    name, kind, data, wanted = (part.strip() for part in line.split("|"))
    verdict, *fields = wanted.split()
    reason, found = read(kind, in_bytes(data))
    if verdict == "bad":
        # A reject has no names for what is wrong with it.
        wrong = reason is None if kind == "reject" else reason != fields[0]
        return f"{name}: {reason}, not {fields}" if wrong else None
    if reason:
        return f"{name}: refused, {reason}"
    for field in fields:
        key, value = field.split("=")
        if getattr(found, NAMES.get(key, key)) != int(value):
            return f"{name}: {key} is {getattr(found, NAMES.get(key, key))}, not {value}"
    return None


def main(paths):
    checked = wrong = 0
    for path in paths:
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    checked += 1
                    why = check(line)
                    wrong += why is not None
                    if why:
                        print(why)
    print(f"{checked} vectors")
    return 1 if wrong or not checked else 0


sys.exit(main(sys.argv[1:]))
