# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Hellos, rejects and messages, and what is accepted of them: docs/wire.md, read
again by somebody who has not seen kmod."""
import dataclasses
import struct

MAGIC = b"RRPC"
RECV_SIZE = 4096
HEADER = 32
PAYLOAD = RECV_SIZE - HEADER
NO_DEADLINE = 0xFFFFFFFF

CALL, REPLY, CANCEL, NOP, GOAWAY, AUTH = 1, 2, 3, 4, 5, 6
TYPES = {CALL: "CALL", REPLY: "REPLY", CANCEL: "CANCEL", NOP: "NOP", GOAWAY: "GOAWAY",
         AUTH: "AUTH"}
WANT_ACK = 1
PROOF, ACCEPTED = 1, 2
OK, APP_ERROR, NO_METHOD, GOING_AWAY, TOO_BIG = 0, 1, 2, 5, 8

# Features.
BULK, INVALIDATE = 1, 2

REASONS = {1: "malformed", 2: "version", 3: "feature", 4: "auth", 5: "limits", 6: "busy",
           7: "stopping", 8: "resources"}


class Fixed:
    """Something of a fixed FORMAT, whose fields are those of a dataclass."""

    def pack(self):
        return struct.pack(self.FORMAT, *dataclasses.astuple(self))

    @classmethod
    def unpack(cls, data):
        return cls(*struct.unpack_from(cls.FORMAT, data))


@dataclasses.dataclass
class Hello(Fixed):
    """The private data of a request and of its answer."""
    FORMAT = "<4sBBBBIIQIIHHIQ"
    magic: bytes = MAGIC
    length: int = 48
    ver_min: int = 1
    ver_max: int = 1
    auth: int = 0
    supported: int = 0
    required: int = 0
    client_id: int = 0
    epoch: int = 0
    recv_size: int = RECV_SIZE
    window: int = 32
    max_calls: int = 30
    max_bulk: int = 0
    nonce: int = 0


def judge_hello(data):
    """The reason to refuse a request, or None."""
    if len(data) < 48:
        return "malformed"
    h = Hello.unpack(data)
    if h.magic != MAGIC or not 48 <= h.length <= len(data) or not 1 <= h.ver_min <= h.ver_max:
        return "malformed"
    if h.ver_min > 1:
        return "version"
    if h.required & ~(BULK | INVALIDATE):
        return "feature"
    if h.auth:
        return "auth"
    if h.recv_size != RECV_SIZE or (h.max_bulk and not h.supported & BULK) or not 4 <= h.window <= 512 or \
            not 1 <= h.max_calls <= h.window - 2:
        return "limits"
    return None


@dataclasses.dataclass
class Reject(Fixed):
    """The private data of a refusal."""
    FORMAT = "<4sBBBBIII"
    magic: bytes = MAGIC
    length: int = 20
    ver_min: int = 1
    ver_max: int = 1
    reason: int = 1
    supported: int = 0
    required: int = 0
    zero: int = 0

    @classmethod
    def unpack(cls, data):
        """None: it came from somebody who does not speak this protocol."""
        if len(data) < 20:
            return None
        r = super().unpack(data)
        return r if r.magic == MAGIC and 20 <= r.length <= len(data) and r.reason else None


@dataclasses.dataclass
class Segment(Fixed):
    FORMAT = "<QII"
    addr: int
    key: int
    length: int


@dataclasses.dataclass
class Message:
    FORMAT = "<BBBBHHIIIIII"
    hlen: int = HEADER
    type: int = NOP
    flags: int = 0
    segments: int = 0
    code: int = 0
    inline: int = 0
    tag: int = 0
    limit: int = 0
    arg: int = 0
    bulk_in: int = 0
    bulk_out: int = 0
    reserved: int = 0
    payload: bytes = b""

    @classmethod
    def of(cls, kind, payload=b"", **fields):
        return cls(**{"type": kind, "payload": payload, "inline": len(payload), **fields})

    def pack(self):
        return struct.pack(self.FORMAT, *dataclasses.astuple(self)[:-1]) + self.payload

    @classmethod
    def unpack(cls, data):
        return cls(*struct.unpack_from(cls.FORMAT, data), payload=data[HEADER:])

    def described(self):
        """The memory that a CALL describes, as far as it is there."""
        return [Segment.unpack(self.payload[i * 16:])
                for i in range(min(self.segments, len(self.payload) // 16))]

    @property
    def slot(self):
        return self.tag & 0xFFFF


def has_payload(m):
    return m.type == CALL or (m.type == REPLY and m.code in (OK, APP_ERROR))


def arg_is_allowed(m):
    if m.type == CALL:
        return m.arg >= 1
    if m.type == GOAWAY:
        return True
    if m.type == REPLY and m.code == APP_ERROR:
        return m.arg != 0
    return m.arg == 0 or (m.type == REPLY and m.code == TOO_BIG)


def bulk_is_allowed(m, max_bulk):
    if m.type == CALL:
        return max(m.bulk_in, m.bulk_out) <= max_bulk and m.segments <= 254 and \
            bool(m.segments) == bool(m.bulk_in or m.bulk_out)
    return not m.segments and not m.bulk_in and \
        (not m.bulk_out or (m.type == REPLY and m.bulk_out <= max_bulk))


def is_whole(m, length):
    bulk = m.bulk_in if m.type == CALL else m.bulk_out
    return length == HEADER + 16 * m.segments + m.inline and not (m.inline and bulk) and \
        (has_payload(m) or not (m.inline or bulk))


def segments_fit(m):
    """Of a CALL: just the bulk bytes, those of the request first."""
    ends = [0]
    for s in m.described():
        if not s.length or s.addr + s.length >= 1 << 64:
            return False
        ends.append(ends[-1] + s.length)
    return m.bulk_in in ends and ends[-1] == m.bulk_in + m.bulk_out


def judge(data, plain=True, max_bulk=0):
    """The name of the refusal of what arrived, as far as it depends on nothing else
    but what was negotiated, or None."""
    if not plain:
        return "opcode"
    if len(data) < HEADER:
        return "short"
    m = Message.unpack(data)
    codes = {CALL: range(65536), REPLY: range(13), AUTH: (PROOF, ACCEPTED)}
    if m.hlen != HEADER:
        return "hlen"
    if m.type not in TYPES:
        return "type"
    if m.flags & ~(WANT_ACK if m.type == NOP else 0):
        return "flags"
    if not bulk_is_allowed(m, max_bulk):
        return "bulk"
    if m.reserved:
        return "reserved"
    if m.code not in codes.get(m.type, (0,)):
        return "code"
    if m.tag and m.type in (NOP, GOAWAY, AUTH):
        return "tag"
    if not arg_is_allowed(m):
        return "arg"
    if not is_whole(m, len(data)):
        return "length"
    if m.type == CALL and not segments_fit(m):
        return "segs"
    return None


def serial_less(a, b):
    return (a - b) & 0x80000000 != 0 and a != b


def judge_limit(limit, last, sent, window):
    """Of a message to somebody who was told @last and has sent so many."""
    if serial_less(limit, last) or serial_less((sent + window) & 0xFFFFFFFF, limit):
        return "limit"
    return None
