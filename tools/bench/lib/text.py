# SPDX-License-Identifier: GPL-2.0-only
"""Tables of Markdown."""


def table(header, rows, left=0):
    """A table that reads well as text, too; LEFT columns of words."""
    assert all(len(row) == len(header) for row in rows), "a row of another length"
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    lines = []
    for row in [header, *rows]:
        cells = [cell.ljust(width) if i < left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append("| " + " | ".join(cells) + " |")
    lines.insert(1, "|" + "|".join(
        "-" * (width + 1) + ("-" if i < left else ":")
        for i, width in enumerate(widths)) + "|")
    return "\n".join(lines)
