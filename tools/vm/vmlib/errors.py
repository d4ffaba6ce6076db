# SPDX-License-Identifier: GPL-2.0-only
"""The one exception that becomes a one-line message and exit status 125."""


class RunnerError(Exception):
    """Names the cause and the cure in one line."""
