# SPDX-License-Identifier: GPL-2.0-only
"""Choose QEMU's accelerator, and say why.

/dev/kvm alone proves nothing: it may open on a machine that then emulates
guest kernels slowly and wrongly. What is run here is KVM inside the VM, so
KVM is used only where it can be nested.
"""

import dataclasses
import os
import re

from vmlib.errors import RunnerError

EMULATE = "use ACCEL=tcg, which works everywhere, slowly"
# Where KVM would not be chosen.
EMULATE_UNASKED = "leave ACCEL unset or use ACCEL=tcg, which works everywhere, slowly"


@dataclasses.dataclass(frozen=True)
class Accelerator:
    name: str
    why: str
    qemu_args: list
    # What to try if a VM does not even boot with it.
    instead: str | None = None


def _tcg(why, parallel):
    # AMD: QEMU emulates SVM with nested paging, but not VMX.
    thread = "multi" if parallel else "single"
    return Accelerator("tcg", why, ["-accel", f"tcg,thread={thread}",
                                    "-cpu", "EPYC,+svm,+npt"])


def _kvm(why, instead=EMULATE):
    return Accelerator("kvm", why, ["-accel", "kvm", "-cpu", "host"], instead)


def _read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _why_no_kvm(proc_cpuinfo, module_dir, device):
    """The first reason against KVM, or None."""
    flags = re.search(r"^flags\s*:(.*)$", _read(proc_cpuinfo), re.MULTILINE)
    flags = flags.group(1).split() if flags else []
    vendor = "intel" if "vmx" in flags else "amd" if "svm" in flags else None
    if not vendor:
        return "this CPU shows neither vmx nor svm"
    parameter = os.path.join(module_dir, f"kvm_{vendor}", "parameters", "nested")
    if _read(parameter).strip() not in ("1", "Y", "y"):
        return f"nested virtualization is off (kvm_{vendor}.nested)"
    return _why_closed(device)


def _why_closed(device):
    try:
        os.close(os.open(device, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return f"{device}: {error.strerror}"
    return None


def choose(override, icount, parallel, proc_cpuinfo="/proc/cpuinfo",
           module_dir="/sys/module", device="/dev/kvm"):
    """ACCEL's value or "" → Accelerator. PARALLEL: can the emulator be trusted with
    a thread for each CPU? docs/emulator.md says which can."""
    if override not in ("", "kvm", "tcg"):
        raise RunnerError(f"ACCEL={override} is unknown: use kvm or tcg")
    if icount:
        if override == "kvm":
            raise RunnerError("--icount counts emulated instructions: "
                              "it cannot work with ACCEL=kvm")
        return _tcg("--icount needs it", False)
    if override == "tcg":
        return _tcg("ACCEL=tcg", parallel)
    reason = _why_no_kvm(proc_cpuinfo, module_dir, device)
    if override == "kvm":
        closed = _why_closed(device)
        if closed:
            raise RunnerError(f"ACCEL=kvm, but {closed}; load kvm and join the group of "
                              f"{device}, or {EMULATE_UNASKED}")
        return _kvm("ACCEL=kvm", EMULATE_UNASKED if reason else EMULATE)
    if reason:
        return _tcg(f"emulation, slow: {reason}", parallel)
    return _kvm("the CPU, nested and /dev/kvm allow it")
