# SPDX-License-Identifier: GPL-2.0-only
"""lookup-cost.md, from lookup-cost.json."""

from bench.lib.checks import MAX_SPREAD
from bench.lib.text import table
from bench.lookup_cost import judge

TITLE = "Cost of a gfn lookup"


def what_of(row):
    return [row["function"], row["pattern"], str(row["slots"])]


def cost_table(data):
    options = data["options"]
    return table(
        ["lookup", "pattern", "slots", options["baseline"], "A/A",
         f"{options['variant']} ({data['default_index']})", "difference", "spread"],
        [[*what_of(row), f"{row['baseline']:.1f}", f"{row['aa']:+.1f}", f"{row['variant']:.1f}",
          f"{row['difference']:+.1f}", f"{row['spread']:.2%}"] for row in data["rows"]], left=2)


def index_table(data):
    indexes = list(data["rows"][0]["indexes"])
    return table(["lookup", "pattern", "slots", *indexes],
                 [[*what_of(row), *(f"{row['indexes'][index]:.1f}" for index in indexes)]
                  for row in data["rows"]], left=2)


def verdict(data):
    options = data["options"]
    worst = max(data["rows"], key=lambda row: row["difference"])
    noisy = sum(map(judge.too_noisy, data["rows"]))
    said = (f"The default index costs at most {worst['difference']:+.1f} "
            f"instructions a lookup over {options['baseline']} "
            f"({worst['function']}, {worst['pattern']}, {worst['slots']} slots); "
            f"the limit is {options['limit']:g}.")
    return said + (f" {noisy} rows differ by more than {MAX_SPREAD:.0%}: not valid."
                   if noisy else "")


def text(data):
    options = data["options"]
    return f"""\
Instructions of one lookup, less those of calling an empty function; each figure is the median of {options["runs"]} runs under
icount. `tools/bench/lookup_cost/run --help` explains the patterns. A/A is how far a second boot of the same kernel
differs from the first one.

{verdict(data)}

## Default index

{cost_table(data)}

## Each index of {options["variant"]}

{index_table(data)}"""
