# SPDX-License-Identifier: GPL-2.0-only
"""build/vm: what runs leave behind there, of each kind only the newest."""

import contextlib
import os

from paths import BUILD

STORE = os.path.join(BUILD, "vm")


def older(start, newest):
    """Paths of those whose name begins with START, but for the NEWEST ones."""
    times = {}
    for entry in os.scandir(STORE):
        if entry.name.startswith(start):
            # Another run may forget it at the same time.
            with contextlib.suppress(FileNotFoundError):
                times[entry.path] = entry.stat(follow_symlinks=False).st_mtime
    return sorted(times, key=times.get, reverse=True)[newest:]
