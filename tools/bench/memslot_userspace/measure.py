# SPDX-License-Identifier: GPL-2.0-only
"""Measures memslot indexes in user space: builds memslot_index_bench and runs it."""

import glob
import json
import lzma
import os
import subprocess
import sys

from bench.lib.errors import Failure
from bench.lib.program import say
from bench.memslot_userspace.layouts import LAYOUTS
from paths import BUILD, shown

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.join(BUILD, "linux")
OUTPUT = os.path.join(BUILD, "bench", "memslot_userspace")


def kernels(_options):
    return []


def build():
    """The path of the benchmark, which the tree's own harness compiles."""
    harness = os.path.join(TREE, "tools", "testing", "kvm")
    if not os.path.isdir(harness):
        raise Failure(f"{shown(harness)} is missing; run 'make tree'")
    made = subprocess.run(["make", "-s", "-C", HERE, f"TREE={TREE}", f"O={OUTPUT}"],
                          stdin=subprocess.DEVNULL, stdout=sys.stderr)
    if made.returncode:
        raise Failure("memslot_index_bench does not build (see above)")
    return os.path.join(OUTPUT, "plain", "memslot_index_bench")


def rows_of(command, heading):
    """What COMMAND prints; HEADING(row) names what is measured now."""
    rows = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            row = json.loads(line)
            if not rows or rows[-1]["layout"] != row["layout"]:
                say(f"measuring {heading(row)}")
            rows.append(row)
    if process.returncode or not rows:
        raise Failure(f"memslot_index_bench exited {process.returncode}")
    return rows


def run(program, options):
    command = [program, "-r", str(options.rounds), "-s", str(options.seed)]
    if options.layout != "all":
        command += ["-l", options.layout]
    if options.slots:
        command += ["-n", str(options.slots)]
    return rows_of(command, lambda row: f"{row['layout']}: {LAYOUTS[row['layout']]}")


def replay(program, options):
    """The rows of all streams, with the stream's name as layout."""
    rows = []
    for path in sorted(glob.glob(os.path.join(HERE, "streams", "*.xz"))):
        name = os.path.basename(path)[:-len(".xz")]
        plain = os.path.join(OUTPUT, name)
        with lzma.open(path) as packed, open(plain, "wb") as file:
            file.write(packed.read())
        rows += [{**row, "layout": name} for row in rows_of(
            [program, "-r", str(options.rounds), "-f", plain],
            lambda row, name=name: f"the stream {name}")]
    return rows


def measure(options):
    program = build()
    rows = run(program, options)
    streams = replay(program, options) if (options.layout, options.slots) == ("all", 0) else []
    return {"unit": "TSC cycles", "rows": rows, "streams": streams}
