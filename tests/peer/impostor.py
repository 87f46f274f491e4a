#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A hostile server, to clients of the module.

usage: impostor.py HOST PORT GROUP…

Each case begins with rdmarpcctl calling, and says what it must exit with and say, by
docs/wire.md and the table of errors that rdmarpcctl has. Prints a line for each group,
and what was wrong.
"""
import errno
import json
import os
import subprocess
import sys

import clock
import verbs
import watch
import wire
from cases import Cases, main
from rpc import Server
from wire import Hello, Message, Reject

REFUSED, NOT_EXECUTED, MAYBE_EXECUTED, APP_ERROR = 3, 4, 5, 6

# Where the lab's processes take so many times as long as they might.
PACE = int(os.environ.get("LAB_PACE", "1"))
# Seconds that a call has, in which it must have ended, and beyond which that is late.
PATIENCE = 2
BOUND, LATE = PATIENCE + 2 * PACE, PATIENCE + PACE
# So long a server may keep a call's memory beyond that; and so long a hang is waited for.
FENCE, HANG = 1, 30


def rdmarpcctl(*args):
    return subprocess.Popen(["rdmarpcctl", *args], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


class Impostor(Cases):
    """What the groups use: where we listen, and callers who come there."""

    def __init__(self, host, port):
        super().__init__()
        self.where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.listener = verbs.Listener(host, int(port))
        grammar = json.loads(subprocess.run(["rdmarpcctl", "-j", "help"], check=True, text=True,
                                            capture_output=True).stdout)
        self.texts = {(e["stage"], e["error"]): e["text"] for e in grammar["errors"]}

    def close(self):
        self.listener.close()

    def call(self, *words, timeout=PATIENCE):
        return rdmarpcctl("call", self.where, *words, "--timeout", str(int(timeout * 1000)))

    def server(self, **kwargs):
        return Server(self.listener, window=8, **kwargs)

    def ended(self, what, caller, status, said="", began=None, late=LATE):
        """The caller must end like that, in time. Returns what it printed."""
        documented = f"exit {status}, {said or 'whatever it says'}"
        waits = clock.now()
        try:
            out, err = caller.communicate(timeout=HANG)
        except subprocess.TimeoutExpired:
            caller.kill()
            out = None
        if out is None or clock.now() - waits > BOUND:
            self.table.add(what, documented, "the caller hangs")
            return ""
        heard = said if said and said in err else "whatever it says" if not said else err.strip()
        took = clock.now() - began if began else 0
        self.table.add(what, documented, f"exit {caller.returncode}, {heard}" +
                       (f", after {took:.1f} s" if took > late else ""))
        return out

    def cannot_connect(self, what, caller, error):
        self.ended(what, caller, REFUSED, self.texts["connect", error])


# ---- the handshake ----

def rejects(case):
    """Requests refused for every reason, and with what is no reason."""
    errors = {1: "EPROTO", 2: "EPROTONOSUPPORT", 3: "EPROTONOSUPPORT", 4: "EACCES",
              5: "EPROTO", 6: "EBUSY", 7: "ECONNREFUSED", 8: "EBUSY", 9: "EPROTO", 255: "EPROTO"}
    said = {f"reason {r}": (Reject(reason=r).pack(), e) for r, e in errors.items()}
    good = Reject(reason=6).pack()
    said["reason 0"] = (Reject(reason=0).pack(), "EPROTO")
    said["a longer reject"] = (good[:4] + b"\x18" + good[5:] + b"\xff" * 4, "EBUSY")
    for size in range(len(good)):
        said[f"a reject of {size} bytes"] = (good[:size], "EPROTO")
    for field, values in {"magic": (b"CPRR", bytes(4)), "length": (0, 19, 255)}.items():
        for value in values:
            r = Reject(reason=6)
            setattr(r, field, value)
            said[f"a reject with {field} {value!r}"] = (r.pack(), "EPROTO")
    for what, (data, error) in said.items():
        # InfiniBand's CM pads private data, and does not say how long it was.
        if not case.iwarp and Reject.unpack(data.ljust(148, b"\0")) and len(data) < 20:
            error = "EBUSY"
        caller = case.call("0", "x")
        with case.listener.request(8) as conn:
            conn.reject(data)
            case.cannot_connect(what, caller, error)


def answer_error(h, wanted):
    """By docs/wire.md: the same rules, one version, and no more than was wanted."""
    reason = wire.judge_hello(h.pack())
    if not reason:
        return None if h.ver_min == h.ver_max == 1 and h.max_calls <= wanted.max_calls and \
            h.max_bulk <= wanted.max_bulk else "EPROTO"
    return {"version": "EPROTONOSUPPORT", "feature": "EPROTONOSUPPORT",
            "auth": "EACCES"}.get(reason, "EPROTO")


def answers(case):
    """Answers with each field at its extremes."""
    for field, values in {
            "magic": (b"CPRR", bytes(4)), "length": (0, 47, 48, 255), "ver_min": (0, 2),
            "ver_max": (0, 2, 255), "auth": (1, 255), "supported": (0xFFFFFFFF,),
            "required": (1, 0xFFFFFFFF), "client_id": (1,), "epoch": (1,),
            "recv_size": (0, 4095, 4097, 0xFFFFFFFF), "window": (0, 2, 3, 513, 0xFFFF),
            "max_calls": (0, 1, 2, 6, 0xFFFF), "max_bulk": (1,), "nonce": (0,)}.items():
        for value in values:
            h = Hello(window=8, max_calls=1)
            setattr(h, field, value)
            answer(case, f"an answer with {field} {value!r}", h)
    for most in (0, 1, 1 << 20, 0xFFFFFFFF):
        answer(case, f"an answer with bulk of {most}",
               Hello(window=8, max_calls=1, supported=wire.BULK, max_bulk=most))


def answer(case, what, h):
    caller = case.call("0", "x")
    with case.server(answer=h, prove=False) as s:
        error = answer_error(h, s.hello)
        if error:
            case.cannot_connect(what, caller, error)
            return
        s.prove()
        s.reply(s.request(), b"good")
        case.ended(what, caller, 0)


def unproven(case):
    """What comes instead of the acceptance, or with it."""
    for what, message in {
            "a proof": Message.of(wire.AUTH, code=wire.PROOF, limit=8),
            "NOP": Message.of(wire.NOP, limit=8), "GOAWAY": Message.of(wire.GOAWAY, limit=8),
            "REPLY": Message.of(wire.REPLY, limit=8), "CALL": Message.of(wire.CALL, limit=8, arg=1),
            "an acceptance with a tag": Message.of(wire.AUTH, code=wire.ACCEPTED, tag=1, limit=8),
            "an acceptance that grants too much":
                Message.of(wire.AUTH, code=wire.ACCEPTED, limit=100)}.items():
        caller = case.call("0", "x")
        with case.server(prove=False) as s:
            s.recv()
            s.send_raw(message.pack())
            case.refused += 1
            case.cannot_connect(f"{what} instead of the acceptance", caller, "ECONNRESET")
    began = clock.now()
    caller = case.call("0", "x")
    with case.server(prove=False):
        case.ended("no acceptance", caller, REFUSED, case.texts["connect", "ETIMEDOUT"], began)
    began = clock.now()
    caller = case.call("0", "x")
    with case.listener.request(8):
        case.ended("no answer at all", caller, REFUSED, case.texts["connect", "ETIMEDOUT"], began)


# ---- replies ----

def statuses(case):
    """What each status comes to: docs/wire.md says whether it was executed."""
    executed = {0: "ok", 1: "application error", **{n: "not executed" for n in range(2, 8)},
                8: "executed", 9: "executed", 10: "maybe executed", 11: "maybe executed",
                12: "not executed"}
    exits = {"ok": 0, "application error": APP_ERROR, "not executed": NOT_EXECUTED,
             "executed": MAYBE_EXECUTED, "maybe executed": MAYBE_EXECUTED}
    for status, outcome in executed.items():
        caller = rdmarpcctl("-j", "call", case.where, "0", "x")
        with case.server() as s:
            s.reply(s.request(), b"42" if status < 2 else b"", code=status,
                    arg=77 if status == 1 else 0)
            out = case.ended(f"status {status}", caller, exits[outcome])
        told = json.loads(out or "{}")
        case.table.add(f"status {status}, as JSON", f"{outcome}, {77 if status == 1 else 0}",
                       f"{told.get('outcome')}, {told.get('app_error')}")


def good_reply(s, call):
    return Message.of(wire.REPLY, b"reply", tag=call.tag, limit=s.posted)


def spoilt(case, what, spoil, reason=None):
    """A call is answered with what @spoil makes of a good reply: bytes, or a message,
    which is then judged."""
    caller = case.call("0", "x")
    with case.server() as s:
        call = s.request()
        m = spoil(s, call)
        data = m if isinstance(m, bytes) else m.pack()
        reason = reason or wire.judge(data) or \
            wire.judge_limit(Message.unpack(data).limit, s.announced, s.received, s.window)
        s.send_raw(data)
        if reason:
            case.refused += 1
            case.ended(what, caller, MAYBE_EXECUTED)
        else:
            case.ended(what, caller, 0)


def replies(case):
    """Replies cut at every byte, with every field at its extremes, and to other calls."""
    for size in [*range(32 + 5), *range(32 + 6, 32 + 16)]:
        spoilt(case, f"REPLY of {size} bytes",
               lambda s, call, n=size: good_reply(s, call).pack().ljust(n, b"\0")[:n])
    for field, values in {
            "hlen": (0, 31, 33), "type": (0, 7, 255), "flags": (1, 128), "segments": (1,),
            "code": (12, 13, 0xFFFF), "inline": (0, 4, 6, 4064, 0xFFFF),
            "limit": (0, 7, 12, 0x7FFFFFFF, 0x80000000), "arg": (1, 0xFFFFFFFF),
            "bulk_in": (1,), "bulk_out": (0xFFFFFFFF,), "reserved": (1,)}.items():
        for value in values:
            def spoil(s, call, field=field, value=value):
                m = good_reply(s, call)
                setattr(m, field, value)
                return m
            spoilt(case, f"REPLY with {field} {value:#x}", spoil)
    for what, wrong in {"another slot": 1, "a slot beyond": 0xFFFF - 1,
                        "another generation": 1 << 16, "no call": 0xFFFF0000}.items():
        spoilt(case, f"REPLY to {what}", lambda s, call, w=wrong: Message.of(
            wire.REPLY, tag=call.tag ^ w, limit=s.posted), "slot")
    for kind in (wire.CALL, wire.CANCEL, wire.AUTH):
        spoilt(case, f"{wire.TYPES[kind]} from the passive side", lambda s, call, k=kind: Message.of(
            k, code=2 if k == wire.AUTH else 0, arg=1 if k == wire.CALL else 0,
            tag=0 if k == wire.AUTH else call.tag, limit=s.posted), "state")


LARGE = Hello(window=8, max_calls=1, supported=wire.BULK, max_bulk=1 << 20)


def bulk(case):
    """What is said of room for a large reply, and of a reply that is late for it."""
    room = 10000
    for what, reply, status in (
            ("a reply in the message, though there is room", {"payload": b"inline"}, 0),
            ("all the room used", {"bulk_out": room}, 0),
            ("a byte more than there is room for", {"bulk_out": room + 1}, MAYBE_EXECUTED),
            ("how much too long it was", {"code": wire.TOO_BIG, "arg": 70000}, MAYBE_EXECUTED)):
        caller = case.call("0", "x", "--room", str(room))
        with case.server(answer=LARGE) as s:
            call = s.request()
            case.table.add(f"{what}: room", f"{room}", f"{call.bulk_out}")
            s.reply(call, **reply)
            case.refused += reply.get("bulk_out", 0) > room
            case.ended(what, caller, status)
    caller = case.call("0", "x")
    with case.server(answer=LARGE) as s:
        s.reply(s.request(), bulk_out=1)
        case.refused += 1
        case.ended("a large reply to a call without room", caller, MAYBE_EXECUTED)
    keys = []
    caller = subprocess.Popen([os.path.join(verbs.TOP, "build/tests/big"), case.where, "0",
                               *4 * ["5000"]], stdout=subprocess.DEVNULL)
    with case.server(answer=LARGE) as s:
        for _ in range(4):
            call = s.request()
            keys.append(keys_of(call))
            s.reply(call, code=wire.APP_ERROR, arg=1)
        caller.wait()
    case.table.add("keys of calls, of the one before", "none", repeated(keys))
    began = clock.now()
    caller = case.call("0", "x", "--room", str(room))
    with case.server(answer=LARGE) as s:
        s.request()
        case.ended("no reply, so that its memory is not fenced", caller, MAYBE_EXECUTED,
                   case.texts["call", "ETIMEDOUT"], began, LATE + FENCE)
        s.await_end()
    unfenced(case)


def unfenced(case):
    """Who is told that his call's time is over has his memory back, so that nobody else
    may write there: without the reply that is the end of the connection."""
    caller = subprocess.Popen([os.path.join(verbs.TOP, "build/tests/caller"), case.where, "2"],
                              text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    caller.stdin.write("room 0 0 300 x\ncall 0 0 300 y\n")
    caller.stdin.close()
    with case.server(answer=Hello(window=8, max_calls=2, supported=wire.BULK,
                                  max_bulk=1 << 20)) as s:
        s.request()
        came = [m.type for m in s.await_end()]
    case.table.add("the connection of a call that is over, but not fenced", "ended",
                   "goes on with another" if wire.CALL in came else "ended")
    caller.kill()
    caller.wait()


INVALIDATE = Hello(window=8, max_calls=1, supported=wire.BULK | wire.INVALIDATE,
                   max_bulk=1 << 20)


def keys_of(call):
    return [segment.key for segment in call.described()]


def repeated(keys):
    """Of calls' keys, those that were the call before's, too. One in 255 is an older one's."""
    return " ".join(f"{k:#x}" for was, now in zip(keys, keys[1:]) for k in set(was) & set(now)) or "none"


def invalidates(case):
    """Replies that make a key invalid, or say that they do. What the module has counted of
    those that a device may end before they come is not asked for."""
    room = "10000"
    bad = lambda: watch.counters(case.counts)["messages_bad"]

    def called(what, status, say, answer=INVALIDATE, refused=0):
        caller = case.call("0", "x", "--room", room)
        with case.server(answer=answer) as s:
            call = s.request()
            try:
                say(s, call, keys_of(call)[0])
            except verbs.Ended:
                pass
            case.refused += refused
            case.ended(what, caller, status)

    called("its key", 0, lambda s, call, key: s.reply(call, b"x", invalidate=key))
    called("no key, though one could be", 0, lambda s, call, key: s.reply(call, b"x"))
    called("a key that was not negotiated to be", MAYBE_EXECUTED,
           lambda s, call, key: s.reply(call, b"x", invalidate=key), LARGE, 1)
    called("by a message that is no reply", MAYBE_EXECUTED,
           lambda s, call, key: s.send(wire.NOP, invalidate=key), refused=1)
    counted = bad()
    called("a key that is none", MAYBE_EXECUTED,
           lambda s, call, key: s.reply(call, b"x", invalidate=key ^ 0x5a5a00))
    called("a key that its memory does not have any more", MAYBE_EXECUTED,
           lambda s, call, key: s.reply(call, b"x", invalidate=key ^ 1))
    others(case, room)
    stale(case)
    case.refused += bad() - counted


def others(case, room):
    """A key of somebody else's connection: one device may let that pass, which must cost
    nobody but who said it and, if he is told late, his victim."""
    victim = case.call("0", "x", "--room", room)
    with case.server(answer=INVALIDATE) as first:
        theirs = first.request()
        caller = case.call("0", "x", "--room", room)
        with case.server(answer=INVALIDATE) as second:
            call = second.request()
            second.reply(call, b"x", invalidate=keys_of(theirs)[0])
            case.ended("the key of another connection", caller, MAYBE_EXECUTED)
        first.reply(theirs, b"x")
        case.ended("whose call is answered all the same", victim, 0)


def stale(case):
    """Calls one after the other in the same memory, each of whose keys is made invalid
    in turn; then one with a key of the call before."""
    caller = subprocess.Popen([os.path.join(verbs.TOP, "build/tests/big"), case.where, "0",
                               *5 * ["5000"]], stdout=subprocess.DEVNULL)
    with case.server(answer=INVALIDATE) as s:
        keys = []
        for i in range(4):
            call = s.request()
            keys.append(keys_of(call))
            s.reply(call, code=wire.APP_ERROR, arg=1, invalidate=keys[-1][i % 2])
        case.table.add("keys of calls, of the one before", "none", repeated(keys))
        s.reply(s.request(), invalidate=keys[-1][0])
        came = [m.type for m in s.await_end()]
        case.table.add("a key of the call before", "closed",
                       f"goes on, {came}" if wire.CALL in came else "closed")
        caller.wait()


def again(case):
    """A reply that comes twice, while the next call is under way."""
    caller = rdmarpcctl("ping", case.where, "-c", "2")
    with case.server() as s:
        first = s.request()
        s.reply(first, first.payload)
        s.request()
        s.send(wire.REPLY, first.payload, tag=first.tag)
        case.refused += 1
        case.ended("a reply twice", caller, MAYBE_EXECUTED)


def silence(case):
    """No reply, no credit, no more connection."""
    began = clock.now()
    caller = case.call("0", "x")
    with case.server() as s:
        s.request()
        case.ended("no reply", caller, MAYBE_EXECUTED, case.texts["call", "ETIMEDOUT"], began)
    caller = case.call("0", "x")
    with case.server() as s:
        s.request()
    case.ended("disconnected instead", caller, MAYBE_EXECUTED, case.texts["call", "ECONNRESET"])
    began = clock.now()
    caller = case.call("0", "x")
    with case.server(prove=False) as s:
        s.recv()
        # Two were allowed before this, and one is spent: no call may leave.
        s.send(wire.AUTH, code=wire.ACCEPTED, limit=3)
        case.ended("no credit", caller, NOT_EXECUTED, case.texts["call", "ETIMEDOUT"], began)
        came = [m.type for m in s.await_end() if m.type == wire.CALL]
        case.table.add("what came without credit", "no call", "a call" if came else "no call")


def parting(case):
    """A reply, and the end right behind it: it is a reply all the same."""
    for _ in range(20):
        caller = case.call("3", "x")
        with case.server() as s:
            s.reply(s.request(), b"last")
        case.ended("a reply, and the end right behind it", caller, 0)


def mute(case):
    """Nothing at all is said any more, though the transport is well: the call is given
    up after 3 seconds, however long it may take; but not while there are signs of life."""
    began = clock.now()
    caller = case.call("0", "x", timeout=60)
    with case.server() as s:
        s.request()
        case.ended("a server that went mute", caller, MAYBE_EXECUTED,
                   case.texts["call", "ECONNRESET"])
        took = clock.now() - began
        case.table.add("given up after", "1 to 3.5 s",
                       "1 to 3.5 s" if 1 <= took <= 3.5 else f"{took:.1f} s")
    caller = case.call("0", "x", timeout=60)
    with case.server() as s:
        call = s.request()
        s.listen(6)
        s.reply(call, b"late, but alive")
        case.ended("a server that takes its time", caller, 0)


def rested(case):
    """The same to a client that has had nothing to do for so long that it no longer
    looks four times a second."""
    caller = subprocess.Popen([f"{os.environ['LAB_TOP']}/build/tests/idle", case.where, "1"],
                              text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with case.server() as s:
        call = s.request()
        s.reply(call, call.payload)
        caller.stdout.readline()
        s.listen(2)
        began = clock.now()
        caller.stdin.write("call\n")
        caller.stdin.flush()
        s.request()
        said = caller.stdout.readline().strip()
        took = clock.now() - began
        case.table.add("a server that went mute meanwhile",
                       f"error {-errno.ECONNRESET} after 1 to 3.5 s",
                       f"{said} after {'1 to 3.5' if 1 <= took <= 3.5 else f'{took:.1f}'} s")
    caller.communicate(timeout=BOUND)


def honest(case):
    """A server that keeps to the rules: replies of every size, and a GOAWAY."""
    caller = rdmarpcctl("ping", case.where, "-c", "50")
    with case.server() as s:
        for _ in range(50):
            call = s.request()
            s.reply(call, call.payload)
        case.ended("50 echoes", caller, 0)
    for size in (0, 1, 4063, 4064):
        caller = case.call("3", "x")
        with case.server() as s:
            call = s.request()
            case.table.add("a call as it comes", "3, b'x'", f"{call.code}, {call.payload}")
            s.reply(call, b"r" * size)
            out = case.ended(f"a reply of {size} bytes", caller, 0)
            case.table.add("what is printed of it", "the same",
                           "the same" if out == "r" * size else f"{len(out)} bytes")
    caller = case.call("3", "x")
    with case.server() as s:
        call = s.request()
        s.send(wire.GOAWAY, arg=1)
        s.send(wire.NOP, flags=wire.WANT_ACK)
        s.reply(call, b"last")
        case.ended("the call under way at a GOAWAY", caller, 0)


def going_away(case):
    """What the last call accepted says of one that is never answered, and what a GOAWAY
    may not say."""
    for what, accepted, ends in (("accepted", 1, MAYBE_EXECUTED), ("not accepted", 0, NOT_EXECUTED)):
        error = "ECONNRESET" if ends == MAYBE_EXECUTED else "ESHUTDOWN"
        caller = case.call("3", "x")
        with case.server() as s:
            s.request()
            s.send(wire.GOAWAY, arg=accepted)
        case.ended(f"a call {what}, and the end", caller, ends, case.texts["call", error])
    for what, said in (("of a call that was not made", (2,)), ("twice", (1, 1))):
        caller = case.call("3", "x")
        with case.server() as s:
            s.request()
            for accepted in said:
                s.send(wire.GOAWAY, arg=accepted)
            case.refused += 1
            case.ended(f"a GOAWAY {what}", caller, MAYBE_EXECUTED, case.texts["call", "ECONNRESET"])


GROUPS = (bulk, invalidates, rejects, answers, unproven, statuses, replies, again, silence, parting, mute,
          rested, honest, going_away)

if __name__ == "__main__":
    sys.exit(main("impostor", __doc__, GROUPS, Impostor, 2))
