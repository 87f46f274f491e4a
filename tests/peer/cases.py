# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Cases in groups, and what they come to: case, documented answer, observed answer."""
import os
import sys
import time

import verbs
import watch


class Table:
    """Rows of one group. In the lab they are left in $LAB_OUT, too."""

    def __init__(self, program, group):
        self.program, self.group = program, group
        self.began = time.monotonic()
        self.rows = []

    def add(self, case, documented, observed):
        self.rows.append((case, documented, observed))

    @property
    def wrong(self):
        return [row for row in self.rows if row[1] != row[2]]

    def close(self):
        """Prints a line, and what was wrong. Returns whether nothing was."""
        out = os.environ.get("LAB_OUT")
        if out:
            with open(os.path.join(out, f"{self.program}-{self.group}.tsv"), "w",
                      encoding="utf-8") as f:
                f.writelines("\t".join(row) + "\n" for row in self.rows)
        print(f"{self.group}: {len(self.rows)} cases, {len(self.wrong)} wrong, "
              f"{time.monotonic() - self.began:.1f} s")
        for case, documented, observed in self.wrong:
            print(f"  {case}: {observed}, not {documented}")
        return bool(self.rows) and not self.wrong


class Cases:
    """What the groups of a program share.

    counts: the server whose counters tell of refusals, None for the module
    table: of the group that runs
    refused: messages of ours in it that were to be refused, and counted
    """

    def __init__(self, counts=None):
        self.counts = counts
        self.iwarp = verbs.iwarp()
        self.table = None
        self.refused = 0

    def finish(self):
        """Something at the end of each group."""

    def run(self, program, group):
        """Returns whether all was as it should be."""
        counted = watch.counters(self.counts)["messages_bad"]
        self.table, self.refused = Table(program, group.__name__), 0
        group(self)
        self.finish()
        counted = watch.counters(self.counts)["messages_bad"] - counted
        self.table.add("messages-bad", str(self.refused), str(counted))
        return self.table.close()


def main(program, doc, functions, make, nr_args):
    """Runs the groups that are named behind so many arguments, of which @make makes
    the cases. Returns what to exit with."""
    args, names = sys.argv[1:nr_args + 1], sys.argv[nr_args + 1:]
    groups = {f.__name__: f for f in functions}
    if not names or set(names) - set(groups):
        print(doc.strip(), file=sys.stderr)
        print("groups:", *groups, file=sys.stderr)
        return 2
    cases = make(*args)
    ok = [cases.run(program, groups[name]) for name in names]
    cases.close()
    return 0 if all(ok) else 1
