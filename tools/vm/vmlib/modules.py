# SPDX-License-Identifier: GPL-2.0-only
"""Kernel modules for the initramfs, in dependency order."""

import gzip
import lzma
import os
import subprocess

from vmlib.errors import RunnerError

# What the VM needs before the command starts; a name that is built in or not
# configured is passed over.
AT_BOOT = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p",
           "kvm_amd", "kvm_intel")


def _name(path):
    return os.path.basename(path).split(".")[0].replace("-", "_")


class ModuleTree:
    """One lib/modules/VERSION directory with its modules.dep."""

    def __init__(self, directory):
        self.directory = directory
        self.version = os.path.basename(directory)
        self.dependencies = {}
        self.path_of = {}
        dep_file = os.path.join(directory, "modules.dep")
        try:
            with open(dep_file, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except OSError as error:
            raise RunnerError(f"{dep_file}: {error.strerror}; install kmod "
                              "(make setup) and build the kernel again") from error
        for line in lines:
            path, _, needed = line.partition(":")
            self.dependencies[path] = needed.split()
            self.path_of[_name(path)] = path

    def in_load_order(self, names):
        """Paths of the named modules that exist, dependencies first."""
        order = []

        def visit(path):
            if path in order:
                return
            # modules.dep lists the last dependency to load first.
            for needed in reversed(self.dependencies[path]):
                visit(needed)
            order.append(path)

        for name in names:
            if name in self.path_of:
                visit(self.path_of[name])
        return order

    def everything(self):
        return self.in_load_order(sorted(self.path_of))


def plain_name(path):
    """A module's path once it is decompressed."""
    for suffix in (".xz", ".zst", ".gz"):
        if path.endswith(".ko" + suffix):
            return path[:-len(suffix)]
    return path


def plain_content(path):
    """A module's bytes, decompressed here: not every kernel can do it."""
    with open(path, "rb") as file:
        content = file.read()
    if path.endswith(".xz"):
        return lzma.decompress(content)
    if path.endswith(".gz"):
        return gzip.decompress(content)
    if path.endswith(".zst"):
        try:
            return subprocess.run(["zstd", "-dcq"], input=content, check=True,
                                  stdout=subprocess.PIPE).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise RunnerError(f"cannot decompress {path}: is zstd installed "
                              "(make setup)?") from error
    return content
