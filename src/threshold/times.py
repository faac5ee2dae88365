"""Times as people write and read them here: stored in UTC, shown in UK time with GMT or BST. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class NotATime(ValueError):
    """The text is not a date or a time that we read."""

    def __init__(self, text: str, why: str | None = None) -> None:
        super().__init__(
            f"{text!r}: {why}."
            if why
            else f"{text!r} is not a date (2026-11-24) or a time (2026-11-24T09:30, with a zone or in UK time)."
        )


def moment_of(text: str) -> datetime:
    """An instant from a date or time as typed. A bare date means the end of that UK day; no zone means UK time.

    :raises NotATime: it is neither, or it is a UK time that did not happen or happened twice
    """
    typed = text.strip()
    try:
        if len(typed) == 10:
            return end_of_uk_day(date.fromisoformat(typed))
        moment = datetime.fromisoformat(typed)
    except ValueError as wrong:
        figures = re.match(r"(\d{4})-(\d\d)-(\d\d)", typed)
        raise NotATime(
            text, no_such_day(*map(int, reversed(figures.groups()))) if figures else None
        ) from wrong
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    early, late = (moment.replace(tzinfo=UK, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early != late:
        raise NotATime(text)
    return early


def no_such_day(day: int, month: int, year: int) -> str | None:
    """Why a day that is named is in no calendar: "there is no 31 February". None where it is in it."""
    if not 1 <= year <= 9999:
        return f"there is no year {year}"
    if not 1 <= month <= 12:
        return f"there is no month {month}"
    try:
        date(year, month, day)
    except ValueError:
        in_that_year = f" in {year}" if (day, month) == (29, 2) else ""
        return f"there is no {day} {MONTHS[month - 1]}{in_that_year}"
    return None


def end_of_uk_day(day: date) -> datetime:
    """The last microsecond of a UK day, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), UK)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def uk_day(moment: datetime) -> date:
    """The day that it was in the United Kingdom."""
    return moment.astimezone(UK).date()


def start_of_uk_day(day: date) -> datetime:
    """The first instant of a UK day, in UTC."""
    return datetime.combine(day, time(), UK).astimezone(UTC)


def in_uk(moment: datetime) -> str:
    """``25 November 2026, 00:05 GMT``."""
    local = moment.astimezone(UK)
    return f"{local.day} {local:%B %Y, %H:%M} {local.tzname()}"
