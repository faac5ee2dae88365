"""What one folder says of one sender's conversation with the clearing house. Pure.

A sender submits a report before it has a number; the number comes with the answer and stands in the file
details, uploads and receipts that follow. Where one folder holds exactly one unnumbered report and exactly
one number, the number is the report's. Anything less certain is left as it is: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable

from threshold.intake.reading import ControlPart, Entry, ReadAddition, ReadReport


def lone_reference(entries: Iterable[Entry]) -> str | None:
    """The reference of the one report in a folder that has none, where the folder names exactly one.

    A reference that another report of the folder bears already is that report's, however alike they look.
    """
    unnumbered = 0
    named: set[str] = set()
    borne: set[str] = set()
    for entry in entries:
        if isinstance(entry, ReadReport):
            unnumbered += entry.reference is None
            borne |= {entry.reference} if entry.reference else set()
        elif isinstance(entry, ReadAddition | ControlPart) and entry.reference:
            named.add(entry.reference)
    if unnumbered != 1 or len(named) != 1 or named & borne:
        return None
    return named.pop()
