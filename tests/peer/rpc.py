# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Calls and replies as docs/wire.md has them: an honest client and an honest server."""
import os
import struct
import time

import verbs
import wire
from wire import Message

UNPROVEN_LIMIT = 2


class Refused(Exception):
    """reason: its name, or None if nobody said one."""

    def __init__(self, reason):
        super().__init__(reason or "no reason")
        self.reason = reason


class Session:
    """Credits and limits of one side.

    window: receives that it keeps posted; peer_window: those of the other side, once
    its hello is known
    """

    def __init__(self, conn, window):
        self.conn = conn
        self.window = window
        self.peer_window = 0
        self.posted = window
        self.announced = UNPROVEN_LIMIT
        self.sent = 0
        self.received = 0
        self.limit = UNPROVEN_LIMIT
        self.proven = False
        self.max_bulk = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.conn.close()

    def send(self, kind, payload=b"", invalidate=None, **fields):
        """Whatever it is, and whether there is credit for it or not; @invalidate: a key
        of the other side's."""
        fields.setdefault("limit", self.posted & 0xFFFFFFFF)
        message = Message.of(kind, payload, **fields)
        self.announced = message.limit
        self.sent += 1
        if invalidate is None:
            self.conn.send(message.pack())
        else:
            self.conn.invalidate(invalidate)
            self.conn.send(message.pack(), verbs.WITH_INVALIDATE)

    def send_raw(self, data, kind=verbs.PLAIN):
        self.sent += 1
        self.conn.send(data, kind)

    @property
    def credits(self):
        return (self.limit - self.sent) & 0xFFFFFFFF

    def repost(self):
        self.conn.post_recvs(1)
        self.posted += 1

    def recv(self, timeout=5):
        """The next message, which must be one that is accepted."""
        data = self.conn.recv(timeout)
        self.received += 1
        name = wire.judge(data, max_bulk=self.max_bulk)
        assert name is None, f"the module sent {data.hex()}: {name}"
        m = Message.unpack(data)
        assert not wire.judge_limit(m.limit, self.limit, self.sent, self.peer_window), \
            f"limit {m.limit}"
        self.limit = m.limit
        self.repost()
        if m.type == wire.NOP and m.flags & wire.WANT_ACK or self.grant_is_due():
            self.send(wire.NOP)
        return m

    def grant_is_due(self):
        return self.proven and self.posted - self.announced >= self.window // 2 and \
            self.credits > 1

    def listen(self, seconds):
        """Answers what wants an answer, for so long. Returns what came."""
        end = time.monotonic() + seconds
        came = []
        try:
            while True:
                came.append(self.recv(max(end - time.monotonic(), 0)))
        except verbs.Timeout:
            return came

    def await_end(self, timeout=5):
        """Waits until the connection ends. Returns what came before that."""
        end = time.monotonic() + timeout
        came = []
        try:
            while True:
                came.append(Message.unpack(self.conn.recv(max(end - time.monotonic(), 0))))
        except verbs.Ended:
            return came


class Client(Session):
    """The active side, proven unless it is not to be."""

    def __init__(self, host, port, hello=None, prove=True, timeout=10, reads=4):
        hello = hello or wire.Hello(client_id=struct.unpack("<Q", os.urandom(8))[0])
        super().__init__(verbs.connect(host, port, hello.pack(), hello.window, timeout, reads),
                         hello.window)
        if self.conn.event != verbs.ESTABLISHED:
            said = wire.Reject.unpack(self.conn.private)
            event = self.conn.event
            self.conn.close()
            if event != verbs.REJECTED:
                raise Refused(event)
            raise Refused(said and wire.REASONS[said.reason])
        self.answer = wire.Hello.unpack(self.conn.private)
        self.peer_window = self.answer.window
        self.generations = [0] * self.answer.max_calls
        self.max_bulk = self.answer.max_bulk
        if prove:
            self.prove()

    def prove(self):
        self.send(wire.AUTH, code=wire.PROOF)
        m = self.recv()
        assert (m.type, m.code) == (wire.AUTH, wire.ACCEPTED), m
        self.proven = True

    def tag(self, slot):
        return self.generations[slot] << 16 | slot

    def begin(self, slot, method, payload, budget=wire.NO_DEADLINE, **fields):
        """Calls, once there is credit."""
        while self.credits <= 2:
            self.recv()
        self.generations[slot] = (self.generations[slot] + 1) & 0xFFFF
        self.send(wire.CALL, payload, code=method, tag=self.tag(slot), arg=budget, **fields)

    def begin_large(self, slot, method, request, room):
        """@request and @room: segments of memory for each."""
        segments = b"".join(s.pack() for s in [*request, *room])
        self.begin(slot, method, segments, inline=0, segments=len(request) + len(room),
                   bulk_in=sum(s.length for s in request),
                   bulk_out=sum(s.length for s in room))

    def reply(self, timeout=5):
        """The next reply, whatever comes before it."""
        while True:
            m = self.recv(timeout)
            if m.type == wire.REPLY:
                assert m.tag == self.tag(m.slot), f"a reply to {m.tag:#x}"
                return m

    def call(self, method, payload, budget=wire.NO_DEADLINE, slot=0, timeout=5):
        self.begin(slot, method, payload, budget)
        return self.reply(timeout)

    def check(self, size=100):
        """That an echo is one."""
        payload = os.urandom(size)
        m = self.call(0, payload)
        assert m.code == wire.OK and m.payload == payload, "the echo is not what was sent"


class Server(Session):
    """The passive side of one connection, accepted and proven unless it is not to be."""

    def __init__(self, listener, window=32, answer=None, prove=True, timeout=10):
        conn = listener.request(window, timeout)
        super().__init__(conn, window)
        self.hello = wire.Hello.unpack(conn.private)
        self.peer_window = self.hello.window
        reason = wire.judge_hello(conn.private)
        assert reason is None, f"the module asked with a hello that is {reason}"
        answer = answer or wire.Hello(window=window,
                                      max_calls=min(self.hello.max_calls, window - 2))
        self.max_bulk = answer.max_bulk
        conn.accept(answer.pack())
        if prove:
            self.prove()

    def prove(self):
        m = self.recv()
        assert (m.type, m.code) == (wire.AUTH, wire.PROOF), m
        self.send(wire.AUTH, code=wire.ACCEPTED)
        self.proven = True

    def request(self, timeout=5):
        while True:
            m = self.recv(timeout)
            if m.type == wire.CALL:
                return m

    def reply(self, call, payload=b"", **fields):
        while self.credits <= 1:
            self.recv()
        self.send(wire.REPLY, payload, **{"tag": call.tag, **fields})
