"""Every figure can be asked as known at a date: one whole-number comparison on every claim row."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

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


@lru_cache(maxsize=64)
def as_it_stood(sql: str) -> str:
    """A query of the present (``x.retracted_by is null``) as one of the rows that stood at the act ``%(act)s``.

    One text says what is asked; the past is read by the same words as the present.
    """
    return re.sub(
        r"\b(\w+)\.retracted_by is null\b",
        r"(\1.asserted_by <= %(act)s and (\1.retracted_by is null or \1.retracted_by > %(act)s))",
        sql,
    )
