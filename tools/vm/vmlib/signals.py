# SPDX-License-Identifier: GPL-2.0-only
"""Signals that end the runner, as an exception."""

import signal

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    def __init__(self, signum):
        super().__init__(signum)
        self.signum = signum


def raise_on_signals():
    """^C and friends raise Interrupted, so that every `finally` runs; once only, so
    that each runs to its end. What is ignored, as by nohup, stays so."""
    def handler(signum, _frame):
        for each in _ENDING:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(signum)
    for signum in _ENDING:
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, handler)
