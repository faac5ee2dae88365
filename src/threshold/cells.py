"""Text from outside in a cell of a spreadsheet or on a printed page, where it must do nothing. Pure."""

from __future__ import annotations


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def plain(outside: str) -> str:
    """Text from outside, without what XML cannot hold and what turns the direction of the rest."""
    return "".join("\ufffd" if _hides(letter) else letter for letter in outside)


def _hides(letter: str) -> bool:
    number = ord(letter)
    return (
        number < 0x20
        or 0x7F <= number < 0xA0
        or 0x202A <= number <= 0x202E
        or 0x2066 <= number <= 0x2069
        or 0xD800 <= number <= 0xDFFF
        or number in (0xFFFE, 0xFFFF)
    )
