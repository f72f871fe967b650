"""Cells that a spreadsheet takes for text."""

from __future__ import annotations

import re

# A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA = r"^[=+\-@\t\r]"


def harmless(text: str) -> str:
    """The text, behind an apostrophe when a spreadsheet would run it."""
    return f"'{text}" if re.match(FORMULA, text) else text
