# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What the module says of its peers: counters, and errors as they happen."""
import json
import subprocess
import threading
import time

# The module tells 20 errors a second; so many are asked for.
PACE = 1 / 16


def counters(server=None):
    argv = ["rdmarpcctl", "-j", "stats", "show"] + ([server] if server else [])
    out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return json.loads(out)["counters"]


class Errors:
    """Reasons by the peer's port, as rdmarpcctl monitor tells them."""

    def __init__(self):
        self.told = {}
        self.changed = threading.Condition()
        self.next = 0
        self.proc = subprocess.Popen(["rdmarpcctl", "-j", "monitor", "error"], text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert "listening" in self.proc.stderr.readline()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.proc.stdout:
            event = json.loads(line)
            if event["event"] != "error":
                continue
            port = int(event["peer"].rsplit(":", 1)[1])
            with self.changed:
                self.told.setdefault(port, []).append((event["kind"], event["reason"]))
                self.changed.notify_all()

    def pace(self, nr=1):
        """Before something that is to be told, @nr errors: no faster than they are."""
        time.sleep(max(self.next - time.monotonic(), 0))
        self.next = time.monotonic() + nr * PACE

    def spent(self):
        """More has happened than is told: wait until some is again."""
        self.next = time.monotonic() + 1

    def of(self, port, kind, timeout=5):
        """The reason of the last error of a kind with that peer."""
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                found = [reason for k, reason in self.told.get(port, ()) if k == kind]
                if found:
                    return found[-1]
                if not self.changed.wait(max(end - time.monotonic(), 0)):
                    return None

    def forget(self, port):
        with self.changed:
            self.told.pop(port, None)

    def close(self):
        self.proc.terminate()
        self.proc.wait()
