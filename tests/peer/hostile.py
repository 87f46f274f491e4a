#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A hostile client, to a server of the module that has an echo.

usage: hostile.py HOST PORT SERVER GROUP…

Each case is what docs/wire.md says must come of it: a refusal by its name, with the
connection closed and counted in time, or an answer; a good connection goes on all the
while. Prints a line for each group, and what was wrong.
"""
import os
import sys
import time

import clock
import verbs
import watch
import wire
from cases import Cases, main
from rpc import Client, Refused
from wire import Hello, Message, Segment

# Seconds in which a connection that breaks a rule has to end.
BOUND = 5
# What the cases say unless it matters: few buffers, for there are many cases.
SMALL = Hello(window=8, max_calls=6)


class Hostile(Cases):
    """What the groups use: our server, the errors that it tells, a good connection."""

    def __init__(self, host, port, server):
        super().__init__(server)
        self.host, self.port = host, int(port)
        self.errors = watch.Errors()
        self.good = self.client()
        self.checked = 0

    def finish(self):
        for size in (0, 1, 4064):
            self.takes(f"{size} bytes on the good connection", self.good,
                       lambda c, n=size: c.check(n))

    def close(self):
        self.good.conn.close()
        self.errors.close()

    def client(self, hello=SMALL, **kwargs):
        return Client(self.host, self.port, hello, **kwargs)

    def good_goes_on(self):
        """Now and then. It must not be silent for a minute, for one thing."""
        if time.monotonic() > self.checked + 1:
            self.checked = time.monotonic()
            self.takes("a call on the good connection", self.good, Client.check)

    def closes(self, what, session, documented="closed"):
        """@session must end in time, and nothing else come of it. Returns whether it has."""
        try:
            came = session.await_end(BOUND)
        except verbs.Timeout:
            self.table.add(what, documented, "the connection goes on")
            return False
        if any(m.type not in (wire.AUTH, wire.NOP) for m in came):
            self.table.add(what, documented, f"answered {came}")
            return False
        if documented == "closed":
            self.table.add(what, documented, "closed")
        return True

    def ends(self, what, session, reason, told=True):
        """@session must end, for @reason."""
        self.refused += 1
        if not told:
            self.closes(what, session)
            return
        documented = f"closed, {reason}"
        if self.closes(what, session, documented):
            said = self.errors.of(session.conn.port, "bad-message") or "for no reason"
            self.table.add(what, documented, f"closed, {said.split(':')[0]}")

    def says(self, what, data, reason, told=True, kind=verbs.PLAIN, **client):
        """On a new connection, @data must be refused for @reason."""
        self.good_goes_on()
        if told:
            # A handshake that fails is told as well.
            self.errors.pace(1 if client.get("prove", True) else 2)
        with self.client(**client) as c:
            self.errors.forget(c.conn.port)
            c.send_raw(data(c) if callable(data) else data, kind)
            self.ends(what, c, reason, told)

    def takes(self, what, session, check):
        """@check must not fail, and @session live on."""
        try:
            check(session)
            self.table.add(what, "taken", "taken")
        except (AssertionError, verbs.Ended, verbs.Timeout) as e:
            self.table.add(what, "taken", f"{type(e).__name__} {e}")


# ---- valid messages, to be spoilt ----

def valid(c, kind):
    """What @c could say now, were it not spoilt."""
    fields = {
        wire.CALL: {"arg": 1000000, "payload": b"payload", "tag": 1 << 16},
        wire.REPLY: {"payload": b"payload", "tag": 1 << 16},
        wire.CANCEL: {"tag": 1 << 16},
        wire.NOP: {},
        wire.GOAWAY: {},
        wire.AUTH: {"code": wire.PROOF},
    }[kind]
    return Message.of(kind, limit=c.posted, **fields)


# What the server must say to each of them, unspoilt, on a proven connection.
DYNAMIC = {wire.CALL: None, wire.REPLY: "state", wire.CANCEL: None, wire.NOP: None,
           wire.GOAWAY: "state", wire.AUTH: "state"}


def lengths(case):
    """Every type, cut and extended at every byte."""
    told, counted = [], []
    for kind, name in wire.TYPES.items():
        with case.client() as c:
            whole = valid(c, kind).pack()
        too_long(case, f"{name} of 8192 bytes", whole.ljust(8192, b"\0"))
        for size in [*range(len(whole)), *range(len(whole) + 1, len(whole) + 34), 4096]:
            data = whole[:size].ljust(size, b"\0")
            edge = size in (0, 31) or abs(size - len(whole)) < 2
            (told if edge else counted).append((f"{name} of {size} bytes", data))
    for what, data in counted:
        case.says(what, data, wire.judge(data), told=False)
    case.errors.spent()
    for what, data in told:
        case.says(what, data, wire.judge(data))


def too_long(case, what, data):
    """A receive is 4096 bytes long: more is an error of the transport."""
    with case.client() as c:
        c.send_raw(data)
        case.closes(what, c)


EXTREMES = {
    "hlen": (0, 31, 33, 255), "type": (0, 7, 255), "flags": (1, 2, 0x80, 0xFF),
    "segments": (1, 255), "code": (0, 1, 2, 11, 12, 0x7FFF, 0xFFFF),
    "inline": (0, 1, 6, 8, 4064, 4065, 0xFFFF),
    "tag": (0, 1, 5, 6, 7, 0xFFFF, 0x10000, 0x80000005, 0xFFFFFFFF),
    "limit": (0, 1, 7, 8, 9, 10, 11, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF),
    "arg": (0, 1, 0x7FFFFFFF, 0xFFFFFFFF), "bulk_in": (1, 0xFFFFFFFF),
    "bulk_out": (1, 0xFFFFFFFF), "reserved": (1, 0xFFFFFFFF),
}


def expected(c, m):
    """The refusal of @m on the proven connection @c, or None."""
    return wire.judge(m.pack()) or \
        wire.judge_limit(m.limit, c.posted - 1, c.received, c.window) or \
        DYNAMIC[m.type] or \
        ("slot" if m.type in (wire.CALL, wire.CANCEL) and m.slot >= c.answer.max_calls else None)


def fields(case):
    """Every field of every type at its extremes."""
    for kind, name in wire.TYPES.items():
        for field, values in EXTREMES.items():
            for value in values:
                case.errors.pace()
                case.good_goes_on()
                with case.client() as c:
                    m = valid(c, kind)
                    setattr(m, field, value)
                    if m.type in wire.TYPES:
                        reason = expected(c, m)
                    else:
                        reason = wire.judge(m.pack())
                    spoilt(case, c, m, f"{name} with {field} {value:#x}", reason)


def spoilt(case, c, m, what, reason):
    case.errors.forget(c.conn.port)
    c.send_raw(m.pack())
    if reason:
        case.ends(what, c, reason)
    else:
        case.takes(what, c, lambda c: answered(c, m))


def answered(c, m):
    """@m, which is in order, has its answer, and calls go on."""
    c.announced = m.limit
    if m.type == wire.CALL:
        r = c.recv()
        while r.type == wire.NOP:
            r = c.recv()
        want = (wire.OK, m.payload) if m.code == 0 else (wire.NO_METHOD, b"")
        # Whoever allows a microsecond may be told that it is over.
        if m.arg > 1 or r.code in (wire.OK, wire.NO_METHOD):
            assert (r.type, r.tag, r.code, r.payload) == (wire.REPLY, m.tag, *want), r
    if m.type == wire.NOP and m.flags:
        assert c.recv().type == wire.NOP
    c.generations[0] += 7
    if m.limit == c.posted:
        c.check()


def opcodes(case):
    """Work requests that are no plain SEND."""
    call = lambda c: valid(c, wire.CALL).pack()
    kinds = {verbs.WITH_INVALIDATE: "SEND with invalidate", verbs.WRITE: "WRITE",
             verbs.READ: "READ"}
    if not case.iwarp:  # which has no immediate data
        case.says("SEND with immediate", call, "opcode", kind=verbs.WITH_IMMEDIATE)
        kinds[verbs.WRITE_WITH_IMMEDIATE] = "WRITE with immediate"
    # What is to be invalidated is not there: the device ends it, or we do.
    for kind, what in kinds.items():
        with case.client() as c:
            c.send_raw(call(c), kind)
            case.closes(what, c)


def hellos(case):
    """Requests cut at every byte, and each field at its extremes."""
    good = Hello(window=8, max_calls=4, nonce=0x0102030405060708)
    requests = {f"a hello of {n} bytes": good.pack()[:n] for n in range(48)}
    requests["nothing but zeros"] = bytes(48)
    requests["a longer hello"] = good.pack()[:4] + b"\x38" + good.pack()[5:] + b"\xff" * 8
    for field, values in {
            "magic": (b"CPRR", b"RRPD", bytes(4)), "length": (0, 47, 49, 56, 57, 255),
            "ver_min": (0, 2, 255), "ver_max": (0, 2, 255), "auth": (1, 255),
            "supported": (0, 1, 0xFFFFFFFF), "required": (1, 0x80000000, 0xFFFFFFFF),
            "client_id": (0, 0xFFFFFFFFFFFFFFFF), "epoch": (0xFFFFFFFF,),
            "recv_size": (0, 4095, 4097, 8192, 0xFFFFFFFF), "window": (0, 1, 3, 4, 5, 513, 0xFFFF),
            "max_calls": (0, 6, 7, 0xFFFF), "max_bulk": (1, 0xFFFFFFFF),
            "nonce": (0,)}.items():
        for value in values:
            h = Hello(window=8, max_calls=4)
            setattr(h, field, value)
            requests[f"a hello with {field} {value!r}"] = h.pack()
    for what, data in requests.items():
        # InfiniBand's CM pads private data, and does not say how long it was.
        reason = wire.judge_hello(data.ljust(56, b"\0") if not case.iwarp else data)
        asks(case, what, data, reason)


def asks(case, what, data, reason):
    case.errors.pace()
    documented = f"rejected, {reason}; told as {reason}" if reason else "accepted"
    with verbs.connect(case.host, case.port, data, 8) as conn:
        observed = "accepted"
        if conn.event != verbs.ESTABLISHED:
            said = wire.Reject.unpack(conn.private)
            told = case.errors.of(conn.port, "connection-refused") or "nothing"
            case.errors.forget(conn.port)
            observed = f"rejected, {said and wire.REASONS[said.reason]}; " \
                       f"told as {told.split(':')[0]}"
        case.table.add(what, documented, observed)


def before(case):
    """Messages before the proof, and proofs too many."""
    for kind in (wire.CALL, wire.CANCEL, wire.NOP, wire.REPLY, wire.GOAWAY):
        case.says(f"{wire.TYPES[kind]} before the proof", lambda c, k=kind: valid(c, k).pack(),
                  "state", prove=False)
    acceptance = lambda c: Message.of(wire.AUTH, code=wire.ACCEPTED, limit=c.posted).pack()
    case.says("an acceptance from the active side", acceptance, "state", prove=False)
    case.says("an acceptance on a proven connection", acceptance, "state")
    case.says("a second proof", lambda c: valid(c, wire.AUTH).pack(), "state")
    case.says("a proof with payload",
              lambda c: Message.of(wire.AUTH, b"x", code=wire.PROOF, limit=c.posted).pack(),
              "length", prove=False)


def slots(case):
    """Tags that are under way, and cancels of what is not."""
    hello = Hello(window=8, max_calls=4)
    for slot in (4, 5, 0xFFFF):
        for kind in (wire.CALL, wire.CANCEL):
            case.says(f"{wire.TYPES[kind]} of slot {slot} of 4",
                      lambda c, k=kind, s=slot: Message.of(k, tag=s, arg=k == wire.CALL and 9 or 0,
                                                           limit=c.posted).pack(),
                      "slot", hello=hello)

    def twice(c):
        # Method 7 takes its time: the slot is under way.
        c.begin(0, 7, b"")
        return Message.of(wire.CALL, tag=c.tag(0), arg=1000000, limit=c.posted).pack()
    case.says("a slot that is under way", twice, "slot", hello=hello)

    def other(c):
        c.begin(0, 7, b"")
        return Message.of(wire.CALL, tag=c.tag(0) + 0x10000, arg=1000000, limit=c.posted).pack()
    case.says("its next generation", other, "slot", hello=hello)

    with case.client(hello=hello) as c:
        c.check()
        for what, tag in {"done": c.tag(0), "of another generation": c.tag(0) ^ 0x10000,
                          "never begun": 3}.items():
            c.send(wire.CANCEL, tag=tag)
            case.takes(f"after CANCEL of a call {what}", c, Client.check)
    with case.client(hello=hello) as c:
        c.begin(0, 7, b"slow")
        c.send(wire.CANCEL, tag=c.tag(0))
        case.takes("a cancelled call has its reply", c, lambda c: c.reply(BOUND))
        case.takes("and its slot can be used", c, Client.check)


def limits(case):
    """Limits that go back, or beyond the window; credits that are not there."""
    nop = lambda limit: Message.of(wire.NOP, limit=limit & 0xFFFFFFFF).pack()
    case.says("a limit that goes back", lambda c: nop(c.posted - 2), "limit")
    case.says("a limit beyond the window", lambda c: nop(c.received + c.window + 1), "limit")
    case.says("a limit half a circle ahead", lambda c: nop(c.posted + 0x7FFFFFFF), "limit")
    with case.client() as c:
        # All that is allowed: what was received, and a window.
        c.send(wire.NOP, limit=c.received + c.window)
        case.takes("a limit at the window's end", c, Client.check)
    overrun(case)
    starved(case)


def overrun(case):
    """More than was granted, without waiting: the sender's transport ends it, or it is
    lucky and all of it arrives."""
    documented = observed = "closed, or all of it taken"
    with case.client() as c:
        try:
            for _ in range(64):
                c.conn.post(Message.of(wire.NOP, limit=c.posted).pack())
            for _ in range(64):
                c.conn.sent(BOUND)
            c.sent += 64
            while c.credits & 0x80000000 or c.credits <= 2:
                c.recv()
            c.check()
        except verbs.Ended:
            pass
        except (verbs.Timeout, AssertionError) as e:
            observed = f"neither ended nor goes on: {e!r}"
    case.table.add("64 SENDs beyond the limit", documented, observed)


def starved(case):
    """A client that grants nothing gets no more than it granted, and all of it later."""
    with case.client(prove=False) as c:
        granted = 3
        c.send(wire.AUTH, code=wire.PROOF, limit=granted)
        sent = []
        for slot in range(5):
            payload = os.urandom(20)
            sent.append((c.tag(slot), payload))
            c.send(wire.CALL, payload, tag=c.tag(slot), arg=wire.NO_DEADLINE, limit=granted)
        came = hoard(c, 0.3)
        case.table.add("a client that grants three", "2 or 3 messages",
                       "2 or 3 messages" if 2 <= len(came) <= granted else f"{len(came)} messages")
        c.conn.post_recvs(len(came))
        c.send(wire.NOP, limit=c.received + c.window)
        try:
            while len([m for m in came if m.type == wire.REPLY]) < 5:
                came.append(Message.unpack(c.conn.recv(BOUND)))
        except (verbs.Ended, verbs.Timeout):
            pass
        got = [(m.tag, m.payload) for m in came if m.type == wire.REPLY]
        case.table.add("five calls, once it grants", "their replies, in order",
                       "their replies, in order" if got == sent else f"{got}")


def hoard(c, seconds):
    """All that comes meanwhile, nothing granted."""
    came = []
    try:
        while True:
            came.append(Message.unpack(c.conn.recv(seconds)))
            c.received += 1
    except verbs.Timeout:
        return came


def floods(case):
    """Control messages as fast as they are allowed, for a second each."""
    for what, send in {
            "NOP": lambda c: c.send(wire.NOP),
            "NOP that wants an answer": lambda c: c.send(wire.NOP, flags=wire.WANT_ACK),
            "CANCEL of nothing": lambda c: c.send(wire.CANCEL, tag=c.tag(1)),
            "calls of no method": lambda c: c.call(9, b"")}.items():
        with case.client() as c:
            end = time.monotonic() + 1
            sent = 0

            def flood(c):
                nonlocal sent
                while time.monotonic() < end:
                    while c.credits <= 2:
                        c.recv()
                    send(c)
                    sent += 1
                c.check()
            case.takes(f"a flood of {what}", c, flood)
            case.table.add("that was one", "10 and more",
                           "10 and more" if sent >= 10 else str(sent))


def silence(case):
    """Whoever proves nothing is closed after 5 seconds; whoever has, is not."""
    began = clock.now()
    mute = [case.client(prove=False) for _ in range(3)]
    quiet = case.client()
    for c in mute:
        documented = "closed after 5 s"
        try:
            c.await_end(10)
            took = clock.now() - began
            observed = documented if 4.5 <= took <= 8 else f"closed after {took:.1f} s"
        except verbs.Timeout:
            observed = "the connection goes on"
        case.table.add("no proof", documented, observed)
        c.conn.close()
    case.takes("a proven connection that was quiet", quiet, Client.check)
    quiet.conn.close()


def mute(case):
    """Whoever says nothing when asked is closed, sooner while a call is under way. The
    idle are asked after half a second here, and the good one would be."""
    case.good.conn.close()
    for what, calls in (("a client that went mute", True), ("an idle one", False)):
        with case.client() as c:
            if calls:
                c.begin(0, 8, b"")
            began = clock.now()
            case.closes(what, c)
            took = clock.now() - began
            case.table.add(f"{what}, closed after", "1 to 3.5 s",
                           "1 to 3.5 s" if 1 <= took <= 3.5 else f"{took:.1f} s")
    with case.client() as c:
        asked = len([m for m in c.listen(4) if m.type == wire.NOP and m.flags & wire.WANT_ACK])
        case.table.add("an idle one that answers is asked", "again and again",
                       "again and again" if asked > 2 else f"{asked} times")
        case.takes("and lives", c, Client.check)
    case.good = case.client()


def crowd(case):
    """Requests that nobody goes on with, more than the server allows connections."""
    allowed, more = 8, 4
    idle, refusals = [], 0
    for _ in range(allowed + more):
        try:
            idle.append(case.client(prove=False))
        except Refused as e:
            refusals += e.reason == "busy"
    # The good one has one of them, as may others.
    ok = refusals > more and len(idle) + refusals == allowed + more
    case.table.add("12 requests where 8 are allowed", "the rest refused as busy",
                   "the rest refused as busy" if ok else f"{len(idle)} taken, {refusals} busy")
    for c in idle:
        c.conn.close()


LARGE = Hello(window=8, max_calls=6, supported=wire.BULK, max_bulk=1 << 20)


def pieces(addr, key, length, sizes):
    """Segments that describe @length bytes, of @sizes in turn."""
    segments = []
    while length:
        n = min(sizes[len(segments) % len(sizes)], length)
        segments.append(Segment(addr, key, n))
        addr, length = addr + n, length - n
    return segments


def check_large(c, size, sizes):
    """That an echo of so many bytes is one, request and reply in pieces of @sizes."""
    sent, edge = os.urandom(size), b"\xee" * 100
    memory, addr, key = c.conn.expose(sent + edge + bytes(size) + edge)
    room = pieces(addr + size + 100, key, size, sizes)
    c.begin_large(0, 0, pieces(addr, key, size, sizes), room)
    m = c.reply(20)
    assert not c.conn.invalidated, "a key was made invalid, which was not negotiated"
    c.conn.hide()
    assert m.code == wire.OK, m
    got = memory.raw[size + 100:2 * size + 100] if size > 4064 else m.payload
    assert m.bulk_out == (size if size > 4064 else 0), f"{m.bulk_out} bytes were written"
    assert got == sent, "the echo is not what was sent"
    assert memory.raw[size:size + 100] == memory.raw[2 * size + 100:] == edge, "bytes beside it"


def bulk(case):
    """Large requests and replies: as they should be, and lies about memory."""
    with case.client(LARGE) as c:
        case.table.add("the largest transfer", "1048576", str(c.answer.max_bulk))
        for size in (1, 4064, 4065, 70000, 1 << 20):
            for sizes in ((1 << 20,), (4096,), (100000, 4097, 31)):
                if size / min(sizes) < 120:
                    case.takes(f"{size} bytes in pieces of {sizes}", c,
                               lambda c, n=size, s=sizes: check_large(c, n, s))
    said = {
        "a segment without bytes": ([(0, 1, 0), (0, 1, 5000)], 5000, 0, "segs"),
        "a segment of both": ([(0, 1, 9000)], 5000, 4000, "segs"),
        "segments of less": ([(0, 1, 4999)], 5000, 0, "segs"),
        "segments of more": ([(0, 1, 5001)], 5000, 0, "segs"),
        "a segment beyond all memory": ([((1 << 64) - 100, 1, 5000)], 5000, 0, "segs"),
        "segments whose sum wraps": ([(0, 1, 0xFFFFFFFF), (0, 1, 5001)], 5000, 0, "segs"),
        "no segments": ([], 5000, 0, "bulk"),
        "segments of nothing": ([(0, 1, 5000)], 0, 0, "bulk"),
        "a request beyond what was negotiated": ([(0, 1, (1 << 20) + 1)], (1 << 20) + 1, 0, "bulk"),
        "room beyond what was negotiated": ([(0, 1, 0xFFFFFFFF)], 0, 0xFFFFFFFF, "bulk"),
    }
    for what, (segments, request, room, reason) in said.items():
        data = b"".join(Segment(*s).pack() for s in segments)
        case.says(what, lambda c, d=data, n=len(segments), i=request, o=room: Message.of(
            wire.CALL, d, inline=0, segments=n, bulk_in=i, bulk_out=o, arg=1000000,
            limit=c.posted).pack(), reason, hello=LARGE)
    case.says("more segments than have come", lambda c: Message.of(
        wire.CALL, Segment(0, 1, 5000).pack(), inline=0, segments=2, bulk_in=5000, arg=1000000,
        limit=c.posted).pack(), "length", hello=LARGE)
    lies(case)


def unread(case):
    """A client that may not be READ from is offered nothing large."""
    with case.client(LARGE, reads=0) as c:
        case.table.add("the largest transfer without READs", "0", str(c.answer.max_bulk))
        case.takes("small calls of a client without READs", c, lambda c: c.check(4064))
    segment = Segment(0, 1, 5000).pack()
    for what, lengths in {"request": {"bulk_in": 5000}, "room": {"bulk_out": 5000}}.items():
        case.says(f"a large {what} without READs", lambda c, n=lengths: Message.of(
            wire.CALL, segment, inline=0, segments=1, arg=1000000, limit=c.posted, **n).pack(),
            "bulk", hello=LARGE, reads=0)


def windows(case):
    """Replies that make a key invalid, where that was negotiated: that of what was
    WRITten, or the request's. And calls that are cancelled while they are moved."""
    hello = Hello(**{**LARGE.__dict__, "supported": wire.BULK | wire.INVALIDATE})
    for size in () if case.iwarp else (3000, 70000):
        with case.client(hello) as c:
            case.takes(f"{size} bytes under keys of windows", c,
                       lambda c, n=size: check_windows(c, n))
    for method in (0, 9):
        with case.client(LARGE) as c:
            _, addr, key = c.conn.expose(bytes(2 << 20))
            c.begin_large(0, method, [Segment(addr, key, 1 << 20)],
                          [Segment(addr + (1 << 20), key, 1 << 20)])
            c.send(wire.CANCEL, tag=c.tag(0))
            case.takes(f"method {method}, cancelled at once, has its reply", c,
                       lambda c: c.reply(BOUND))
            case.takes("and its slot can be used", c, Client.check)


def check_windows(c, size):
    """That an echo is one, and which of the two keys is invalid afterwards."""
    sent = os.urandom(size)
    memory, addr, first, second = c.conn.expose_windows(sent + bytes(size), size)
    c.begin_large(0, 0, [Segment(addr, first, size)], [Segment(addr + size, second, size)])
    m = c.reply(20)
    written = size > 4064
    assert c.conn.invalidated == (second if written else first), \
        f"{c.conn.invalidated:#x} was made invalid, of {first:#x} and {second:#x}"
    c.conn.hide()
    assert (memory.raw[size:] if written else m.payload) == sent, "the echo is not what was sent"


def lies(case):
    """Memory that is not as the segments say: the device ends the connection."""
    size = 300000
    for what, lie in {
            "a key that is none": lambda a, k: ([Segment(a, k ^ 0x5a5a00, size)], []),
            "more memory than there is": lambda a, k: ([Segment(a + 8192, k, size)], []),
            "an address elsewhere": lambda a, k: ([Segment(a ^ 1 << 40, k, size)], []),
            "room under a key that is none":
                lambda a, k: ([Segment(a, k, size)], [Segment(a, k ^ 0x5a5a00, size)])}.items():
        with case.client(LARGE) as c:
            _, addr, key = c.conn.expose(bytes(size))
            c.begin_large(0, 0, *lie(addr, key))
            case.closes(what, c)
    with case.client(LARGE) as c:
        _, addr, key = c.conn.expose(bytes(size))
        c.conn.hide()
        c.begin_large(0, 0, [Segment(addr, key, size)], [])
        case.closes("memory that is hidden again", c)


GROUPS = (bulk, unread, windows, lengths, fields, opcodes, hellos, before, slots, limits, floods, silence, mute, crowd)

if __name__ == "__main__":
    sys.exit(main("hostile", __doc__, GROUPS, Hostile, 3))
