# SPDX-License-Identifier: GPL-2.0-only
"""What the live tests share: a VM, its sections, the arithmetic, KTAP.

A live test is two halves: a shell script that runs inside the VM and prints
what it saw as sections (measure.sh), and a Python program that judges them.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parents[1] / "tools/lib")]

import child  # noqa: E402
import paths  # noqa: E402

# Tests say live.Tap and live.parameters.
import parameters  # noqa: E402, F401
from tap import Tap  # noqa: E402, F401

BUILD = Path(paths.BUILD)

OUTCOMES = {0: "cached", 1: "found", 2: "absent"}


def program(path, target):
    """A program that make builds before the tests run."""
    if not (BUILD / path).exists():
        print(f"Bail out! no {path} in the build folder: run 'make {target}'")
        sys.exit(1)
    return BUILD / path


def guests():
    """The tests' own programs, built: options of tools/vm/run."""
    subprocess.run(["make", "-s", "-C", HERE, f"BUILD={BUILD}"], check=True, stdout=sys.stderr)
    return [word for source in sorted(HERE.glob("*_guest.c"))
            for word in ("--program", BUILD / "live" / source.stem)]


def run_vm(script, *arguments, icount=False, append="", variant="queue", timeout=300):
    """Runs SCRIPT of this folder inside a VM of two CPUs; returns its sections by name."""
    log = BUILD / "selftests/live" / Path(script).stem
    command = [
        paths.VM_RUN, "--variant", variant,
        "--timeout", str(timeout),
        "--log", log,
        *guests(),
        "--program", program("kvmscope/kvmscope", "kvmscope"),
        "--program", program("bpftool/bpftool", "test-programs"),
        "--file", f"{HERE / 'measure.sh'}:/live/measure.sh",
        "--file", f"{HERE / script}:/live/{script}",
    ]
    if icount:
        command.append("--icount")
    if append:
        command += ["--append", append]
    command += ["--", "sh", f"/live/{script}", *arguments]
    lines = []
    status = child.run(command, lines.append)
    if status:
        print(f"# the VM exited {status}; logs are in {paths.shown(str(log))}")
        sys.stdout.write("".join(f"# {line}" for line in lines[-20:]))
        sys.exit(1)
    return sections("".join(lines))


def sections(text):
    found = {}
    for part in re.split(r"^@@ ", text, flags=re.M)[1:]:
        name, _, body = part.partition("\n")
        found[name.strip()] = body
    return found


def listing(choices, chosen):
    """What a parameter's file says: all choices, the one in use in brackets."""
    return " ".join(f"[{each}]" if each == chosen else each for each in choices) + "\n"


def last_json(text):
    """The last line, a JSON document: what a guest says when it is done."""
    return json.loads(text.strip().splitlines()[-1])


def final_of(text, metric):
    """The final object of one event among kvmscope's lines."""
    documents = [json.loads(line) for line in text.strip().splitlines()]
    return next(document for document in documents
                if (document["type"], document["metric"]) == ("final", metric))


def dumped(maps):
    """Samples in bpftool's dump of a map: buckets and disturbed, of all CPUs."""
    return sum(slot_samples(cpu["value"]) for entry in maps
               for cpu in entry["formatted"]["values"])


def slot_samples(slot):
    return sum(slot["buckets"]) + slot["disturbed"]


def trigger_rows(text):
    """The rows of a hist trigger's file: {field: number}, -1 where it shows 2^64 - 1.

    { outcome: 2, steps: 13 } hitcount: 500  cycles: 12345
    """
    rows = []
    for line in text.splitlines():
        if not line.startswith("{"):
            continue
        row = {name: int(value) for name, value in
               re.findall(r"(\w+):\s+(\d+)", line)}
        rows.append({name: value - (1 << 64) if value >= 1 << 63 else value
                     for name, value in row.items()})
    return rows


def events(rows, **where):
    """Samples in kvmscope's rows, the disturbed ones too, that match every name=value."""
    return sum(row["count"] + row["disturbed"] for row in rows
               if all(row[name] == value for name, value in where.items()))


def total(rows, field="hitcount", **where):
    """Sum of FIELD over the rows that match every name=value."""
    return sum(row[field] for row in rows
               if all(row[name] == value for name, value in where.items()))
