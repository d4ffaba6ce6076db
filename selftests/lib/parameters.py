# SPDX-License-Identifier: GPL-2.0-only
"""The values of kernel parameters that tests run with: selftests/parameters.cfg."""

import configparser
import os

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))),
                    "parameters.cfg")


def all_values():
    """{parameter: (value, …)}"""
    config = configparser.RawConfigParser(delimiters=("=",))
    with open(FILE, encoding="utf-8") as file:
        config.read_file(file)
    return {name: tuple(words.split()) for name, words in config["parameters"].items()}


def values(name):
    """The values of one parameter, the kernel's own order."""
    return all_values()[name]
