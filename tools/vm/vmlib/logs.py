"""The log directory of one run: console.log, emulator.log, command.log."""

import fcntl
import os
import shutil
import tempfile

from vmlib import paths
from vmlib.errors import RunnerError

KEPT_RUNS = 12


class LogDirectory:
    def __init__(self, wanted):
        try:
            if wanted:
                os.makedirs(wanted, exist_ok=True)
                self.path = os.path.abspath(wanted)
            else:
                os.makedirs(paths.VM_BUILD, exist_ok=True)
                self.path = tempfile.mkdtemp(prefix="run-", dir=paths.VM_BUILD)
                os.chmod(self.path, 0o755)
            self._lock = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise RunnerError(f"cannot write logs to {error.filename}: "
                              f"{error.strerror}; use --log DIR") from error
        if not _lock(self._lock):
            raise RunnerError(f"{wanted} is in use by another run: "
                              "give each run its own --log DIR")
        if not wanted:
            self._point_last_here()
            _forget_old_runs()

    def file(self, name):
        return os.path.join(self.path, name)

    def _point_last_here(self):
        scratch = self.path + ".last"
        os.symlink(os.path.basename(self.path), scratch)
        os.replace(scratch, os.path.join(paths.VM_BUILD, "last"))


def _lock(fd):
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _forget_old_runs():
    runs = []
    for entry in os.scandir(paths.VM_BUILD):
        if entry.name.startswith("run-") and entry.is_dir(follow_symlinks=False):
            runs.append((entry.stat().st_mtime, entry.path))
    for _, path in sorted(runs, reverse=True)[KEPT_RUNS:]:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        if _lock(fd):
            shutil.rmtree(path, ignore_errors=True)
        os.close(fd)
