"""Run one VM: serve its ports, watch its console, decide the exit status."""

import os
import selectors
import signal
import socket
import subprocess
import sys
import termios
import time
import tty

from vmlib import paths, qemu
from vmlib.console import Console
from vmlib.errors import RunnerError
from vmlib.output import Forwarder
from vmlib.splats import Detector, without_prefix

EXIT_TIMEOUT = 124
EXIT_RUNNER = 125
EXIT_SPLAT = 126
TICK = 0.2
HEARTBEAT = 15
# For the rest of a report to reach the console before the VM is ended.
AFTER_FATAL_SPLAT = 5
# After the command's status the VM only has to power off.
AFTER_EXIT = 20
KILL_AFTER = 5
SHOWN_SPLATS = 3
QUIT_KEY = b"\x1d"


class Interrupted(BaseException):
    def __init__(self, signum):
        super().__init__(signum)
        self.signum = signum


def raise_on_signals():
    """^C and friends become an exception, so that every `finally` runs."""
    def handler(signum, _frame):
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(signum)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, handler)


class Session:
    def __init__(self, options, log, patterns):
        self.options = options
        self.log = log
        self.console = Console(log.file("console.log"))
        self.command_log = open(log.file("command.log"), "wb", buffering=0)
        self.detector = Detector(patterns)
        # Not epoll: it refuses regular files, which standard input may be.
        self.selector = selectors.PollSelector()
        self.outputs = {"out": Forwarder(1), "err": Forwarder(2)}
        self.ports = {}
        self.qemu = None
        self.status = None
        self.init_error = None
        self.timed_out = False
        self.quit = False
        self.stop_at = None
        self.ctl_rest = b""
        self.to_guest = b""
        self.started = self.last_output = time.monotonic()
        self.booted = None

    def say(self, text):
        # In raw mode a terminal needs the carriage return.
        end = "\r\n" if self.options.pty else "\n"
        self.outputs["err"].put(f"vm: {text}{end}".encode(errors="surrogateescape"))

    def info(self, text):
        if not self.options.quiet:
            self.say(text)

    def elapsed(self):
        return time.monotonic() - self.started

    # -- start and stop

    def start(self, binary, kernel, accelerator, initrd):
        pairs = {name: socket.socketpair() for name in qemu.PORTS}
        theirs = {name: pair[1].fileno() for name, pair in pairs.items()}
        command = qemu.command(binary, self.options, kernel, accelerator,
                               initrd.fileno(), self.log.file("console.log"),
                               theirs)
        with open(self.log.file("emulator.log"), "w", encoding="utf-8",
                  errors="surrogateescape") as emulator_log:
            emulator_log.write(f"# {subprocess.list2cmdline(command)}\n")
            emulator_log.flush()
            # Its own session: ^C at the terminal is ours to handle. pdeathsig:
            # killing the runner cannot leave an emulator behind.
            self.qemu = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL, stdout=emulator_log,
                stderr=emulator_log, start_new_session=True,
                pass_fds=[initrd.fileno(), *theirs.values()])
        for name, (ours, other) in pairs.items():
            other.close()
            ours.setblocking(False)
            self.ports[name] = ours
            if name != "in":
                self.selector.register(ours, selectors.EVENT_READ, name)
        self._send_job()

    def _send_job(self):
        mode, rows, columns = "pipe", 0, 0
        if self.options.pty:
            mode = "pty"
            columns, rows = os.get_terminal_size(0)
        elif self.options.stdin:
            mode = "stdin"
        arguments = b"".join(os.fsencode(word) + b"\0"
                             for word in self.options.command)
        job = f"job {mode} {rows} {columns} {len(arguments)}\n".encode() + arguments
        self.ports["ctl"].setblocking(True)
        self.ports["ctl"].settimeout(KILL_AFTER)
        try:
            self.ports["ctl"].sendall(job)
        except OSError as error:
            if self.qemu.poll() is None:
                raise RunnerError(f"CMD is too long to send ({len(job)} bytes): "
                                  "put it into a file in --share") from error
        self.ports["ctl"].setblocking(False)
        if self.options.stdin or self.options.pty:
            self.selector.register(0, selectors.EVENT_READ, "stdin")

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
        self.outputs["err" if name == "err" else "out"].put(data)
        return True

    def _on_ctl(self, data):
        *lines, self.ctl_rest = (self.ctl_rest + data).split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if word == "started":
                self.booted = self.elapsed()
                self.info(f"booted in {self.booted:.1f} s")
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
        if self.options.pty and QUIT_KEY in data:
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
        if self.options.pty or self.options.quiet or self.status is not None:
            return
        if now - max(self.last_output, self.beat) < HEARTBEAT:
            return
        self.beat = now
        self.say(f"{self.elapsed():.0f} s; no output for "
                 f"{now - self.last_output:.0f} s; console: "
                 f"{' '.join(self.console.last()) or '(nothing yet)'}")

    def _poll(self, timeout):
        """Serve what is ready; False when nothing was."""
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
        now = time.monotonic()
        if self.options.timeout and self.status is None and \
           self.elapsed() > self.options.timeout:
            self.timed_out = True
        if self.outputs["out"].broken:
            raise Interrupted(signal.SIGPIPE)
        return self.timed_out or self.quit or \
            (self.stop_at is not None and now > self.stop_at)

    def serve(self):
        """Until the VM has ended or must be ended."""
        self.beat = self.started
        terminal = termios.tcgetattr(0) if self.options.pty else None
        try:
            if terminal:
                tty.setraw(0)
            while self.qemu.poll() is None and not self._over():
                self._poll(TICK)
                self._on_console()
                self._heartbeat()
        finally:
            self.kill()
            if terminal:
                termios.tcsetattr(0, termios.TCSADRAIN, terminal)
                self.options.pty = False
        if 0 in self.selector.get_map():
            self.selector.unregister(0)
        while self._poll(0):
            pass
        self._on_console()

    # -- the verdict

    def _show_console(self, count):
        for line in self.console.last(count):
            self.say(f"  {line}")

    def _show_splats(self):
        for splat in self.detector.found[:SHOWN_SPLATS]:
            self.say(f"kernel splat: {splat.name}")
            for line in splat.lines:
                self.say(f"  {line}")
        more = len(self.detector.found) - SHOWN_SPLATS
        if more > 0:
            self.say(f"and {more} more, in {paths.shown(self.console_log())}")

    def console_log(self):
        return self.log.file("console.log")

    def _explain_lost_vm(self):
        if self.init_error:
            self.say(f"error: the VM's init gave up: {self.init_error}")
        elif self.booted is None:
            self.say("error: the VM ended before it had booted; "
                     f"QEMU exited {self.qemu.returncode}")
        else:
            self.say("error: the VM ended before CMD did")
        with open(self.log.file("emulator.log"), encoding="utf-8",
                  errors="replace") as file:
            said = [line.rstrip() for line in file
                    if not line.startswith("#") and "TCG doesn't support" not in line]
        for line in said[-5:]:
            self.say(f"  {line}")
        self._show_console(10)

    def verdict(self):
        """Tell what happened; the runner's exit status."""
        ended = f"after {self.elapsed():.1f} s; logs: {paths.shown(self.log.path)}"
        if self.detector.found:
            self._show_splats()
            own = "" if self.status is None else f" (CMD exited {self.status})"
            self.say(f"FAILED: the kernel reported a problem{own}, {ended}")
            return EXIT_SPLAT
        if self.timed_out:
            self.say("last console lines:")
            self._show_console(10)
            self.say(f"FAILED: timeout after {self.options.timeout:g} s, {ended}")
            return EXIT_TIMEOUT
        if self.quit:
            self.say(f"quit, {ended}")
            return 128 + signal.SIGINT
        if self.status is None:
            self._explain_lost_vm()
            self.say(f"FAILED: no exit status, {ended}")
            return EXIT_RUNNER
        self.info(f"CMD exited {self.status} {ended}")
        return self.status

    def close(self):
        self.kill()
        for forwarder in self.outputs.values():
            if not forwarder.broken:
                forwarder.finish()
        self.command_log.close()
        sys.stderr.flush()
