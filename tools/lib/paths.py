# SPDX-License-Identifier: GPL-2.0-only
"""Where everything is; paths.sh says the same to shell programs."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.path.abspath(os.environ.get("KVMSCOPE_BUILD") or os.path.join(ROOT, "build"))
PATCHES = os.environ.get("KVMSCOPE_PATCHES") or os.path.join(ROOT, "patches", "linux")
VM_RUN = os.path.join(ROOT, "tools", "vm", "run")
VM_KSELFTEST = os.path.join(ROOT, "tools", "vm", "kselftest")


def shown(path):
    """A path as people read it: relative to where they are, if that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path
