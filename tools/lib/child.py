# SPDX-License-Identifier: GPL-2.0-only
"""Run a program whose output is wanted line by line, as it comes."""

import os
import subprocess


def run(command, line, both=False, environment=None):
    """The exit status of COMMAND, which has no standard input. LINE is called with each
    line of its standard output, newline included; with BOTH also of standard error, as
    one stream, because what comes through two would mix within lines. ENVIRONMENT adds
    to this one's. The program is ended if this one is interrupted."""
    with subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT if both else None,
                          text=True, errors="replace",
                          env={**os.environ, **(environment or {})}) as child:
        try:
            for text in child.stdout:
                line(text)
        except BaseException:
            # An interrupt may have reached this process only.
            child.terminate()
            raise
    return child.returncode
