# SPDX-License-Identifier: GPL-2.0-only
"""memslot-userspace.md, from memslot-userspace.json."""

from bench.lib.text import table
from bench.memslot_userspace import judge
from bench.memslot_userspace.layouts import (AGAIN, CELLS, JUDGED, LAYOUTS, REFERENCE, distinct,
                                             find, title)

TITLE = "Memslot indexes in user space"
CHART = "memslot-index.svg"
CHART_LAYOUT, CHART_SLOTS = "L2", (117, 509, 32764)

SHOWN = (*judge.CELLS, "one_hole", "one_hole_dependent", "replace", "erase_insert")
SHOWN_BY_LAYOUT = ("hit", "hit_dependent", "hit_cold", "holes")


def target_table(targets):
    return table(
        ["", "memslots", "target", "worst", "there", "in the median round", ""],
        [[title(target.cell), target.slots, f"≥ {target.least:g}×", f"{target.speedup:.2f}×",
          f"{target.row['layout']}, {target.row['slots']}",
          f"{target.row[target.cell]['median_speedup']:.2f}×", "met" if target.met else "MISSED"]
         for target in targets], left=1)


def speedup_table(rows, index):
    """Times as fast as rbtree, the worst of all layouts, for each number of memslots."""
    cells = [cell for cell in SHOWN if any(cell in row for row in rows)]

    def worst(slots, cell):
        speedups = [row[cell]["speedup"] for row in rows
                    if cell in row and (row["slots"], row["index"]) == (slots, index)]
        return f"{min(speedups):.2f}" if speedups else "–"

    return table(["memslots", *map(title, cells)],
                 [[str(slots), *(worst(slots, cell) for cell in cells)]
                  for slots in distinct(rows, "slots")])


def stream_table(rows):
    def cells(row):
        for cell in ("replay", "replay_searches", "replay_cold"):
            yield f"{row[cell]['best']:.1f}"
            yield f"{row[cell]['speedup']:.2f}"

    return table(["stream", "index", "lookups", "searches", "cycles a lookup", "×",
                  "cycles a search", "×", "cold", "×"],
                 [[row["layout"], row["index"], str(row["lookups"]), str(row["searches"]), *cells(row)]
                  for row in rows], left=2)


def cycle_table(rows, cell):
    """Cycles in the best round, and the median one; speedups in the best."""
    layout = rows[0]["layout"]
    indexes = distinct(rows, "index")
    lines = []
    for slots in distinct(rows, "slots"):
        cells = [str(slots)]
        for index in indexes:
            row = find(rows, layout, slots, index)
            cells += [f"{row[cell]['best']:.1f} ({row[cell]['median']:.0f})",
                      f"{row[cell]['speedup']:.2f}×"] if row else ["–", ""]
        lines.append(cells)
    header = ["memslots"]
    for index in indexes:
        header += [index, ""]
    return table(header, lines)


def memory_table(rows):
    indexes = [index for index in distinct(rows, "index") if index != AGAIN]

    def most(slots, index):
        found = [row["bytes_per_slot"] for row in rows
                 if (row["slots"], row["index"]) == (slots, index)]
        return f"{max(found):.1f}" if found else "–"

    return table(["memslots", *indexes],
                 [[str(slots), *(most(slots, index) for index in indexes)]
                  for slots in distinct(rows, "slots")])


def introduction():
    cells = "\n".join(f"- {title(name)}: {what}" for name, what in CELLS.items())
    layouts = "\n".join(f"- {name}: {what}" for name, what in LAYOUTS.items())
    return f"""\
Figures are TSC cycles per operation on the machine named above. The kernel's source (virt/kvm/memslot_index*.c) is compiled
as in tools/testing/kvm: the index alone, without the caches of the memslot found last. As in the kernel, memslots are 512
bytes apart, nodes are aligned to their size, and all memory is in huge pages. Each round looks up new random gfns, the
same for all indexes in turn. Other work on the machine only ever adds cycles, so the best round counts; the median is in
parentheses. "{AGAIN}" is the same index measured a second time, so any difference between the two is chance. linear is
left out where it takes forever.

{cells}
- dependent: each lookup depends on the result of the one before, or the processor would overlap them
- cold: in between, this CPU read as much as its caches hold; the best of four times
- replace: replace a memslot by another one with the same gfns
- erase insert: remove a memslot, reserve, and insert it again

Memslots of L1 to L5 are created in random order. Those of a PC are created in the order of their gfns, but for the BAR.
The layouts are:

{layouts}"""


def stream_text(rows):
    return f"""\
## Streams of real guests

These lookups were recorded in a guest of the queue kernel (streams/README.md). All of them are replayed with the caches of
vCPUs and set, then by themselves those that no cache answered, then some of these with cold caches. Each round replays the
same lookups, so the processor learns which way {REFERENCE}'s branches go if there are few searches, or if they alternate between
few memslots. A kernel does a lot between two searches, so it is closer to cold.

{stream_table(rows)}"""


def text(data):
    rows = data["rows"]
    parts = [introduction(),
             f"## {JUDGED}, times as fast as {REFERENCE}, the worst cells\n\n"
             + target_table(judge.targets(data))]
    parts += [f"## {index}, times as fast as {REFERENCE}, the worst layout\n\n"
              + speedup_table(rows, index) for index in (JUDGED, "bsearch", AGAIN)]
    if data["streams"]:
        parts.append(stream_text(data["streams"]))
    for cell in SHOWN_BY_LAYOUT:
        for layout in distinct(rows, "layout"):
            mine = [row for row in rows if row["layout"] == layout and cell in row]
            if mine:
                parts.append(f"## {title(cell)}, {layout}\n\n{cycle_table(mine, cell)}")
    parts.append("## Bytes per memslot and set, the most of all layouts\n\n"
                 "As allocated, i.e. rounded up to the size of a kmalloc() cache. Each address space of a VM has "
                 "two sets.\n\n" + memory_table(rows))
    return "\n\n".join(parts)


def panels(data):
    """What a lookup costs in user space."""
    found = []
    for slots in CHART_SLOTS:
        values = {row["index"]: row["hit"]["best"] for row in data["rows"]
                  if (row["layout"], row["slots"]) == (CHART_LAYOUT, slots)
                  and row["index"] != AGAIN}
        if values:
            found.append((f"User space, {slots} memslots of {LAYOUTS[CHART_LAYOUT]}",
                          "cycles per random lookup", values))
    return found
