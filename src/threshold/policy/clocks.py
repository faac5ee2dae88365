"""When something is due. Days are 24 hours; working days are those of England and Wales, in UK time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from threshold.policy.model import Clock

_UK = ZoneInfo("Europe/London")


def due(start: datetime, clock: Clock) -> datetime:
    """The end of the time that ``clock`` gives, counted from ``start``; both in UTC.

    A working day ends at the same UK time on the next working day. What starts on a day off counts from
    00:00 of the next working day.
    """
    if start.tzinfo is None:
        raise ValueError("the start has no time zone")
    if clock.unit == "days":
        return start.astimezone(UTC) + timedelta(hours=24 * clock.amount)
    local = start.astimezone(_UK)
    day, at = local.date(), local.time()
    if not is_working_day(day):
        day, at = next_working_day(day), time(0)
    for _ in range(clock.amount):
        day = next_working_day(day)
    return datetime.combine(day, at, _UK).astimezone(UTC)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
