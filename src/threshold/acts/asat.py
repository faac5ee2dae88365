"""Every figure can be asked as known at a date: one whole-number comparison on every claim row."""

from __future__ import annotations

from datetime import datetime

from threshold.acts.db import one


def act_at(moment: datetime | None) -> int | None:
    """The last act at or before ``moment``; None for the present. 0 where there was no act yet."""
    if moment is None:
        return None
    row = one("select coalesce(max(id), 0) as id from act where at <= %s", [moment])
    assert row is not None
    return int(row.id)


def standing(alias: str, act: int | None) -> str:
    """SQL condition: the row stands now (``act`` None) or stood as at that act."""
    if act is None:
        return f"{alias}.retracted_by is null"
    n = int(act)
    return f"{alias}.asserted_by <= {n} and ({alias}.retracted_by is null or {alias}.retracted_by > {n})"
