# SPDX-License-Identifier: GPL-2.0-only
"""memslot-updates.md, from memslot-updates.json."""

from bench.lib.checks import MAX_SPREAD
from bench.lib.text import table
from bench.memslot_updates.judge import OPS, Updates
from bench.memslot_updates.measure import FUNCTIONS

TITLE = "Cost of updating a memslot"


def ratio_table(found):
    rows = []
    for count, op in found.kinds:
        reference = found.row(count, op, found.default)["ticks"]
        cells = [str(count), op, str(reference["median"]),
                 f"{reference['min']}–{reference['max']}", f"{found.aa(count, op):+.2%}"]
        for index in found.others:
            ticks = found.row(count, op, index)["ticks"]
            cells += [f"{ticks['ratio']:.3f}", f"{ticks['ratio_min']:.3f}–{ticks['ratio_max']:.3f}"]
        rows.append(cells)
    header = ["memslots", "update", found.default, "min–max", "A/A"]
    for index in found.others:
        header += [index, "min–max"]
    return table(header, rows, left=2)


def waiting_table(found):
    """How many instructions of an update are not those of the calling thread."""
    def waiting(count, op):
        row = found.row(count, op, found.default)
        return row["ticks"]["median"] - row["cpu_ns"]["median"]

    return table(["update", *(f"{count} memslots" for count in found.counts)],
                 [[op, *(f"{waiting(count, op)}" for count in found.counts)] for op in OPS], left=1)


def call_table(data):
    """Less what the tracer adds: the default's reserve does nothing."""
    tracer = {row["slots"]: row["functions"][FUNCTIONS[0]] for row in data["calls"]
              if row["index"] == data["default_index"]}
    return table(
        ["memslots", "index", *(name.rpartition("_")[2] for name in FUNCTIONS)],
        [[str(row["slots"]), row["index"],
          *(f"{max(row['functions'][name] - tracer[row['slots']], 0):.0f}" for name in FUNCTIONS)]
         for row in data["calls"]], left=2)


def verdict(found):
    lines = []
    if found.judged:
        costly = any(found.too_costly(*what) for what in found.kinds)
        ratio, index, op, count = max((found.ratio(count, op, index), index, op, count)
                                      for index in found.judged for count, op in found.kinds)
        lines.append(f"{index} costs at most {ratio:.3f} times what {found.default} costs "
                     f"({op}, {count} memslots); the limit is {found.limit:g}: "
                     + ("NOT HELD." if costly else "held."))
    noisy = sum(found.noisy(*what) for what in found.kinds)
    lines.append(f"The A/A pair differs by more than {MAX_SPREAD:.0%} in {noisy} rows: NOT VALID."
                 if noisy else f"The A/A pair differs by at most {MAX_SPREAD:.0%} in every row.")
    return " ".join(lines)


def text(data):
    options, found = data["options"], Updates(data)
    parts = [f"""\
KVM's selftest memslot_index_perf counted the instructions (icount) of one KVM_SET_USER_MEMORY_REGION in VMs without vCPU.
There are {options["runs"]} rounds, each the median of {options["updates"]} updates at random positions, the same in all VMs. For {found.default}, the
table has the median and the range of the rounds; for the others, median and range of the ratio to {found.default} in the same
round. A/A is how far a second VM of {found.default} differs from the first one. flags-on and flags-off start and stop logging
dirty pages.

{verdict(found)}

{ratio_table(found)}

## Waiting for SRCU

Every update waits for one grace period; move and delete wait for two. The following instructions of an update with
{found.default} are not the calling thread's. They are those of the workqueue that ends the grace period, and of switching to it.
They are the same for all indexes and vary by a few per cent only, but they bring the ratios above closer to 1.

{waiting_table(found)}"""]
    if data["calls"]:
        parts.append(f"""\
## What the index is of it

The table has the mean instructions of one call of kvm_memslot_index_reserve(), _insert(), _erase() and _replace(), by the
function graph tracer. Subtracted is what the tracer adds, i.e. what it shows for {found.default}'s reserve, which does nothing.
Calls by the creation of all memslots are included. An update calls the functions for both sets of memslots:
create 2 reserve and 2 insert, flags 2 replace, delete 1 replace and 2 erase, move 2 reserve, 1 replace, 2 erase and
2 insert. Indexes that need no memory do not reserve for a move.

{call_table(data)}""")
    return "\n\n".join(parts)
