#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The accelerator that made-up machines get: no VM is needed."""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
TOOLS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "tools")
sys.path[:0] = [os.path.join(TOOLS, "lib"), os.path.join(TOOLS, "vm")]

from tap import Tap  # noqa: E402
from vmlib import accel  # noqa: E402
from vmlib.errors import RunnerError  # noqa: E402

# CPU flags, KVM's module, its parameter nested (None: not loaded), is there
# /dev/kvm, ACCEL, what it must get: "no" is a refusal.
MACHINES = (
    ("fpu svm", "kvm_amd", "1", True, "", "kvm"),
    ("fpu vmx", "kvm_intel", "Y", True, "", "kvm"),
    ("fpu svm", "kvm_amd", "0", True, "", "tcg"),
    ("fpu svm", "kvm_amd", None, True, "", "tcg"),
    ("fpu", "kvm_amd", "1", True, "", "tcg"),
    ("fpu svm", "kvm_amd", "1", False, "", "tcg"),
    ("fpu svm", "kvm_amd", "1", True, "tcg", "tcg"),
    ("fpu svm", "kvm_amd", "1", True, "kvm", "kvm"),
    ("fpu", "kvm_amd", None, True, "kvm", "kvm"),
    ("fpu", "kvm_amd", None, False, "kvm", "no"),
)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def choose(flags, module, nested, device, override):
    """The accelerator's name, and what to do without KVM; or "no" and the refusal."""
    with tempfile.TemporaryDirectory() as top:
        cpuinfo, kvm = os.path.join(top, "cpuinfo"), os.path.join(top, "kvm")
        write(cpuinfo, f"processor : 0\nflags : {flags}\n")
        if nested is not None:
            write(os.path.join(top, module, "parameters", "nested"), nested + "\n")
        if device:
            write(kvm, "")
        try:
            got = accel.choose(override, False, True, cpuinfo, top, kvm)
        except RunnerError as error:
            return "no", str(error)
        return got.name, got.instead or ""


def threads(icount, parallel):
    """What -accel says of them."""
    with tempfile.TemporaryDirectory() as top:
        return accel.choose("tcg", icount, parallel, top, top, top).qemu_args[1]


def main():
    tap = Tap(2 * len(MACHINES) + 3)
    for *machine, wanted in MACHINES:
        got, without_kvm = choose(*machine)
        tap.equal(got, wanted, f"{machine} gets {wanted}")
        tap.equal("ACCEL=tcg" in without_kvm, wanted != "tcg",
                  "what works without KVM is named where KVM is wanted")
    tap.equal(threads(False, True), "tcg,thread=multi", "a thread for each CPU")
    tap.equal(threads(False, False), "tcg,thread=single",
              "one thread if the emulator cannot be trusted with more")
    tap.equal(threads(True, True), "tcg,thread=single", "one thread with --icount")
    tap.finish()


if __name__ == "__main__":
    main()
