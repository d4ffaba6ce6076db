#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Can ioeventfds block, crash or grow the host?

usage: selftests/kvm/io_bus_limits.py [option]...

  --variant NAME   the kernel to test besides stock; default queue
  --kernel FILE    this bzImage instead
  --help

Does what somebody who may open /dev/kvm can do, on the stock kernel and with each
kvm.io_bus_index of the other one (io_bus_limits.c does it):

- A vCPU's ioctl waits for memory that userfaultfd never serves, which makes it a
  reader of the I/O bus for as long. Ioeventfds of its VM can still be registered.
  With 40 more such VMs, the ioeventfds of another one can be registered and
  removed, and it can be destroyed.
- Ioeventfds whose data collide in simple hash functions are registered and removed
  like others, and answers are stock's.
- Whatever ioeventfds took of the host's memory comes back.
- If a stuck reader keeps what registrations replace until there is no more memory,
  they fail, and nothing is killed for them.

What is not done by its deadline, a minute or more, fails, and so does a kernel
that reports a problem. KTAP comes out.

exit status: 0 all is so; 1 something is not; 2 bad usage.
"""

import errno
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "..", "tools", "lib")]

import other_kernel  # noqa: E402
import parameters  # noqa: E402
from cli import Parser, run_main  # noqa: E402
from other_kernel import STOCK  # noqa: E402
from tap import Tap  # noqa: E402

INDEXES = parameters.values("io_bus_index")
SOURCE = os.path.join(HERE, "io_bus_limits.c")
PARAMETER = "/sys/module/kvm/parameters/io_bus_index"
# Registering takes time proportional to the square, but for hash.
MANY = {STOCK: 20000, **dict.fromkeys(INDEXES, 40000), "hash": 100000}
COLLIDING = 7000
# What arrays of so many replace is more than the VM has.
HOARD = 20000
STUCK, STUCK_VMS = 3000, 40
# Stock frees replaced arrays without workers.
WORKERS = {STOCK: 0, **dict.fromkeys(INDEXES, 1 + STUCK_VMS)}
# Of the memory that was taken, at most one part in so many may be kept: at times the
# kernel keeps more half-empty slabs than before.
PART = 4
# Neither kernel has smaller ioeventfds, in bytes.
SMALLEST = 64
SECTION = re.compile(r"== (\w+)\n")


def compile_program(folder):
    program = os.path.join(folder, "io_bus_limits")
    subprocess.run(["cc", "-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Wmissing-prototypes",
                    "-Wshadow", "-Wformat=2", "-Werror", "-D_GNU_SOURCE", "-pthread", "-static",
                    "-o", program, SOURCE], check=True, stdout=sys.stderr)
    return program


def script_of(name):
    """What to do in the VM under one name. A case that fails does not end the others."""
    choose = "" if name == STOCK else f"echo {name} >{PARAMETER}\n"
    cases = (f"stuck {WORKERS[name]} {PART}", f"colliding {COLLIDING}", f"many {MANY[name]} {PART}",
             f"hoard {HOARD}")
    return f"echo '== {name}'\n{choose}" + "".join(
        f"/io_bus_limits {case} || echo \"'{case}' exited $?\"\n" for case in cases)


def run(options, which, program, names):
    """(exit status, {(name, what): [document]}) of a VM; its output is diagnostics, too."""
    script = "exec 2>&1\n" + "".join(script_of(name) for name in names) + "exit 0\n"
    lines, status = other_kernel.run(options, which, "--timeout", "600",
                                     "--file", f"{program}:/io_bus_limits",
                                     "--", "sh", "-c", script)
    found, name = {}, None
    for line in lines:
        section = SECTION.fullmatch(line)
        if section:
            name = section[1]
        elif line.startswith("{"):
            document = json.loads(line)
            found.setdefault((name, document.pop("what")), []).append(document)
    return status, found


def answers(done, exist):
    """What each round is answered: numbers of done, EEXIST, ENOENT, and others."""
    return {"added": [done, exist, 0, 0], "again": [0, done + exist, 0, 0],
            "removed": [done, 0, exist, 0], "gone": [0, 0, done + exist, 0]}


def check_memory(tap, documents, least, name):
    """LEAST: bytes that must have been taken, or the measurement says nothing."""
    memory = documents[0] if documents else {"taken": 0, "kept": 0}
    taken, kept = memory["taken"], memory["kept"]
    tap.check(taken * 1024 >= least, f"{name} take memory",
              f"taken: {taken} KiB, of at least {least // 1024}")
    tap.check(documents and kept * PART <= taken, f"{name} give it back",
              f"kept: {kept} KiB of {taken}, more than one in {PART}" if documents else
              "not measured")


CHECKS = 11


def check(tap, name, found):
    def documents(what):
        return found.get((name, what), [])

    # Each case says so. Stuck has two rounds, as the first prepares the second.
    tap.equal(documents("index"), 4 * [{"index": "" if name == STOCK else name}],
              f"{name}: the VM uses that index")
    tap.equal(documents("stuck")[:1], [{"registered": STUCK}],
              f"{name}: {STUCK} ioeventfds are registered beside a stuck reader")
    tap.equal(documents("others"), 2 * [{"vms": STUCK_VMS, "workers": WORKERS[name],
                                         "waited": True, "destroyed": True}],
              f"{name}: beside {STUCK_VMS} VMs that are stuck, another is not")
    check_memory(tap, documents("stuck memory"), STUCK * SMALLEST,
                 f"{name}: VMs that are stuck")
    for what, done in (("golden", COLLIDING), ("high", COLLIDING), ("few", 256)):
        tap.equal(documents(what), [answers(done, COLLIDING - done)],
                  f"{name}: colliding, {what}: {done} of {COLLIDING} are registered and removed")
    check_memory(tap, documents("many"), MANY[name] * SMALLEST,
                 f"{name}: {MANY[name]} ioeventfds")
    # Hash replaces no arrays, i.e. there is memory for all.
    ends = {"registered": HOARD, "error": 0} if name == "hash" else {"error": errno.ENOMEM}
    hoard = documents("hoard")[0] if documents("hoard") else {}
    tap.check({**hoard, **ends, "kills": 0, "destroyed": True} == hoard,
              f"{name}: memory that a stuck reader keeps is not got by killing", hoard)


def main():
    parser = Parser(__doc__, "io_bus_limits")
    other_kernel.add_options(parser)
    options = parser.parse_args()

    other_kernel.need_both(options)
    tap = Tap(2 + CHECKS * (1 + len(INDEXES)))
    with tempfile.TemporaryDirectory() as folder:
        program = compile_program(folder)
        for which, names, title in ((STOCK, (STOCK,), "stock"),
                                    ("other", INDEXES, "the other kernel")):
            status, found = run(options, which, program, names)
            tap.equal(status, 0, f"{title} reports no problem")
            for name in names:
                check(tap, name, found)
    tap.finish()


if __name__ == "__main__":
    run_main(main)
