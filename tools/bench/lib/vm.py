# SPDX-License-Identifier: GPL-2.0-only
"""The VMs that benchmarks run in, and what these need."""

import os

import child
from bench.lib.errors import NOT_MEASURED, Failure
from cli import need_kernel, need_variant
from paths import BUILD, ROOT, VM_RUN, shown

GUEST_VM = os.path.join(ROOT, "tools", "guest", "vm")
# The host does not know how many indexes a kernel has. No more of them take turns than
# this, the second turn of the default included: a generous bound, and all that depends
# on it is when a VM that hangs is given up.
MOST_TURNS = 16


def timeout(steps, seconds_per_turn):
    """Options of a VM in which indexes take turns in each of STEPS."""
    return ["--timeout", str(steps * MOST_TURNS * seconds_per_turn)]


def run_vm(arguments, runner=VM_RUN, line=None):
    """The lines of a command in a VM; LINE is called with each as it comes."""
    lines = []

    def take(text):
        lines.append(text.rstrip("\n"))
        if line:
            line(lines[-1])

    status = child.run([runner, "--quiet", *arguments], take)
    if status:
        raise Failure(f"the VM exited {status}; its logs: {shown(os.path.join(BUILD, 'vm', 'last'))}")
    return lines


def need_kernels(variants):
    """All of VARIANTS can be built, and are."""
    for variant in variants:
        need_variant(variant)
    for variant in variants:
        need_kernel(variant, status=NOT_MEASURED)


def selftest(name, folder=None):
    """Path of a KVM selftest of the queue, or of the one in FOLDER."""
    path = os.path.join(folder or os.path.join(BUILD, "kselftest", "queue"), name)
    if not os.access(path, os.X_OK):
        raise Failure(f"{shown(path)} is missing; " +
                      ("name another folder" if folder else "run 'make kselftest-queue'"))
    return path
