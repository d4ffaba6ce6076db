# SPDX-License-Identifier: GPL-2.0-only
"""Run tests as child processes, several at a time, and collect their results."""

import os
import queue
import signal
import subprocess
import threading
import time

import ktap
from paths import ROOT

HEARTBEAT = 15
TERM_GRACE = 10


class Run:
    """One test's process, its log, and the points that its output says."""

    def __init__(self, test, log):
        self.test = test
        self.log = log
        self.parser = ktap.Parser()
        self.process = None
        self.started = None
        self.elapsed = 0
        self.points = []
        self._log_file = None
        self._log_error = None
        self._log_lock = threading.Lock()

    def _copy(self, stream, parse):
        for line in stream:
            with self._log_lock:
                if self._log_file.closed:
                    return
                try:
                    self._log_file.write(line)
                    self._log_file.flush()
                except OSError as error:
                    # Reading goes on, or the test would wait for a reader.
                    self._log_error = error
            if parse:
                self.parser.feed(line.decode(errors="replace"))

    def run(self):
        self.started = time.monotonic()
        self._log_file = open(self.log, "wb")
        try:
            self.process = subprocess.Popen(
                ["bash", "-c", self.test.command], cwd=ROOT, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            readers = [threading.Thread(target=self._copy, daemon=True,
                                        args=(stream, stream is self.process.stdout))
                       for stream in (self.process.stdout, self.process.stderr)]
            for reader in readers:
                reader.start()
            timed_out = self._wait()
            until = time.monotonic() + TERM_GRACE
            for reader in readers:
                reader.join(max(0, until - time.monotonic()))
            held = any(reader.is_alive() for reader in readers)
        finally:
            self._close_log()
        self.elapsed = time.monotonic() - self.started
        status = self.process.returncode
        self.points = self.parser.finish(128 - status if status < 0 else status)
        if timed_out:
            self._fail("timeout", f"killed after {self.test.timeout} s")
        if held:
            self._fail("output", "a process that left the test's group still holds its output")
        if self._log_error:
            self._fail("log", f"cannot write {self.log}: {self._log_error.strerror}")

    def _fail(self, name, detail):
        self.points.append(ktap.Point(name, ktap.FAIL, detail))

    def _close_log(self):
        with self._log_lock:
            try:
                self._log_file.close()
            except OSError as error:
                self._log_error = error

    def _wait(self):
        try:
            self.process.wait(self.test.timeout)
            timed_out = False
        except subprocess.TimeoutExpired:
            timed_out = True
            self.kill()
        # Nothing of its process group outlives it.
        self._signal_group(signal.SIGKILL)
        return timed_out

    def kill(self):
        if not self.process or self.process.poll() is not None:
            return
        self._signal_group(signal.SIGTERM)
        try:
            self.process.wait(TERM_GRACE)
        except subprocess.TimeoutExpired:
            self._signal_group(signal.SIGKILL)
            self.process.wait()

    def _signal_group(self, signum):
        try:
            os.killpg(self.process.pid, signum)
        except ProcessLookupError:
            pass

    def failed(self):
        return ktap.count(self.points, ktap.FAIL) > 0 or not self.points

    def only_skipped(self):
        return self.points and all(point.status == ktap.SKIP for point in self.points)


def run_all(runs, jobs, finished, heartbeat):
    """Run them, JOBS at a time. FINISHED is called with each that ended, HEARTBEAT
    with those under way when nothing ended for a while."""
    waiting, ended = queue.SimpleQueue(), queue.SimpleQueue()
    running = []
    stopping = threading.Event()
    for run in runs:
        waiting.put(run)

    def work():
        while not stopping.is_set():
            try:
                run = waiting.get_nowait()
            except queue.Empty:
                return
            running.append(run)
            try:
                run.run()
            except Exception as error:  # one broken test must not stop the rest
                run.points.append(ktap.Point("runner", ktap.FAIL, str(error)))
            running.remove(run)
            ended.put(run)

    for _ in range(min(jobs, len(runs))):
        threading.Thread(target=work, daemon=True).start()
    try:
        for _ in runs:
            while True:
                try:
                    run = ended.get(timeout=HEARTBEAT)
                    break
                except queue.Empty:
                    heartbeat([each for each in running if each.started])
            finished(run)
    finally:
        stopping.set()
        for run in list(running):
            run.kill()
