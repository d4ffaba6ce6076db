# SPDX-License-Identifier: GPL-2.0-only
"""guest-lookups.md, from guest-lookups.json."""

from bench.guest_lookups import judge
from bench.guest_lookups.measure import ABSENT, MEMSLOTS_OF_A_GUEST, OUTCOMES, PAGES
from bench.lib.checks import MAX_SPREAD
from bench.lib.text import table

TITLE = "Gfn lookups of real guests: seed 000's table"
CHART = "memslot-index.svg"

# Cycles on unknown hardware with a Windows guest: boot maximum, boot average, average
# after ten minutes of use.
SEED = {(13, "linear"): (1450, 28, 30), (13, "bsearch"): (1400, 30, 40),
        (117, "linear"): (13000, 30, 460), (117, "bsearch"): (2000, 35, 180)}


def counts(data):
    return list(dict.fromkeys(row["slots"] for row in data["rows"]))


def seed_table(data):
    rows = []
    for count in counts(data):
        for index in judge.indexes(data):
            most, booted, read = judge.figures(data, count, index)
            rows.append([str(count), index, f"{most}", f"{booted:.1f}", f"{read:.1f}",
                         *map(str, SEED.get((count, index), ("", "", "")))])
    return table(["memslots", "index", "boot max", "boot average",
                  "random average", "seed: boot max", "boot average",
                  "random average"], rows, left=2)


def detail_table(data):
    return table(
        ["memslots", "index", "phase", "average", "min–max", "A/A", "max", *OUTCOMES],
        [[str(row["slots"]), row["index"], row["phase"], f"{row['mean']:.2f}",
          f"{row['mean_min']:.2f}–{row['mean_max']:.2f}",
          f"{row['aa']:+.2%}" if row["aa"] is not None else "", str(row["max"]),
          *(f"{row['means'][outcome]:.1f}" if row["means"][outcome] else "–"
            for outcome in OUTCOMES)] for row in data["rows"]], left=3)


def validity(data):
    noisy = judge.noisy(data)
    if noisy:
        return f"{len(noisy)} rows differ by more than {MAX_SPREAD:.0%}: NOT VALID."
    return f"No average differs by more than {MAX_SPREAD:.0%} between runs or in the A/A pair."


def text(data):
    options = data["options"]
    held = "\n".join(f"- {'yes' if check.good else 'NO'}: {check.name}"
                     for check in judge.directions(data))
    most = max(counts(data))
    sample = next(row for row in data["rows"] if (row["slots"], row["index"], row["phase"])
                  == (most, data["default_index"], "random"))["counts"]
    return f"""\
kvmscope counted the instructions of gfn lookups in real Linux guests, at the tracepoint kvm:kvm_memslot_lookup and under
icount, where an instruction is one TSC tick. Figures are of undisturbed lookups, cached ones included; the {data["baseline"]} instructions
of reading the clock are not subtracted. Each is the median of {options["runs"]} guests of an index, which took turns in one boot.
[Seed 000](../seeds.md) gives cycles on other hardware, with a Windows guest of 2014; only directions compare. Instructions ignore caches and
branch prediction, for which the B+-tree was made; memslot-userspace has cycles.

{seed_table(data)}

{held}

{validity(data)}

- boot: from the start of QEMU until all DIMMs of 128 MiB are online; {MEMSLOTS_OF_A_GUEST} memslots are not DIMMs
- random: the guest reads {PAGES} pages behind each DIMM and {ABSENT} pages above all memslots, in random order, {options["rounds"]} rounds;
  with {most} memslots, {sample["found"]} of the lookups search and find, {sample["absent"]} find nothing, and {sample["cached"]} are cached

The last three columns are the averages by outcome.

{detail_table(data)}"""


def panels(data):
    """What a lookup costs a real guest, with the most memslots."""
    most = max((row["slots"] for row in data["rows"]), default=0)
    values = {row["index"]: row["mean"] for row in data["rows"]
              if row["slots"] == most and row["phase"] == "random"}
    return [(f"A Linux guest with {most} memslots reads its memory in random order",
             "instructions per lookup, mean, cached ones included", values)] if values else []
