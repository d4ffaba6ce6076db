"""QEMU's command line."""

# The ports' order is their number; ctl is last because its announcement then
# means that the others were announced too.
PORTS = ("in", "out", "err", "ctl")

CMDLINE = ("console=ttyS0,115200 earlycon=uart8250,io,0x3f8,115200 "
           "ignore_loglevel printk.time=1 panic=-1 oops=panic")


def command(binary, options, kernel, accelerator, initrd_fd, console_log, port_fds):
    """The argument list; file descriptors are inherited."""
    cmdline = CMDLINE
    args = ["-name", "kvmscope", "-nodefaults", "-no-user-config",
            "-machine", "q35", "-display", "none", "-monitor", "none",
            "-no-reboot", "-m", options.mem, "-smp", str(options.smp)]
    args += accelerator.qemu_args
    if options.icount:
        # One emulated instruction is one TSC tick; idle time costs nothing.
        args += ["-icount", "shift=0,sleep=off"]
    args += ["-kernel", kernel.image, "-initrd", f"/proc/self/fd/{initrd_fd}"]
    args += ["-chardev", f"file,id=console,path={_escaped(console_log)}",
             "-serial", "chardev:console"]
    args += ["-device", f"virtio-serial-pci,max_ports={len(PORTS) + 1}"]
    for number, name in enumerate(PORTS, 1):
        args += ["-chardev", f"socket,id={name},fd={port_fds[name]}",
                 "-device", f"virtserialport,chardev={name},nr={number},"
                            f"name=kvmscope.{name}"]
    if options.share_9p:
        args += ["-fsdev", f"local,id=share,path={_escaped(options.share)},"
                           "security_model=none,multidevs=remap",
                 "-device", "virtio-9p-pci,fsdev=share,mount_tag=share"]
        cmdline += " kvmscope.share=9p"
    if options.append:
        cmdline += " " + options.append
    return [binary, *args, "-append", cmdline]


def _escaped(value):
    """QEMU's option syntax wants commas doubled."""
    return value.replace(",", ",,")
