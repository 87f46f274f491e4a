# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""verbs.c for Python."""
import ctypes
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIB = ctypes.CDLL(os.path.join(TOP, "build/tests/libpeer.so"), use_errno=True)

POINTER = ctypes.c_void_p
for name in ("peer_connect", "peer_listen", "peer_request"):
    getattr(LIB, name).restype = POINTER
LIB.peer_event.restype = ctypes.c_char_p
LIB.peer_expose.restype = ctypes.c_uint32
LIB.peer_expose.argtypes = POINTER, POINTER, ctypes.c_size_t
LIB.peer_expose_windows.argtypes = POINTER, POINTER, ctypes.c_size_t, ctypes.c_size_t, POINTER
LIB.peer_invalidated.restype = ctypes.c_uint32
LIB.peer_invalidate.argtypes = POINTER, ctypes.c_uint32

# What calls return besides lengths; there are other errors.
TIMEOUT = -1
PLAIN, WITH_IMMEDIATE, WITH_INVALIDATE, WRITE, WRITE_WITH_IMMEDIATE, READ = range(6)

ESTABLISHED = "RDMA_CM_EVENT_ESTABLISHED"
REJECTED = "RDMA_CM_EVENT_REJECTED"


def iwarp():
    """Whether our device is one, not InfiniBand or RoCE."""
    return any(d.startswith("siw") for d in os.listdir("/sys/class/infiniband"))


class Timeout(Exception):
    pass


class Ended(Exception):
    """The connection has."""


class Connection:
    """Bytes to and fro. Times in seconds."""

    def __init__(self, peer):
        if not peer:
            raise OSError(ctypes.get_errno(), "no connection could be begun")
        self.peer = POINTER(peer)
        self.buf = ctypes.create_string_buffer(8192)
        self.memory = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.peer:
            LIB.peer_close(self.peer)
        self.peer = None

    @property
    def event(self):
        return LIB.peer_event(self.peer).decode()

    @property
    def port(self):
        """Ours."""
        return LIB.peer_port(self.peer)

    @property
    def private(self):
        size = LIB.peer_private(self.peer, self.buf)
        return self.buf.raw[:size]

    def post_recvs(self, nr):
        if LIB.peer_post_recvs(self.peer, nr):
            raise Ended

    def send(self, data, kind=PLAIN, timeout=5):
        """Returns when it has arrived, or the connection has ended: what came of it
        recv() tells."""
        self.post(data, kind)
        try:
            self.sent(timeout)
        except Ended:
            pass

    def post(self, data, kind=PLAIN):
        if LIB.peer_post(self.peer, data, len(data), kind):
            raise Ended

    def sent(self, timeout=5):
        ret = LIB.peer_sent(self.peer, int(timeout * 1000))
        if ret == TIMEOUT:
            raise Timeout("a send did not complete")
        if ret:
            raise Ended

    def recv(self, timeout=5):
        size = LIB.peer_recv(self.peer, self.buf, int(timeout * 1000))
        if size == TIMEOUT:
            raise Timeout("no message came")
        if size < 0:
            raise Ended
        return self.buf.raw[:size]

    def expose(self, data):
        """Memory with these bytes that the other side may read and write: the bytes,
        where they are, and the key."""
        memory = ctypes.create_string_buffer(data, len(data))
        key = LIB.peer_expose(self.peer, memory, len(data))
        if not key:
            raise OSError(ctypes.get_errno(), "memory could not be registered")
        self.memory = memory
        return memory, ctypes.addressof(memory), key

    def expose_windows(self, data, first):
        """The same, the first bytes under a key of their own, and both such as a message
        of the other side's can make invalid."""
        memory = ctypes.create_string_buffer(data, len(data))
        keys = (ctypes.c_uint32 * 2)()
        if LIB.peer_expose_windows(self.peer, memory, len(data), first, keys):
            raise OSError(ctypes.get_errno(), "no memory windows")
        self.memory = memory
        return memory, ctypes.addressof(memory), keys[0], keys[1]

    @property
    def invalidated(self):
        """The key that the last message made invalid here, 0 for none."""
        return LIB.peer_invalidated(self.peer)

    def invalidate(self, key):
        """What is sent WITH_INVALIDATE makes this key invalid."""
        LIB.peer_invalidate(self.peer, key)

    def hide(self):
        LIB.peer_hide(self.peer)

    def accept(self, private, timeout=5):
        return LIB.peer_accept(self.peer, private, len(private), int(timeout * 1000))

    def reject(self, private=b""):
        return LIB.peer_reject(self.peer, private, len(private))


def connect(host, port, private, recvs, timeout=10, reads=4):
    """Asks; what came of it is the connection's event and private data. @reads: that the
    other side may have under way at a time."""
    return Connection(LIB.peer_connect(host.encode(), port, private, len(private), recvs, reads,
                                       int(timeout * 1000)))


class Listener:
    def __init__(self, host, port):
        peer = LIB.peer_listen(host.encode(), port)
        if not peer:
            raise OSError(ctypes.get_errno(), "cannot listen")
        self.listener = POINTER(peer)

    def request(self, recvs, timeout=10):
        """Somebody who asks, his hello its private data."""
        peer = LIB.peer_request(self.listener, recvs, int(timeout * 1000))
        if not peer:
            raise Timeout("nobody asked")
        return Connection(peer)

    def close(self):
        LIB.peer_unlisten(self.listener)
