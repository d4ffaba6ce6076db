"""What benchmarks share: their tables, and files that are whole or not there."""

import os


def table(header, rows, left=0):
    """A Markdown table that reads well as text, too; LEFT columns of words."""
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


def write_new(path, text):
    """Write TEXT to a file beside PATH, then take PATH's place."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    scratch = f"{path}.new"
    with open(scratch, "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(scratch, path)
