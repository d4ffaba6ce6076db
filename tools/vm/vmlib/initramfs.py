# SPDX-License-Identifier: GPL-2.0-only
"""Build the initramfs: busybox, programs, libraries, files, modules, init.

Not compressed: under emulation unpacking costs more than reading. Cached by
content in build/vm, so that a second run with the same contents starts at once.
"""

import contextlib
import hashlib
import os
import stat
import subprocess
import tempfile

from paths import VM_RUN
from vmlib import cpio, modules, programs
from vmlib.errors import RunnerError
from vmlib.store import STORE, older

SOURCE = os.path.dirname(VM_RUN)
CACHED_ARCHIVES = 8

# busybox runs its own applets instead of what is in PATH when one of these is
# an applet too (`env ls`, `sh -c ls`): take the real ones, so that a program
# given by the user is the one that runs.
REAL_PROGRAMS = ("dash", "env", "timeout", "nice", "chroot", "find", "xargs",
                 "setsid", "taskset", "setpriv", "unshare", "nsenter")

ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\n"
              "user:x:1000:1000:user:/tmp:/bin/sh\n"
              "nobody:x:65534:65534:nobody:/:/bin/false\n",
    "group": "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
}

# What scripts in the VM source or run, and the list of modules that init loads.
KVMSCOPE = "usr/lib/kvmscope"

MERGED_USR = ("bin", "sbin", "lib", "lib64")


class Contents:
    """What goes in: guest path → a way to write it, and a digest of it all."""

    def __init__(self):
        self.entries = {}
        self.digest = hashlib.blake2b(digest_size=12)

    def _add(self, path, kind, identity, write):
        path = self.merged(path)
        if path in self.entries:
            return
        self.entries[path] = write
        self.digest.update(f"{kind} {path} ".encode(errors="surrogateescape"))
        self.digest.update(identity + b"\0")

    @staticmethod
    def merged(path):
        """/lib/x → usr/lib/x, as on a merged-/usr system: no file comes twice."""
        path = os.path.normpath(path).lstrip("/")
        first = path.split("/", 1)[0]
        return f"usr/{path}" if first in MERGED_USR and path != first else path

    def directory(self, path, mode=0o755):
        self._add(path, "d", b"%o" % mode,
                  lambda out, where: out.directory(where, mode))

    def data(self, path, content, mode=0o644):
        self._add(path, "f", b"%o " % mode + hashlib.blake2b(content).digest(),
                  lambda out, where: out.data(where, content, mode))

    def symlink(self, path, target):
        self._add(path, "l", os.fsencode(target),
                  lambda out, where: out.symlink(where, target))

    def file(self, path, source, mode=None):
        digest = hashlib.blake2b()
        try:
            with open(source, "rb") as file:
                mode = mode or stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                for block in iter(lambda: file.read(1 << 20), b""):
                    digest.update(block)
        except OSError as error:
            raise RunnerError(f"{source}: {error.strerror}") from error
        self._add(path, "f", b"%o " % mode + digest.digest(),
                  lambda out, where: out.file(where, source, mode))

    def tree(self, path, source):
        """A file or a directory with everything below it."""
        source = os.path.realpath(source)
        if not os.path.isdir(source):
            self.file(path, source)
            return
        self.directory(path)
        for directory, names, files in os.walk(source):
            inside = os.path.join(path, os.path.relpath(directory, source))
            names.sort()
            for name in sorted(names + files):
                self._tree_entry(os.path.join(inside, name),
                                 os.path.join(directory, name), source)

    def _tree_entry(self, path, source, top):
        if os.path.islink(source):
            target = os.path.realpath(source)
            if target.startswith(top + os.sep) and \
               not os.path.isabs(os.readlink(source)):
                self.symlink(path, os.readlink(source))
            elif os.path.exists(target):
                # A link out of the tree would dangle in the VM.
                self.tree(path, target)
        elif os.path.isdir(source):
            self.directory(path)
        elif os.path.isfile(source):
            self.file(path, source)

    def program(self, name):
        """A host program at /usr/bin with all it loads."""
        source = programs.locate(name)
        target = "usr/bin/" + os.path.basename(source)
        if target in self.entries:
            return
        self.file(target, source, 0o755)
        for library in programs.libraries(source):
            self.file(library, library)
        script = programs.interpreter(source)
        if script and os.path.basename(script) != "sh":
            self.program(script)

    def write(self, out):
        writer = cpio.Writer(out)
        writer.directory("usr")
        for name in MERGED_USR:
            writer.directory(f"usr/{name}")
            writer.symlink(name, f"usr/{name}")
            writer.dirs.add(name)
        writer.character_device("dev/console", 5, 1)
        for path in sorted(self.entries):
            self.entries[path](writer, path)
        writer.close()


def _build_init():
    """Compile init.c, cached by content."""
    source = os.path.join(SOURCE, "init.c")
    with open(source, "rb") as file:
        digest = hashlib.blake2b(file.read(), digest_size=8).hexdigest()
    program = os.path.join(STORE, f"init-{digest}")
    if os.path.exists(program):
        return program
    scratch = f"{program}.{os.getpid()}"
    try:
        done = subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-static",
                               "-o", scratch, source], check=False,
                              stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
    except OSError as error:
        raise RunnerError("gcc is missing, it builds the VM's init: "
                          "run 'make setup'") from error
    if done.returncode:
        raise RunnerError(f"init.c does not compile: {done.stderr.strip()}")
    os.rename(scratch, program)
    return program


def _add_busybox(contents):
    try:
        busybox = programs.locate("busybox")
    except RunnerError as error:
        raise RunnerError("busybox is missing: run 'make setup'") from error
    contents.program(busybox)
    applets = subprocess.run([busybox, "--list"], check=True, text=True,
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE).stdout.split()
    for applet in applets:
        contents.symlink(f"usr/bin/{applet}", "busybox")


def _add_modules(contents, tree, boot_list):
    base = f"usr/lib/modules/{tree.version}"
    dependencies = []
    for path in tree.everything():
        plain = modules.plain_name(path)
        contents.data(f"{base}/{plain}",
                      modules.plain_content(os.path.join(tree.directory, path)))
        needed = (modules.plain_name(name) for name in tree.dependencies[path])
        dependencies.append(f"{plain}: {' '.join(needed)}\n")
    contents.data(f"{base}/modules.dep", "".join(dependencies).encode())
    contents.data(boot_list, "".join(
        f"/{base}/{modules.plain_name(path)}\n"
        for path in tree.in_load_order(modules.AT_BOOT)).encode())


def gather(kernel, wanted_programs, wanted_files):
    """Everything that does not depend on the command. The first of a name wins:
    the user's programs and files, then real programs, then busybox's applets."""
    contents = Contents()
    contents.file("init", _build_init(), 0o755)
    for name in wanted_programs:
        contents.program(name)
    for source, target in wanted_files:
        if not os.path.exists(source):
            raise RunnerError(f"--file {source}: no such file or directory")
        contents.tree(target, source)
    for name in REAL_PROGRAMS:
        contents.program(name)
    contents.symlink("usr/bin/sh", "dash")
    _add_busybox(contents)
    contents.tree(KVMSCOPE, os.path.join(SOURCE, "inside"))
    for name, text in ETC.items():
        contents.data(f"etc/{name}", text.encode())
    for directory in ("proc", "sys", "dev", "run", "root", "mnt/share"):
        contents.directory(directory)
    contents.directory("tmp", 0o1777)
    if kernel.tree:
        _add_modules(contents, kernel.tree, f"{KVMSCOPE}/boot-modules")
    return contents


def _forget_old_archives():
    for path in older("initramfs-", CACHED_ARCHIVES):
        # Running VMs hold theirs open; another run may forget it, too.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def build(contents):
    """An open file with the archive; it stays valid when the cache forgets it."""
    archive = os.path.join(STORE,
                           f"initramfs-{contents.digest.hexdigest()}.cpio")
    try:
        file = open(archive, "rb")
        os.utime(archive)
        return file
    except FileNotFoundError:
        pass
    file = tempfile.NamedTemporaryFile(prefix="tmp-initramfs-", delete=False,
                                       dir=STORE)
    try:
        contents.write(file)
        file.flush()
        os.rename(file.name, archive)
    except BaseException:
        os.unlink(file.name)
        raise
    _forget_old_archives()
    return file


def with_share(archive, share):
    """The archive followed by a copy of the share, in an unnamed file."""
    joined = tempfile.TemporaryFile(dir=STORE)
    archive.seek(0)
    while block := archive.read(1 << 20):
        joined.write(block)
    contents = Contents()
    contents.tree("mnt/share", share)
    writer = cpio.Writer(joined)
    for path in sorted(contents.entries):
        contents.entries[path](writer, path)
    writer.close()
    joined.flush()
    return joined
