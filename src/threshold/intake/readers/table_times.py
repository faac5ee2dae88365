"""A table's dates and times under its map's order and zone. What does not fit is not turned round to fit."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from threshold.intake.readers.times import (
    NO_SUCH_TIME,
    NO_TIME_OF_DAY,
    NO_ZONE,
    TWELVE_HOUR,
    day_of,
    read_moment,
)
from threshold.intake.reading import Moment
from threshold.intake.texts import clean
from threshold.times import no_such_day

WRONG_ORDER = "does not fit the date order that the map states"
TWO_DIGIT_YEAR = "a year of two digits"
CHANGED_CLOCK_TWICE = "came twice that day: the clocks went back"
CHANGED_CLOCK_NEVER = "did not exist that day: the clocks went forward"
AM_OR_PM = "AM or PM, though the map states the 24-hour clock"

_ORDERED = re.compile(
    r"(\d{1,4})([/.\- ])(\d{1,2})\2(\d{1,4})"
    r"(?:[T ,]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,]\d+)?(?: ?([ap])\.?m\.?)?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?)?",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"(\d{1,4})([/.\- ])(\d{1,2})\2(\d{1,4})(?!\d)")
_PLACES = {"dmy": (0, 1, 2), "mdy": (1, 0, 2), "ymd": (2, 1, 0)}


# A spreadsheet's count of days, from 1927 to 2173: five figures, and the time of day as a fraction.
_DAY_NUMBER = re.compile(r"\d{5}(?:\.\d+)?")
_FIRST_DAYS = {"1900": datetime(1899, 12, 30, tzinfo=UTC), "1904": datetime(1904, 1, 1, tzinfo=UTC)}


def is_day_number(received: str) -> bool:
    """Whether a text may be a spreadsheet's count of days."""
    return _DAY_NUMBER.fullmatch(received) is not None


def counted_day(received: str, counted_from: str) -> str:
    """A count of days as a date, with its time of day to the second where it has one (ISO 8601, no zone)."""
    days = timedelta(days=float(received)) + timedelta(milliseconds=500)
    text = (_FIRST_DAYS[counted_from] + days).strftime("%Y-%m-%d %H:%M:%S")
    return text if "." in received else text[:10]


def contradicts_order(received: str, order: str) -> bool:
    """Whether these are the figures of a date that the map's order cannot mean: the map or the cell is wrong.

    What is no date at all, or lacks its century or time of day, contradicts nothing; it stays unread.
    """
    match = _FIGURES.match(received.strip())
    if match is None:
        return False
    figures = (match[1], match[3], match[4])
    if order == "iso":
        return len(match[1]) != 4 or match[2] != "-" or int(match[3]) > 12
    day, month, year = (figures[n] for n in _PLACES[order])
    if len(year) != 4:
        return any(len(figure) == 4 for figure in figures)
    return int(day) > 31 or int(month) > 12


@lru_cache(maxsize=8192)
def read_table_moment(received: str, order: str, zone: str, clock: str) -> Moment:
    """``zone``: an IANA name, ``stated`` (in the text itself) or ``none``."""
    received = clean(received)
    if order == "iso":
        moment = read_moment(received)
        if moment.problem != NO_ZONE or zone in ("stated", "none"):
            return moment
        return _in_zone(received, datetime.fromisoformat(received.replace(",", ".")), zone)
    match = _ORDERED.fullmatch(received)
    if match is None:
        return Moment(received, None, WRONG_ORDER)
    figures = (match[1], match[3], match[4])
    day, month, year = (figures[n] for n in _PLACES[order])
    if len(year) != 4:
        wrong = WRONG_ORDER if any(len(figure) == 4 for figure in figures) else TWO_DIGIT_YEAR
        return Moment(received, None, wrong)
    if len(day) > 2 or int(month) > 12:
        return Moment(received, None, WRONG_ORDER)
    if why := no_such_day(int(day), int(month), int(year)):
        return Moment(received, None, why)
    named = day_in_order(received, order)
    if match[5] is None:
        return Moment(received, None, NO_TIME_OF_DAY, named)
    hour = int(match[5])
    if match[8]:
        if clock == "24":
            return Moment(received, None, AM_OR_PM, named)
        if not 1 <= hour <= 12:
            return Moment(received, None, NO_SUCH_TIME)
        hour = hour % 12 + (12 if match[8].lower() == "p" else 0)
    elif clock == "12":
        return Moment(received, None, TWELVE_HOUR, named)
    try:
        local = datetime(int(year), int(month), int(day), hour, int(match[6]), int(match[7] or 0))  # noqa: DTZ001 - as written; the map's zone is put on below
    except ValueError:
        return Moment(received, None, NO_SUCH_TIME)
    if match[9]:
        moment = read_moment(f"{local.isoformat()}{match[9].upper()}")
        return Moment(received, moment.utc, moment.problem)
    if zone in ("stated", "none"):
        return Moment(received, None, NO_ZONE, named)
    return _in_zone(received, local, zone)


def _in_zone(received: str, local: datetime, name: str) -> Moment:
    zone = ZoneInfo(name)
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    try:
        instant = first.astimezone(UTC)
        if first.utcoffset() != second.utcoffset():
            there_and_back = instant.astimezone(zone).replace(tzinfo=None)
            problem = CHANGED_CLOCK_TWICE if there_and_back == local else CHANGED_CLOCK_NEVER
            return Moment(received, None, problem, local.date())
    except OverflowError:
        return Moment(received, None, NO_SUCH_TIME)
    return Moment(received, instant)


def day_in_order(received: str, order: str) -> date | None:
    """The day that a text names under the map's order, whatever is unclear about its time of day."""
    if order == "iso":
        return day_of(read_moment(received))
    match = _ORDERED.fullmatch(received.strip())
    if match is None:
        return None
    figures = (match[1], match[3], match[4])
    day, month, year = (figures[n] for n in _PLACES[order])
    try:
        return date(int(year), int(month), int(day)) if len(year) == 4 else None
    except ValueError:
        return None
