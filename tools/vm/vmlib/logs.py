# SPDX-License-Identifier: GPL-2.0-only
"""The log directory of one run: console.log, emulator.log, command.log."""

import fcntl
import os
import shutil
import tempfile

from paths import shown
from vmlib.errors import RunnerError
from vmlib.store import STORE, older

KEPT_RUNS = 12
WRITABLE = "a directory that can be written"


class LogDirectory:
    """WANTED, or a new directory that build/vm/last points to. Locked as long as the
    runner lives; nothing of an earlier run is left in it."""

    def __init__(self, wanted):
        try:
            self.path = self._make(wanted)
            if not _lock(os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)):
                raise RunnerError(f"{wanted} is in use by another run: "
                                  "give each run its own --log DIR")
            self.console, self.emulator, self.command = (
                self._empty(name) for name in ("console.log", "emulator.log", "command.log"))
        except OSError as error:
            where, cure = (f"--log {wanted}", f"name {WRITABLE}") if wanted else \
                (shown(error.filename), f"name {WRITABLE} with --log")
            raise RunnerError(f"{where}: {error.strerror}; {cure}") from error
        if not wanted:
            self._point_last_here()
            _forget_old_runs()

    @staticmethod
    def _make(wanted):
        if wanted:
            os.makedirs(wanted, exist_ok=True)
            return os.path.abspath(wanted)
        os.makedirs(STORE, exist_ok=True)
        path = tempfile.mkdtemp(prefix="run-", dir=STORE)
        os.chmod(path, 0o755)
        return path

    def _empty(self, name):
        path = os.path.join(self.path, name)
        with open(path, "wb"):
            return path

    def _point_last_here(self):
        scratch = self.path + ".last"
        os.symlink(os.path.basename(self.path), scratch)
        os.replace(scratch, os.path.join(STORE, "last"))


def _lock(fd):
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _forget_old_runs():
    for path in older("run-", KEPT_RUNS):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        if _lock(fd):
            shutil.rmtree(path, ignore_errors=True)
        os.close(fd)
