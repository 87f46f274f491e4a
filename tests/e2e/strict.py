#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Requests to the netlink family that no library would make, to the server "s":
each is to be refused with EINVAL, and told why. Says which was not."""
import errno
import socket
import struct
import sys

NETLINK_GENERIC = 16
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, ACK, DUMP, UNKNOWN_FLAG = 0x1, 0x4, 0x300, 0x800
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
SERVER_GET, SERVER_SET = 3, 6
NAME, MAX_CONNECTIONS = 1, 5


def attr(kind, data):
    size = 4 + len(data)
    return struct.pack("=HH", size, kind) + data + bytes(-size % 4)


class Family:
    """Generic netlink, by hand."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.settimeout(10)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.id = GENL_ID_CTRL
        _, told = self.ask(CTRL_CMD_GETFAMILY, attr(CTRL_ATTR_FAMILY_NAME, b"rdmarpc\0"))
        self.id = struct.unpack("=H", self.find(told[20:], CTRL_ATTR_FAMILY_ID))[0]

    @staticmethod
    def find(data, kind):
        while len(data) >= 4:
            size, this = struct.unpack_from("=HH", data)
            if this == kind:
                return data[4:size]
            data = data[(size + 3) & ~3:]
        return b""

    def ask(self, cmd, attrs, flags=REQUEST | ACK, reserved=0):
        """Return: errno, and the first object that was told or the words of the error."""
        body = struct.pack("=BBH", cmd, 1, reserved) + attrs
        self.sock.send(struct.pack("=IHHII", 16 + len(body), self.id, flags, 1, 0) + body)
        told = b""
        while True:
            data = self.sock.recv(65536)
            while data:
                size, kind = struct.unpack_from("=IH", data)
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    error = -struct.unpack_from("=i", data, 16)[0]
                    # Behind an error stands the head of what it is about.
                    words = self.find(data[36 if kind == NLMSG_ERROR else 20:size], 1)
                    return error, words if error else told
                told = told or data[:size]
                data = data[(size + 3) & ~3:]


def main():
    family = Family()
    s = attr(NAME, b"s\0")
    wrong = 0
    if family.ask(SERVER_GET, s)[0]:
        print("what is right was refused")
        wrong += 1
    for what, request in {
        "a reserved field of the header": (SERVER_GET, s, REQUEST | ACK, 7),
        "an unknown flag": (SERVER_GET, s, REQUEST | ACK | UNKNOWN_FLAG),
        "a name without an end": (SERVER_GET, attr(NAME, b"s")),
        "a number of 2 bytes": (SERVER_SET, s + attr(MAX_CONNECTIONS, b"\1\0")),
        "an attribute of no family": (SERVER_SET, s + attr(77, b"\1\0\0\0")),
        "bytes behind the attributes": (SERVER_GET, s + b"\0\0"),
        "a dump of one": (SERVER_GET, s, REQUEST | DUMP),
    }.items():
        error, words = family.ask(*request)
        if error != errno.EINVAL or not words:
            print(f"{what}: error {error}, {words!r}")
            wrong += 1
    return 1 if wrong else 0


sys.exit(main())
