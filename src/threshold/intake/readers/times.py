"""Times and dates of birth as senders write them. Nothing is ever guessed (formats.md section 7, rule 3).

A wrong hour has sent police to the wrong door. So a time becomes an instant only when the sender stated
the zone; everything else keeps its text and says what is missing.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from threshold.intake.reading import Age, Moment, Origin
from threshold.intake.texts import clean
from threshold.times import no_such_day, uk_day

NO_ZONE = "no time zone stated"
NOT_A_TIME = "not a time that can be read"
NO_TIME_OF_DAY = "a date without a time of day"
TWELVE_HOUR = "a 12-hour clock without AM or PM"
TWO_ZONES = "two time zones stated"
NO_SUCH_TIME = "a time that does not exist"
PLACEHOLDER = "a filler, not the time of an event"

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?(?: ?(Z|z|UTC|GMT|[+-]\d\d:?\d\d))?( ?(?:Z|z|UTC))?)?"
)
_OLDEST_AGE = 120
# No service kept logs before this; earlier years are empty fields (0001-01-01, 1970-01-01) in disguise.
_FIRST_YEAR = 1990


@lru_cache(maxsize=4096)
def read_moment(received: str) -> Moment:
    """An ISO 8601 time with its zone becomes an instant; anything else keeps its text and a problem."""
    received = clean(received)
    match = _ISO.fullmatch(received)
    if match is None:
        return Moment(received, None, NOT_A_TIME)
    day, clock, fraction, zone, second_zone = match.groups()
    if why := no_such_day(*map(int, reversed(day.split("-")))):
        return Moment(received, None, why)
    if clock is None:
        return Moment(received, None, NO_TIME_OF_DAY, _day(day))
    if second_zone:
        return Moment(received, None, TWO_ZONES, _day(day))
    if zone is None:
        return Moment(received, None, NO_ZONE, _day(day))
    try:
        instant = _instant(day, clock, (fraction or "")[:6], zone)
    except (ValueError, OverflowError):
        return Moment(received, None, NO_SUCH_TIME)
    if instant.year < _FIRST_YEAR:
        return Moment(received, None, PLACEHOLDER)
    return Moment(received, instant)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR else None


def _instant(day: str, clock: str, fraction: str, zone: str) -> datetime:
    midnight_at_the_end = clock in ("24:00", "24:00:00") and not fraction.strip("0")
    if midnight_at_the_end:  # XML Schema allows it
        clock = "00:00"
    offset = "+00:00" if zone in ("Z", "z", "UTC", "GMT") else zone
    seconds = f"{clock}.{fraction.ljust(6, '0')}" if fraction and len(clock) == 8 else clock
    local = datetime.fromisoformat(f"{day}T{seconds}{offset}")
    shift = local.utcoffset() or timedelta(0)
    if abs(shift) > timedelta(hours=14):
        raise ValueError("no zone is so far from UTC")
    instant = local.astimezone(UTC)
    return instant + timedelta(days=1) if midnight_at_the_end else instant


def day_of(moment: Moment | None) -> date | None:
    """The day a moment names, zone or not: near enough to bound an age.

    An instant is of its day here, as everywhere else: by another day, somebody said to be 17 in the night before
    a birthday would be taken for perhaps 18.
    """
    if moment is None:
        return None
    if moment.utc is not None:
        return uk_day(moment.utc)
    try:
        return date.fromisoformat(moment.received[:10])
    except ValueError:
        return None


def years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February, or before year 1
        return date(max(day.year - years, 1), 3, 1)


def years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)


_ADULT = 18
_ABOUT = r"(?:about|around|approx\.?|approximately|circa|ca?\.|~)?"
_AGED = r"(?:aged?:?)?"
_YEARS = r"(?:-?(?:y|yo|y\.o\.?|y/o|yrs?\.?|years?))?(?:[\s-]*old|\s+of\s+age)?"
# "15", "about 15", "15.0", "17.9" (not yet 18), "13-15", "13 to 15", "between 13 and 15", "15/16", "15 years old",
# "aged 15-16", "17yo".
_AGE = re.compile(
    rf"{_AGED}\s*(?:between)?\s*{_ABOUT}\s*(\d{{1,3}})(?:\.\d{{1,4}})?"
    rf"(?:\s*(?:-|–|to|/|or|and)\s*(\d{{1,3}}))?\s*{_YEARS}"
)
# "under 18", "below 16 years", "<13": the most is one year less. "over 18", "18+": said of those who are 18, too.
_UNDER = re.compile(rf"{_AGED}\s*(?:under|below|younger\s+than|less\s+than|<)\s*(\d{{1,3}})\s*{_YEARS}")
_AT_LEAST = re.compile(
    rf"{_AGED}\s*(?:over|above|older\s+than|more\s+than|at\s+least|>=?)\s*(\d{{1,3}})\s*{_YEARS}"
    rf"|{_AGED}\s*(\d{{1,3}})\s*{_YEARS}\s*(?:\+|(?:or|and)\s+(?:over|older|above))"
)
_DECADE = re.compile(r"(?:in\s+(?:his|her|their)\s+)?(?:early|mid|late)?[\s-]*([2-9]0)'?s")
# Words that say an age in years by themselves. No word is here that some people use otherwise ("young", "girl").
_AGE_WORDS = {
    "teen": (13, 19),
    "teens": (13, 19),
    "teenage": (13, 19),
    "teenager": (13, 19),
    "preteen": (0, 12),
    "minor": (0, 17),
    "child": (0, 17),
    "juvenile": (0, 17),
    "underage": (0, 17),
    "under age": (0, 17),
    "adult": (18, _OLDEST_AGE),
}


def age_from_years(
    received: str,
    place: str,
    said_on: tuple[date | None, ...],
    *,
    approximate: bool = False,
    origin: Origin = "self",
) -> Age:
    """Bounds of the date of birth of somebody who is *received* years old on one of the days *said_on*.

    The sender may mean the day of the incident or the day of writing, so the bounds cover both. With no
    day known there are no bounds. An age called approximate is widened by two years either way, but one under
    18 only downwards: whoever is said to be 17 is not thereby said to be perhaps an adult.
    """
    received = clean(received)
    days = sorted(day for day in said_on if day is not None)
    stated = _years_stated(received.casefold())
    if stated is None or not days:
        return Age(received, place, None, None, origin)
    youngest, oldest = stated
    if not 0 <= youngest <= oldest <= _OLDEST_AGE:
        return Age(received, place, None, None, origin)
    if approximate:
        youngest, oldest = max(youngest - 2, 0), oldest if oldest < _ADULT else oldest + 2
    earliest = years_before(days[0], oldest + 1) + timedelta(days=1)
    return Age(received, place, earliest, years_before(days[-1], youngest), origin)


def _years_stated(text: str) -> tuple[int, int] | None:
    """The least and the most years that a text can mean; None where that would be a guess."""
    if match := _AGE.fullmatch(text):
        return int(match[1]), int(match[2] or match[1])
    if match := _UNDER.fullmatch(text):
        return 0, int(match[1]) - 1
    if match := _AT_LEAST.fullmatch(text):
        return int(match[1] or match[2]), _OLDEST_AGE
    if match := _DECADE.fullmatch(text):
        return int(match[1]), int(match[1]) + 9
    return _AGE_WORDS.get(text.replace("pre-teen", "preteen"))


def age_from_birth(received: str, place: str, *, origin: Origin = "self") -> Age:
    """A date of birth; a year or a month alone, or a date that reads two ways, becomes honest bounds."""
    received = clean(received)
    readings = _birth_readings(received)
    if not readings or min(readings).year < 1905:
        return Age(received, place, None, None, origin)
    return Age(received, place, min(readings), max(readings), origin)


def _birth_readings(text: str) -> list[date]:
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:T00:00:00(?:\.0+)?)?(?:Z|[+-]\d\d:\d\d)?", text):
        return _dates((match[1], match[2], match[3]))
    if match := re.fullmatch(r"(\d{4})-(\d\d)", text):
        first = _dates((match[1], match[2], "01"))
        return [*first, *(_month_end(day) for day in first)]
    if re.fullmatch(r"\d{4}", text):
        return _dates((text, "01", "01"), (text, "12", "31"))
    if match := re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", text):
        return _dates((match[1], match[2], match[3]))
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        return _dates((match[3], match[2], match[1]), (match[3], match[1], match[2]))
    return _named_month(text.casefold())


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_NAMED_MONTH = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+)?{_MONTH}"
    r"(?:\s+(?P<day_after>\d{1,2})(?:st|nd|rd|th)?)?[\s,-]+(?P<year>\d{4})"
)


def _named_month(text: str) -> list[date]:
    """ "31 January 1990", "31-Jan-1990", "January 31st, 1990", "January 1990"."""
    match = _NAMED_MONTH.fullmatch(text)
    if match is None or (match["day"] and match["day_after"]):
        return []
    month = str(_MONTHS.index(match[2]) + 1)
    if day := match["day"] or match["day_after"]:
        return _dates((match["year"], month, day))
    first = _dates((match["year"], month, "1"))
    return [*first, *(_month_end(each) for each in first)]


def _dates(*parts: tuple[str, str, str]) -> list[date]:
    found = []
    for year, month, day in parts:
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
