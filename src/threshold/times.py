"""Times as people write and read them here: stored in UTC, shown in UK time with GMT or BST. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


class NotATime(ValueError):
    """The text is not a date or a time that we read."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not a date (2026-11-24) or a time (2026-11-24T09:30, with a zone or in UK time)."
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
        raise NotATime(text) from wrong
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    early, late = (moment.replace(tzinfo=UK, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early != late:
        raise NotATime(text)
    return early


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
