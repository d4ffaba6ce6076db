# SPDX-License-Identifier: GPL-2.0-only
"""Write "newc" cpio archives, the format of an initramfs.

Written by hand so that an ordinary user can put device nodes and root-owned
files into one.
"""

import os
import shutil
import stat

from vmlib.errors import RunnerError


class Writer:
    """Appends entries to an open binary file; close() writes the trailer."""

    def __init__(self, out):
        self.out = out
        self.inode = 0
        self.written = 0
        self.dirs = {""}

    def _raw(self, data):
        self.out.write(data)
        self.written += len(data)

    def _pad(self):
        self._raw(b"\0" * (-self.written % 4))

    def _header(self, path, mode, size, device=(0, 0)):
        self.inode += 1
        name = os.fsencode(path) + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, size, 0, 0,
                  device[0], device[1], len(name), 0)
        self._raw(b"070701" + b"".join(b"%08X" % field for field in fields))
        self._raw(name)
        self._pad()

    def _parents(self, path):
        parent = os.path.dirname(path)
        if parent not in self.dirs:
            self.directory(parent)

    def directory(self, path, mode=0o755):
        path = path.strip("/")
        if path in self.dirs:
            return
        self._parents(path)
        self.dirs.add(path)
        self._header(path, stat.S_IFDIR | mode, 0)

    def data(self, path, content, mode=0o644):
        path = path.strip("/")
        self._parents(path)
        self._header(path, stat.S_IFREG | mode, len(content))
        self._raw(content)
        self._pad()

    def file(self, path, source, mode=None):
        path = path.strip("/")
        self._parents(path)
        with open(source, "rb") as src:
            info = os.fstat(src.fileno())
            if info.st_size >= 1 << 32:
                raise RunnerError(f"{source}: too large for an initramfs (4 GiB)")
            self._header(path, stat.S_IFREG | (mode or info.st_mode & 0o7777),
                         info.st_size)
            self.out.flush()
            copied = self.out.tell()
            shutil.copyfileobj(src, self.out, 1 << 20)
            copied = self.out.tell() - copied
            if copied != info.st_size:
                raise RunnerError(f"{source}: changed while it was being copied")
            self.written += copied
        self._pad()

    def symlink(self, path, target):
        path = path.strip("/")
        self._parents(path)
        target = os.fsencode(target)
        self._header(path, stat.S_IFLNK | 0o777, len(target))
        self._raw(target)
        self._pad()

    def character_device(self, path, major, minor, mode=0o600):
        path = path.strip("/")
        self._parents(path)
        self._header(path, stat.S_IFCHR | mode, 0, (major, minor))

    def close(self):
        self._header("TRAILER!!!", 0, 0)
        # The kernel accepts a following archive only on a boundary like this.
        self._raw(b"\0" * (-self.written % 512))
