# SPDX-License-Identifier: GPL-2.0-only
"""Rows of a benchmark that compares series (kernels, or choices of one), found by what
was measured."""

import dataclasses


class Figures:
    """ROWS of a JSON file; KIND: a frozen dataclass that says what a row is about, "layout"
    and "op" among else."""

    def __init__(self, rows, kind):
        names = [field.name for field in dataclasses.fields(kind)]
        self.rows = {(row["series"], kind(*(row[name] for name in names))): row for row in rows}

    def series(self):
        return list(dict.fromkeys(series for series, _ in self.rows))

    def kinds(self, op=None, layout=None):
        """What was measured: of an OP and a LAYOUT, or of all."""
        return [what for what in dict.fromkeys(what for _, what in self.rows)
                if op in (None, what.op) and layout in (None, what.layout)]

    def has(self, series, what):
        return (series, what) in self.rows

    def median(self, series, what):
        return self.rows[series, what]["median"]

    def aa(self, series, what):
        """What the A/A pair of the same kernel differs by."""
        return self.rows[series, what]["aa"]

    def spread(self, series, what):
        row = self.rows[series, what]
        return (row["max"] - row["min"]) / row["median"]
