"""How much of a file is looked at."""

LARGEST = 10 * 1024 * 1024
"""Bytes; a report of a thousand records has less than a tenth of it."""
