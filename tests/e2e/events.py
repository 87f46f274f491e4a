#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""events.py YNL SPEC: prints "listening", then a line for each event, as it comes,
read by the library that YNL, the kernel source's client, stands on."""
import os
import sys

sys.path.append(os.path.dirname(sys.argv[1]))
from lib import YnlFamily  # pylint: disable=wrong-import-position


def main():
    family = YnlFamily(sys.argv[2], schema="", process_unknown=True)
    family.ntf_subscribe("events")
    print("listening")
    for ntf in family.poll_ntf():
        msg = ntf["msg"]
        if ntf["name"] == "server-ntf":
            words = [msg["name"], msg["state"]]
            if msg["handler-uids"] or msg["handler-gid"] != 0xFFFFFFFF:
                words.append("users=" + ",".join(map(str, msg["handler-uids"])))
                words.append(f"group={msg['handler-gid']}")
        elif ntf["name"] == "connection-ntf":
            words = [msg["role"], msg.get("server", "-"), msg["state"]]
        else:
            words = [msg["kind"], msg["reason"]]
        print(msg["event-seq"], ntf["name"], *words)


main()
