# SPDX-License-Identifier: GPL-2.0-only
"""What a benchmark exits with, and why it could not measure."""

VALID, INVALID, NOT_MEASURED = 0, 1, 3


class Failure(Exception):
    """Nothing was measured; the text names cause and cure."""
