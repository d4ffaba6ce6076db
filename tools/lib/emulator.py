# SPDX-License-Identifier: GPL-2.0-only
"""Which QEMU runs the VMs: the project's own, or another that the user names."""

import os
import re
import subprocess

from paths import BUILD

PROGRAM = "qemu-system-x86_64"
BUILT = os.path.join(BUILD, "emulator", PROGRAM)
VERSION_SECONDS = 10
# tools/qemu/lib.sh has QEMU say so.
_OURS = "(kvmscope)"


def given():
    """What QEMU= names, empty if nothing."""
    return os.environ.get("QEMU", "").strip()


def name():
    """What QEMU= names, else what make qemu has built, else what PATH has."""
    return given() or (BUILT if os.path.exists(BUILT) else PROGRAM)


def version(program):
    """As it says itself: '10.0.2 (kvmscope)'; empty if it does not."""
    try:
        said = subprocess.run([program, "--version"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, errors="replace", check=False,
                              timeout=VERSION_SECONDS).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.match(r"QEMU emulator version (.+)", said)
    return found.group(1) if found else ""


def is_ours(said):
    """Has a QEMU of version SAID the patches of patches/qemu?"""
    return _OURS in said
