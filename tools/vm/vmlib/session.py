# SPDX-License-Identifier: GPL-2.0-only
"""Run one VM: serve its ports and watch its console until it is over."""

import contextlib
import dataclasses
import os
import selectors
import signal
import socket
import subprocess
import sys
import time

from paths import shown
from vmlib import qemu
from vmlib.console import Console
from vmlib.errors import RunnerError
from vmlib.output import Forwarder
from vmlib.signals import Interrupted
from vmlib.splats import Detector, without_prefix
from vmlib.terminal import QUIT_KEY, Terminal
from vmlib.verdict import Observed

TICK = 0.2
HEARTBEAT = 15
# For the rest of a report to reach the console before the VM is ended.
AFTER_FATAL_SPLAT = 5
# After the command's status the VM only has to power off.
AFTER_EXIT = 20
KILL_AFTER = 5
LAST_LINES = 10
LAST_EMULATOR_LINES = 5


@dataclasses.dataclass(frozen=True)
class Job:
    """The command, and how it is served. TERMINAL: it has ours. TIMEOUT 0: none."""
    command: list
    terminal: bool
    stdin: bool
    timeout: int
    quiet: bool


class Session:
    def __init__(self, job, log, patterns):
        self.job = job
        self.log = log
        self.console = Console(log.console)
        self.command_log = open(log.command, "wb", buffering=0)
        self.detector = Detector(patterns)
        self.terminal = Terminal()
        # Not epoll: it refuses regular files, which standard input may be.
        self.selector = selectors.PollSelector()
        self.outputs = {"out": Forwarder(1), "err": Forwarder(2)}
        self.ports = {}
        self.machine = None
        self.qemu = None
        self.status = None
        self.init_error = None
        self.timed_out = False
        self.quit = False
        self.stop_at = None
        self.ctl_rest = b""
        self.to_guest = b""
        self.booted = False
        self.started = self.last_output = self.last_heartbeat = time.monotonic()

    def say(self, text):
        line = f"vm: {text}{self.terminal.line_end}"
        self.outputs["err"].put(line.encode(errors="surrogateescape"))

    def info(self, text):
        if not self.job.quiet:
            self.say(text)

    def elapsed(self):
        return time.monotonic() - self.started

    # -- start and stop

    def start(self, machine):
        self.machine = machine
        pairs = {name: socket.socketpair() for name in qemu.PORTS}
        theirs = {name: pair[1].fileno() for name, pair in pairs.items()}
        command = qemu.command(machine, self.log.console, theirs)
        with open(self.log.emulator, "w", encoding="utf-8",
                  errors="surrogateescape") as emulator_log:
            emulator_log.write(f"# {subprocess.list2cmdline(command)}\n")
            emulator_log.flush()
            # Its own session: ^C at the terminal is ours to handle. pdeathsig:
            # killing the runner cannot leave an emulator behind.
            self.qemu = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL, stdout=emulator_log,
                stderr=emulator_log, start_new_session=True,
                pass_fds=[machine.initramfs.fileno(), *theirs.values()])
        for name, (ours, other) in pairs.items():
            other.close()
            ours.setblocking(False)
            self.ports[name] = ours
            if name != "in":
                self.selector.register(ours, selectors.EVENT_READ, name)
        self._send_job()
        if self.job.stdin or self.job.terminal:
            self.selector.register(0, selectors.EVENT_READ, "stdin")

    def _send_job(self):
        mode, rows, columns = "stdin" if self.job.stdin else "pipe", 0, 0
        if self.job.terminal:
            mode = "pty"
            rows, columns = self.terminal.size()
        arguments = b"".join(os.fsencode(word) + b"\0" for word in self.job.command)
        message = f"job {mode} {rows} {columns} {len(arguments)}\n".encode() + arguments
        port = self.ports["ctl"]
        port.settimeout(KILL_AFTER)
        try:
            port.sendall(message)
        except OSError as error:
            if self.qemu.poll() is None:
                raise RunnerError(f"CMD is too long to send ({len(message)} bytes): "
                                  "put it into a file in --share") from error
        port.setblocking(False)

    def kill(self):
        """End our own QEMU, nothing else."""
        if not self.qemu or self.qemu.poll() is not None:
            return
        self.qemu.terminate()
        try:
            self.qemu.wait(KILL_AFTER)
        except subprocess.TimeoutExpired:
            self.qemu.kill()
            self.qemu.wait()

    def close(self):
        self.kill()
        for forwarder in self.outputs.values():
            if not forwarder.broken:
                forwarder.finish()
        self.command_log.close()
        sys.stderr.flush()

    # -- events

    def _on_port(self, name):
        try:
            data = self.ports[name].recv(1 << 16)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        if not data:
            self.selector.unregister(self.ports[name])
            return False
        if name == "ctl":
            self._on_ctl(data)
            return True
        self.last_output = time.monotonic()
        self.command_log.write(data)
        self.outputs[name].put(data)
        return True

    def _on_ctl(self, data):
        *lines, self.ctl_rest = (self.ctl_rest + data).split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if word == "started":
                self.booted = True
                self.info(f"booted in {self.elapsed():.1f} s")
                self.last_output = time.monotonic()
            elif word == "taint":
                self.detector.taint(int(rest))
            elif word == "exit":
                self.status = int(rest)
                self.stop_at = time.monotonic() + AFTER_EXIT
            elif word == "error":
                self.init_error = rest

    def _on_stdin(self):
        data = os.read(0, 1 << 12)
        if self.job.terminal and QUIT_KEY in data:
            self.quit = True
            return
        self.selector.unregister(0)
        self.to_guest = data
        if data:
            self.selector.register(self.ports["in"], selectors.EVENT_WRITE, "in")
        else:
            self.ports["in"].shutdown(socket.SHUT_WR)

    def _on_in_writable(self):
        try:
            sent = self.ports["in"].send(self.to_guest)
        except OSError:
            self.selector.unregister(self.ports["in"])
            return
        self.to_guest = self.to_guest[sent:]
        if not self.to_guest:
            self.selector.unregister(self.ports["in"])
            self.selector.register(0, selectors.EVENT_READ, "stdin")

    def _on_console(self):
        for line in self.console.new_lines():
            text = without_prefix(line)
            if text.startswith("kvmscope init:"):
                self.say(text)
            before = len(self.detector.found)
            self.detector.feed(line)
            if len(self.detector.found) > before:
                self.say(f"kernel splat ({self.detector.found[-1].name}): {text}")
        if self.stop_at is None and any(s.stops for s in self.detector.found):
            self.stop_at = time.monotonic() + AFTER_FATAL_SPLAT

    def _heartbeat(self):
        now = time.monotonic()
        if self.job.terminal or self.job.quiet or self.status is not None:
            return
        if now - max(self.last_output, self.last_heartbeat) < HEARTBEAT:
            return
        self.last_heartbeat = now
        self.say(f"{self.elapsed():.0f} s; no output for "
                 f"{now - self.last_output:.0f} s; console: "
                 f"{' '.join(self.console.last()) or '(nothing yet)'}")

    def _poll(self, timeout):
        """Serve what is ready; False when nothing of the VM was."""
        busy = False
        for key, _ in self.selector.select(timeout):
            if key.data == "stdin":
                self._on_stdin()
            elif key.data == "in":
                self._on_in_writable()
            else:
                busy |= self._on_port(key.data)
        return busy

    def _over(self):
        if self.job.timeout and self.status is None and self.elapsed() > self.job.timeout:
            self.timed_out = True
        if self.outputs["out"].broken:
            raise Interrupted(signal.SIGPIPE)
        return self.timed_out or self.quit or \
            (self.stop_at is not None and time.monotonic() > self.stop_at)

    def serve(self):
        """Until the VM has ended or must be ended."""
        try:
            with self.terminal.raw() if self.job.terminal else contextlib.nullcontext():
                while self.qemu.poll() is None and not self._over():
                    self._poll(TICK)
                    self._on_console()
                    self._heartbeat()
        finally:
            self.kill()
        if 0 in self.selector.get_map():
            self.selector.unregister(0)
        while self._poll(0):
            pass
        self._on_console()

    def observed(self):
        """What the verdict is made of, once serve() is through."""
        with open(self.log.emulator, encoding="utf-8", errors="replace") as file:
            said = [line.rstrip() for line in file
                    if not line.startswith("#") and "TCG doesn't support" not in line]
        return Observed(
            seconds=self.elapsed(), logs=shown(self.log.path), status=self.status,
            console=self.console.last(LAST_LINES), splats=self.detector.found,
            timeout=self.job.timeout if self.timed_out else None, quit=self.quit,
            booted=self.booted, init_error=self.init_error,
            emulator_status=self.qemu.returncode,
            emulator_said=said[-LAST_EMULATOR_LINES:],
            instead=self.machine.accelerator.instead)
