# SPDX-License-Identifier: GPL-2.0-only
"""What figures hold for: date, command, machine, versions."""

import datetime
import hashlib
import os
import subprocess

import emulator
from bench.lib.errors import Failure
from paths import BUILD

_LOAD = os.getloadavg()


def _first_line(*command):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True).stdout.partition("\n")[0]
    except FileNotFoundError:
        return "unknown"


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:12]


def _kernel(variant):
    folder = os.path.join(BUILD, "kernel", variant)
    releases = os.listdir(os.path.join(folder, "modules", "lib", "modules"))
    return (f"{', '.join(releases)}, config SHA-256 "
            f"{_digest(os.path.join(folder, 'config'))}, bzImage SHA-256 "
            f"{_digest(os.path.join(folder, 'bzImage'))}")


def circumstances(command, variants=()):
    """{what: text}, of a measurement by COMMAND on the kernels VARIANTS."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = next((line.partition(":")[2].strip() for line in file
                    if line.startswith("model name")), "unknown")
    with open("/proc/meminfo", encoding="utf-8") as file:
        gigabytes = round(int(file.readline().split()[1]) / 2**20)
    facts = {
        "date": datetime.date.today().isoformat(),
        "command": command,
        "machine": f"{os.cpu_count()} CPUs {cpu}, {gigabytes} GiB, "
                   f"load {_LOAD[0]:.1f} at the start"}
    for variant in variants:
        facts[f"kernel {variant}"] = _kernel(variant)
    if variants:
        facts["emulator"] = _first_line(emulator.name(), "--version")
    facts["compiler"] = _first_line(os.environ.get("HOSTCC") or "gcc", "--version")
    return facts


def check_kernels(facts):
    """Kernels are still those that FACTS tell of."""
    for fact, value in facts.items():
        what, _, variant = fact.partition(" ")
        if what == "kernel" and value != _kernel(variant):
            raise Failure(f"kernel {variant} was built anew meanwhile; "
                          "nothing was written: measure again")
