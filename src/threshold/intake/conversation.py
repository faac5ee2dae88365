"""What one folder says of one sender's conversation with the clearing house. Pure.

A sender submits a report before it has a number; the number comes with the answer and stands in the file
details, uploads and receipts that follow. Where one folder holds exactly one unnumbered report and exactly
one number, the number is the report's. Anything less certain is left as it is: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable

from threshold.intake.reading import ControlPart, Entry, ReadAddition, ReadReport


def lone_reference(entries: Iterable[Entry]) -> str | None:
    """The reference of the one report in a folder that has none, where the folder names exactly one."""
    reports: list[ReadReport] = []
    references: set[str] = set()
    for entry in entries:
        if isinstance(entry, ReadReport) and entry.reference is None:
            reports.append(entry)
        elif isinstance(entry, ReadReport | ReadAddition | ControlPart) and entry.reference:
            references.add(entry.reference)
    return references.pop() if len(reports) == 1 and len(references) == 1 else None
