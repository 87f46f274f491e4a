# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What the cases of a group come to: case, documented answer, observed answer."""
import os
import time


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
