# SPDX-License-Identifier: GPL-2.0-only
"""Run a program that starts a VM; what it prints becomes KTAP diagnostics, live."""

import os
import subprocess


def run(command, label="", environment=None):
    """(the lines of its output, its exit status). Both its streams count, as one: what
    comes through two of them would mix within lines. ENVIRONMENT adds to this one's."""
    lines = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace",
                          env={**os.environ, **(environment or {})}) as vm:
        for line in vm.stdout:
            lines.append(line)
            print(f"# {label}{line}", end="", flush=True)
    return lines, vm.returncode
