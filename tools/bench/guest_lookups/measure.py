# SPDX-License-Identifier: GPL-2.0-only
"""Measures what gfn lookups cost real Linux guests, which a VM boots one by one."""

import json
import os
import statistics

from bench.lib import vm
from bench.lib.errors import Failure
from bench.lib.program import say

HERE = os.path.dirname(os.path.abspath(__file__))
# What a guest has without DIMMs.
MEMSLOTS_OF_A_GUEST = 6
# tools/guest/guest.sh's guests have room for 128 DIMMs.
POSSIBLE_MEMSLOTS = MEMSLOTS_OF_A_GUEST, MEMSLOTS_OF_A_GUEST + 128
# Pages that a guest reads in a round: behind each DIMM, and without a memslot.
PAGES, ABSENT = 20, 200
SECONDS_PER_GUEST = 240
PHASES = ("boot", "random")
OUTCOMES = ("cached", "found", "absent")


def kernels(_options):
    return ["queue"]


def boot(options):
    """Lines of inside.sh: one for each guest and phase."""
    done = []

    def progress(line):
        done.append(line)
        if len(done) % len(PHASES) == 0:
            say(f"{len(done) // len(PHASES)} guests measured")

    say("booting; one guest takes about 15 s")
    return vm.run_vm(
        ["--icount", *vm.timeout(len(options.slots) * options.runs, SECONDS_PER_GUEST),
         "--file", f"{HERE}/inside.sh:/guest/inside.sh", "--",
         "sh", "/guest/inside.sh", str(options.runs), str(options.rounds),
         str(PAGES), str(ABSENT), options.indexes,
         *(str(count - MEMSLOTS_OF_A_GUEST) for count in options.slots)],
        runner=vm.GUEST_VM, line=progress)


def parse(line, rounds):
    """A guest in one phase; Failure if not all of its lookups were counted."""
    what, hist = map(json.loads, line.split("\t"))
    name = f"{what['index']} with {what['dimms']} DIMMs, {what['phase']}"
    rows = hist["rows"]
    if any(hist["lost"].values()):
        raise Failure(f"{name}: kvmscope lost samples: {hist['lost']}")
    if len(hist["vms"]) != 1 or any(row["index"] != what["index"] for row in rows):
        raise Failure(f"{name}: there were lookups of other VMs")
    counted = {row["outcome"]: row["count"] + row["disturbed"] for row in rows}
    if what["phase"] == "random":
        wanted = rounds * (what["dimms"] * PAGES + ABSENT)
        if sum(counted.values()) < wanted or counted.get("absent", 0) < rounds * ABSENT:
            raise Failure(f"{name}: {counted} lookups, but the guest read "
                          f"{wanted} pages: kvmscope was not attached in time")
    return {"slots": hist["vms"][0]["slots"], "index": what["index"],
            "nr": what["nr"], "phase": what["phase"],
            "max": max(row["max"] for row in rows if row["count"]),
            "mean": sum(row["sum"] for row in rows) / sum(row["count"] for row in rows),
            "baseline": hist["baseline"]["median"],
            "means": {row["outcome"]: row["mean"] for row in rows},
            "counts": counted}


def spread(values, median):
    return (max(values) - min(values)) / median


def row_of(some, again):
    """The figures of guests alike, and of those of the A/A pair."""
    means = [each["mean"] for each in some]
    median = statistics.median(means)
    return {"slots": some[0]["slots"], "index": some[0]["index"],
            "phase": some[0]["phase"], "max": max(each["max"] for each in some),
            "mean": median, "mean_min": min(means), "mean_max": max(means),
            "spread": spread(means, median),
            "aa": statistics.median(each["mean"] for each in again) / median - 1
            if again else None,
            "means": {outcome: statistics.median(each["means"].get(outcome, 0) for each in some)
                      for outcome in OUTCOMES},
            "counts": some[0]["counts"]}


def data_of(lines, options):
    """What guest-lookups.json says of the guests in LINES."""
    guests = [parse(line, options.rounds) for line in lines]
    if {guest["slots"] for guest in guests} != set(options.slots):
        raise Failure(f"the guests have {sorted({guest['slots'] for guest in guests})} "
                      f"memslots, not {options.slots}")

    def alike(count, index, phase, nr):
        return [guest for guest in guests if (count, index, phase, nr) == (
            guest["slots"], guest["index"], guest["phase"], guest["nr"])]

    return {
        "unit": "instructions", "baseline": guests[0]["baseline"],
        "default_index": guests[0]["index"], "guests": len(guests) // len(PHASES),
        "rows": [row_of(alike(count, index, phase, 0), alike(count, index, phase, 1))
                 for count in options.slots
                 for index in dict.fromkeys(guest["index"] for guest in guests)
                 for phase in PHASES]}


def measure(options):
    return data_of(boot(options), options)
