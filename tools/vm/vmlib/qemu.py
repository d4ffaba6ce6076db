# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's command line."""

import dataclasses
import typing

from vmlib.accel import Accelerator
from vmlib.kernel import Kernel

# A port's place here is its number. ctl is last: init opens it first, and once it is
# announced the others are, too.
PORTS = ("in", "out", "err", "ctl")

# With more CPUs Linux 7.3 can hang when it boots, see docs/vm-runner.md; init starts them.
CMDLINE = ("console=ttyS0,115200 earlycon=uart8250,io,0x3f8,115200 "
           "ignore_loglevel printk.time=1 panic=-1 oops=panic maxcpus=1")


@dataclasses.dataclass(frozen=True)
class Machine:
    """What is started; files are open, SHARED is the directory at /mnt/share, if any."""
    emulator: str
    accelerator: Accelerator
    kernel: Kernel
    initramfs: typing.BinaryIO
    cpus: int
    memory: str
    counts_instructions: bool
    shared: str | None
    cmdline: str


def command(machine, console_log, port_fds):
    """The argument list; file descriptors are inherited."""
    cmdline = [CMDLINE]
    args = ["-name", "kvmscope", "-nodefaults", "-no-user-config",
            "-machine", "q35", "-display", "none", "-monitor", "none",
            "-no-reboot", "-m", machine.memory, "-smp", str(machine.cpus)]
    args += machine.accelerator.qemu_args
    if machine.counts_instructions:
        # One emulated instruction is one TSC tick; idle time costs nothing.
        args += ["-icount", "shift=0,sleep=off"]
    args += ["-kernel", machine.kernel.image,
             "-initrd", f"/proc/self/fd/{machine.initramfs.fileno()}"]
    args += ["-chardev", f"file,id=console,path={_escaped(console_log)}",
             "-serial", "chardev:console"]
    args += ["-device", f"virtio-serial-pci,max_ports={len(PORTS) + 1}"]
    for number, name in enumerate(PORTS, 1):
        args += ["-chardev", f"socket,id={name},fd={port_fds[name]}",
                 "-device", f"virtserialport,chardev={name},nr={number},"
                            f"name=kvmscope.{name}"]
    if machine.shared:
        args += ["-fsdev", f"local,id=share,path={_escaped(machine.shared)},"
                           "security_model=none,multidevs=remap",
                 "-device", "virtio-9p-pci,fsdev=share,mount_tag=share"]
        cmdline.append("kvmscope.share=9p")
    if machine.cmdline:
        cmdline.append(machine.cmdline)
    return [machine.emulator, *args, "-append", " ".join(cmdline)]


def _escaped(value):
    """QEMU's option syntax wants commas doubled."""
    return value.replace(",", ",,")
