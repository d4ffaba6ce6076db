# SPDX-License-Identifier: GPL-2.0-only
"""Find the kernel to boot: one built here, any bzImage, or a Debian package."""

import glob
import hashlib
import os
import re
import shutil
import struct
import subprocess
import tempfile

import cli
from paths import BUILD, shown
from vmlib import modules, programs
from vmlib.errors import RunnerError
from vmlib.store import STORE
from vmlib.verdict import EXIT_RUNNER


class Kernel:
    def __init__(self, image, tree, config):
        self.image = image
        self.tree = tree
        self.config = config
        self.release = _release(image)

    def can_mount_9p(self):
        """True, False, or None when there is no configuration to tell."""
        if self.config is None:
            return None
        for option, module in (("CONFIG_NET_9P_VIRTIO", "9pnet_virtio"),
                               ("CONFIG_9P_FS", "9p")):
            value = re.search(rf"^{option}=([ym])$", self.config, re.MULTILINE)
            if not value:
                return False
            if value.group(1) == "m" and not (self.tree and
                                              module in self.tree.path_of):
                return False
        return True


def _release(image):
    """uname -r, from the header of a bzImage (Documentation/arch/x86/boot.rst)."""
    with open(image, "rb") as file:
        head = file.read(0x10000)
    if head[0x202:0x206] != b"HdrS":
        raise RunnerError(f"{shown(image)} is not an x86 kernel image "
                          "(bzImage): give one, or a linux-image .deb")
    start = struct.unpack_from("<H", head, 0x20e)[0] + 0x200
    return head[start:head.index(b"\0", start)].decode(errors="replace").split()[0]


def _beside(image):
    directory = os.path.dirname(image)
    trees = [tree for tree in glob.glob(
        os.path.join(directory, "modules", "lib", "modules", "*"))
        if os.path.isfile(os.path.join(tree, "modules.dep"))]
    config = os.path.join(directory, "config")
    text = None
    if os.path.isfile(config):
        with open(config, encoding="utf-8") as file:
            text = file.read()
    return Kernel(image, modules.ModuleTree(trees[0]) if trees else None, text)


def _key_of(package):
    digest = hashlib.blake2b(digest_size=8)
    with open(package, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _run(command, what):
    # depmod is in /usr/sbin.
    env = {**os.environ, "PATH": programs.SEARCH_PATH}
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, env=env,
                              stderr=subprocess.PIPE, check=False)
    except OSError as error:
        raise RunnerError(f"{what}: {command[0]}: {error.strerror} "
                          "(make setup installs it)") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise RunnerError(f"{what}: {lines[-1] if lines else command[0] + ' failed'}")


def _keep_needed(unpacked, result):
    """From an unpacked package to the layout of build/kernel/VARIANT."""
    images = glob.glob(os.path.join(unpacked, "boot", "vmlinuz-*"))
    if len(images) != 1:
        raise RunnerError("the package holds no kernel (boot/vmlinuz-*): "
                          "a meta package? Give the linux-image-VERSION one")
    release = os.path.basename(images[0])[len("vmlinuz-"):]
    # Packages of a merged /usr have the modules under usr/lib.
    if not os.path.isdir(os.path.join(unpacked, "lib", "modules")):
        os.symlink("usr/lib", os.path.join(unpacked, "lib"))
    _run(["depmod", "-b", unpacked, release], "listing the modules' dependencies")
    source = os.path.join(unpacked, "lib", "modules", release)
    tree = modules.ModuleTree(source)
    target = os.path.join(result, "modules", "lib", "modules", release)
    os.makedirs(target)
    kept = tree.in_load_order(modules.AT_BOOT)
    for path in kept:
        os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
        shutil.copyfile(os.path.join(source, path), os.path.join(target, path))
    with open(os.path.join(target, "modules.dep"), "w", encoding="utf-8") as file:
        for path in kept:
            file.write(f"{path}: {' '.join(tree.dependencies[path])}\n")
    shutil.copyfile(images[0], os.path.join(result, "bzImage"))
    config = os.path.join(unpacked, "boot", f"config-{release}")
    if os.path.isfile(config):
        shutil.copyfile(config, os.path.join(result, "config"))


def _from_package(package):
    result = os.path.join(STORE, f"deb-{_key_of(package)}")
    if not os.path.isdir(result):
        os.makedirs(STORE, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="deb-tmp-",
                                         dir=STORE) as scratch:
            unpacked = os.path.join(scratch, "unpacked")
            kept = os.path.join(scratch, "kept")
            os.mkdir(kept)
            _run(["dpkg-deb", "-x", package, unpacked],
                 f"unpacking {shown(package)}")
            _keep_needed(unpacked, kept)
            try:
                os.rename(kept, result)
            except OSError:
                # Another run unpacked the same package meanwhile.
                if not os.path.isdir(result):
                    raise
    return _beside(os.path.join(result, "bzImage"))


def find(file, variant):
    """FILE, a bzImage or a package; else what was built of VARIANT."""
    cli.need_kernel(variant, file, EXIT_RUNNER)
    if not file:
        return _beside(os.path.join(BUILD, "kernel", variant, "bzImage"))
    file = os.path.abspath(file)
    return _from_package(file) if file.endswith(".deb") else _beside(file)
