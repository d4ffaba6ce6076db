# SPDX-License-Identifier: GPL-2.0-only
"""Pass bytes on to our own stdout or stderr without ever stalling the VM.

The guest's port spins while its bytes are not taken, so a slow reader of ours
(a pager, a terminal) must not be waited for where the VM is served.
"""

import os
import queue
import threading


class Forwarder:
    def __init__(self, fd):
        self.fd = fd
        self.broken = False
        self._queue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        while data := self._queue.get():
            while data and not self.broken:
                try:
                    data = data[os.write(self.fd, data):]
                except OSError:
                    self.broken = True

    def put(self, data):
        if data:
            self._queue.put(data)

    def finish(self):
        """Wait until everything is written."""
        self._queue.put(b"")
        self._thread.join()
