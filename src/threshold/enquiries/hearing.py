"""What counts of what was said (design section 3, rule 2). Pure; ``assess.py`` holds the same as SQL.

Only an officer's answer ends *unknown*. So a sender's yes counts, and a sender's *no* or *not known* is kept
and shown but is, for the policy, the same as silence; a grade from a sender sets the bottom and leaves the
top open; and an officer's answer ends the *not known* that was typed before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from threshold.policy.combine import Said


class Statement(Protocol):
    """A statement's row, with ages already worked out for the day in question."""

    fact: str
    known: bool
    truth: bool | None
    low: int | None
    high: int | None
    choice: str | None
    as_of: datetime
    number: int
    officer: int | None


def heard(statements: Iterable[Statement]) -> Iterator[Said]:
    """The subject's own statements as the policy hears them."""
    rows = list(statements)
    answered: dict[str, int] = {}
    for row in rows:
        if row.officer is not None and row.known:
            answered[row.fact] = max(row.number, answered.get(row.fact, 0))
    for row in rows:
        by_sender = row.officer is None
        if by_sender and (not row.known or row.truth is False):
            continue
        if not row.known and row.number < answered.get(row.fact, 0):
            continue
        yield Said(row.fact, row.known, row.as_of, row.number, row.truth, row.low, row.high, row.choice)
        if by_sender and row.choice is not None and row.fact not in answered:
            # Opens the top and leaves the bottom, as a question about somebody else would.
            yield Said(row.fact, False, row.as_of, row.number, possible=True)
