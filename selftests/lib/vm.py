# SPDX-License-Identifier: GPL-2.0-only
"""Run a program that starts a VM; what it prints becomes KTAP diagnostics, live."""

import child


def run(command, label="", environment=None):
    """(the lines of its output, both streams as one; its exit status)"""
    lines = []

    def line(text):
        lines.append(text)
        print(f"# {label}{text}", end="", flush=True)

    return lines, child.run(command, line, both=True, environment=environment)
