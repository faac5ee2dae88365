"""Times as a page says and hears them: stored in UTC, shown in UK time with GMT or BST. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from threshold.times import MONTHS as _MONTHS
from threshold.times import no_such_day

UK = ZoneInfo("Europe/London")
_DAY = re.compile(
    r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})|(\d{4})-(\d{2})-(\d{2})|(\d{1,2}) +([A-Za-z]{3,9}) +(\d{4})"
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(GMT|BST|UTC|Z)?", re.IGNORECASE)


class WrongMoment(Exception):
    """The text is not a day or a time. ``str()`` says how to write one."""


def uk_time(moment: datetime, seconds: bool = False) -> str:
    """25 November 2026, 00:05 GMT."""
    local = moment.astimezone(UK)
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{uk_day(moment)}, {clock} {local.tzname()}"


def uk_day(moment: datetime) -> str:
    """25 November 2026, the day in the United Kingdom."""
    return day_words(moment.astimezone(UK).date())


def day_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def utc(moment: datetime, seconds: bool = False) -> str:
    """25 November 2026, 00:05 UTC."""
    there = moment.astimezone(UTC)
    return (
        f"{day_words(there.date())}, {there:%H:%M:%S} UTC"
        if seconds
        else (f"{day_words(there.date())}, {there:%H:%M} UTC")
    )


def near_clock_change(moment: datetime) -> bool:
    """Within one hour of the clocks going forward or back: read such a time twice."""
    hour = timedelta(hours=1)
    return (moment - hour).astimezone(UK).utcoffset() != (moment + hour).astimezone(UK).utcoffset()


def read_moment(text: str) -> datetime | None:
    """A day or a UK time as an officer types it; None for an empty text.

    A bare date means the end of that UK day.

    :raises WrongMoment: it cannot be read, does not exist, or was there twice
    """
    typed = text.strip().replace("T", " ") if re.match(r"\d{4}-\d{2}-\d{2}T", text.strip()) else text.strip()
    if not typed:
        return None
    found = _DAY.match(typed)
    if not found:
        raise WrongMoment(
            "Write a date such as 24/11/2026, and a time after it if you need one: 24/11/2026 14:30"
        )
    day = _day(found)
    rest = typed[found.end() :].strip(" ,")
    if not rest:
        return datetime.combine(day, time(23, 59, 59, 999_999), UK).astimezone(UTC)
    return _instant(day, rest)


def read_day(text: str) -> date | None:
    """A day as an officer types it; None for an empty text."""
    if not text.strip():
        return None
    found = _DAY.fullmatch(text.strip())
    if not found:
        raise WrongMoment("Write a date such as 24/11/2026")
    return _day(found)


def _day(found: re.Match[str]) -> date:
    d, m, y, y2, m2, d2, d3, word, y3 = found.groups()
    month = m or m2 or str(next((n for n, name in enumerate(_MONTHS, 1) if _is_month(name, word)), 0))
    try:
        return date(int(y or y2 or y3), int(month), int(d or d2 or d3))
    except ValueError as wrong:
        why = no_such_day(int(d or d2 or d3), int(month), int(y or y2 or y3)) if int(month) else None
        why = why or f"there is no month {word}"
        raise WrongMoment(f"{why[0].upper()}{why[1:]}. Write day, month, year: 24/11/2026") from wrong


def _is_month(name: str, word: str | None) -> bool:
    return word is not None and name.casefold().startswith(word.casefold())


def _instant(day: date, text: str) -> datetime:
    found = _TIME.fullmatch(text)
    if not found:
        raise WrongMoment("Write the time with hours and minutes: 24/11/2026 14:30")
    hour, minute, second, zone = found.groups()
    try:
        clock = time(int(hour), int(minute), int(second or 0))
    except ValueError as wrong:
        raise WrongMoment(f"There is no time {text}. Write hours and minutes: 14:30") from wrong
    if zone and zone.upper() in ("UTC", "Z", "GMT"):
        return datetime.combine(day, clock, UTC)
    if zone:
        return datetime.combine(day, clock, UTC) - timedelta(hours=1)
    first, second_time = (datetime.combine(day, clock, UK).replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() == second_time.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(UK).time() != clock:
        raise WrongMoment("The clocks went forward then, so that time did not exist.")
    raise WrongMoment("The clocks went back then, so that time was there twice. Add GMT or BST after it.")
