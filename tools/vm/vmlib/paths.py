"""Where the project and its build outputs are."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__)))))
VM_SOURCE = os.path.join(ROOT, "tools", "vm")
BUILD = os.environ.get("KVMSCOPE_BUILD") or os.path.join(ROOT, "build")
VM_BUILD = os.path.join(BUILD, "vm")


def shown(path):
    """A path as people read it: relative to where they are, if that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path
