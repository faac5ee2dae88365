"""Times become instants only when their zone is stated; ages become honest bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threshold.intake.readers import times
from threshold.intake.readers.table_times import (
    AM_OR_PM,
    CHANGED_CLOCK_NEVER,
    CHANGED_CLOCK_TWICE,
    TWO_DIGIT_YEAR,
    WRONG_ORDER,
    read_table_moment,
)
from threshold.intake.readers.times import (
    age_from_birth,
    age_from_years,
    day_of,
    read_moment,
    years_before,
)


@pytest.mark.parametrize(
    ("received", "utc"),
    [
        ("2026-03-29T00:30:00Z", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        ("2026-03-29T01:30:00+01:00", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        ("2026-03-29T00:30:00.123456789Z", datetime(2026, 3, 29, 0, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-28 17:30:00 -0700", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        ("2026-03-28T24:00:00Z", datetime(2026, 3, 29, tzinfo=UTC)),
        ("  2026-03-29T00:30Z\n", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_with_its_zone_is_an_instant(received: str, utc: datetime) -> None:
    moment = read_moment(received)
    assert (moment.utc, moment.problem) == (utc, None)
    assert moment.received == received.strip()


@pytest.mark.parametrize(
    ("received", "problem"),
    [
        ("2026-03-29T00:30:00", times.NO_ZONE),
        ("2026-03-29", times.NO_TIME_OF_DAY),
        ("29/03/2026 00:30", times.NOT_A_TIME),
        ("yesterday", times.NOT_A_TIME),
        ("", times.NOT_A_TIME),
        ("2026-03-29T00:30:00+01:00Z", times.TWO_ZONES),
        ("2026-02-30T00:30:00Z", "there is no 30 February"),
        ("2026-03-29T25:30:00Z", times.NO_SUCH_TIME),
        ("2026-03-29T00:30:00+23:00", times.NO_SUCH_TIME),
        ("0001-01-01T00:00:00Z", times.PLACEHOLDER),
        ("1970-01-01T00:00:00Z", times.PLACEHOLDER),
        ("9999-12-31T23:59:59-14:00", times.NO_SUCH_TIME),
    ],
)
def test_anything_else_keeps_its_text_and_says_what_is_missing(received: str, problem: str) -> None:
    moment = read_moment(received)
    assert (moment.received, moment.utc, moment.problem) == (received, None, problem)


@given(
    st.text(max_size=40) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", fullmatch=True)
)
def test_no_text_breaks_the_reading_of_a_time(text: str) -> None:
    moment = read_moment(text)
    assert (moment.utc is None) == (moment.problem is not None)
    for order in ("dmy", "mdy", "ymd", "iso"):
        moment = read_table_moment(text, order, "Europe/London", "24")
        assert (moment.utc is None) == (moment.problem is not None)


LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("received", "order", "zone", "clock", "expected"),
    [
        ("01/07/2026 13:30", "dmy", LONDON, "24", datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("07/01/2026 13:30", "mdy", LONDON, "24", datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("2026-07-01 13:30:05", "ymd", LONDON, "24", datetime(2026, 7, 1, 12, 30, 5, tzinfo=UTC)),
        ("01/07/2026 1:30 pm", "dmy", LONDON, "12", datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("01/07/2026 12:30 a.m.", "dmy", "none", "12", times.NO_ZONE),
        ("01/07/2026 13:30 +02:00", "dmy", "stated", "24", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("01/07/2026 13:30", "dmy", "stated", "24", times.NO_ZONE),
        ("2026-07-01T13:30:00", "iso", LONDON, "24", datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("2026-07-01T13:30:00", "iso", "none", "24", times.NO_ZONE),
        ("13/07/2026 13:30", "mdy", LONDON, "24", WRONG_ORDER),
        ("2026-07-01 13:30", "dmy", LONDON, "24", WRONG_ORDER),
        ("01/07/26 13:30", "dmy", LONDON, "24", TWO_DIGIT_YEAR),
        ("01/07/2026", "dmy", LONDON, "24", times.NO_TIME_OF_DAY),
        ("01/07/2026 01:30", "dmy", LONDON, "12", times.TWELVE_HOUR),
        ("01/07/2026 01:30 PM", "dmy", LONDON, "24", AM_OR_PM),
        ("01/07/2026 13:30 PM", "dmy", LONDON, "12", times.NO_SUCH_TIME),
        ("29/03/2026 01:30", "dmy", LONDON, "24", CHANGED_CLOCK_NEVER),
        ("25/10/2026 01:30", "dmy", LONDON, "24", CHANGED_CLOCK_TWICE),
        ("31/02/2026 01:30", "dmy", LONDON, "24", "there is no 31 February"),
        ("31/02/2026", "dmy", LONDON, "24", "there is no 31 February"),
        ("29/02/2026", "dmy", LONDON, "24", "there is no 29 February in 2026"),
        ("31/12/9999 23:30", "dmy", "America/New_York", "24", times.NO_SUCH_TIME),
    ],
)
def test_a_table_time_follows_its_map(
    received: str, order: str, zone: str, clock: str, expected: datetime | str
) -> None:
    moment = read_table_moment(received, order, zone, clock)
    assert moment.received == received
    assert (moment.problem or moment.utc) == expected


def test_an_age_bounds_the_birth_over_every_day_it_may_have_been_said() -> None:
    one_day = age_from_years("11", "here", (date(2026, 3, 29),))
    assert (one_day.earliest, one_day.latest) == (date(2014, 3, 30), date(2015, 3, 29))
    two_days = age_from_years("11", "here", (date(2026, 3, 29), date(2026, 11, 1), None))
    assert (two_days.earliest, two_days.latest) == (date(2014, 3, 30), date(2015, 11, 1))
    approximate = age_from_years("17", "here", (date(2026, 3, 29),), approximate=True)
    assert (approximate.earliest, approximate.latest) == (date(2008, 3, 30), date(2011, 3, 29))
    of_range = age_from_years("13-15", "here", (date(2026, 3, 29),))
    assert (of_range.earliest, of_range.latest) == (date(2010, 3, 30), date(2013, 3, 29))


@pytest.mark.parametrize(
    ("text", "youngest", "oldest"),
    [
        ("17yo", 17, 17),
        ("17 y/o", 17, 17),
        ("17-year-old", 17, 17),
        ("Age: 15", 15, 15),
        ("aged 15-16", 15, 16),
        ("aged about 15", 15, 15),
        ("between 13 and 15", 13, 15),
        ("15 or 16 years of age", 15, 16),
        ("under 18", 0, 17),
        ("Under 13 years old", 0, 12),
        ("<16", 0, 15),
        ("over 18", 18, 120),
        ("18+", 18, 120),
        ("18 or over", 18, 120),
        ("21 years and older", 21, 120),
        ("teen", 13, 19),
        ("Teenager", 13, 19),
        ("pre-teen", 0, 12),
        ("minor", 0, 17),
        ("adult", 18, 120),
        ("30s", 30, 39),
        ("in his mid-40s", 40, 49),
    ],
)
def test_words_for_an_age_become_the_bounds_that_they_mean(text: str, youngest: int, oldest: int) -> None:
    age = age_from_years(text, "here", (date(2026, 3, 29),))
    assert age.received == text
    assert (age.earliest, age.latest) == (date(2026 - oldest - 1, 3, 30), date(2026 - youngest, 3, 29))


@pytest.mark.parametrize(
    "text",
    ["", "eleven", "-1", "999", "15-13", "1e1", "young", "girl", "school age", "under 0", "over 130",
     "teens or 20s", "aged", "years old", "not under 18", "18-"],
)  # fmt: skip
def test_an_unreadable_age_has_no_bounds_and_keeps_its_text(text: str) -> None:
    age = age_from_years(text, "here", (date(2026, 3, 29),))
    assert (age.received, age.earliest, age.latest) == (text, None, None)


def test_without_any_day_an_age_has_no_bounds() -> None:
    assert age_from_years("11", "here", (None,)).earliest is None


@given(st.integers(0, 120), st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.dates(date(1900, 1, 1)))
def test_whoever_is_that_old_that_day_was_born_within_the_bounds(years: int, day: date, born: date) -> None:
    age = age_from_years(str(years), "here", (day,))
    assert age.earliest is not None and age.latest is not None
    had_birthday = (born.month, born.day) <= (day.month, day.day)
    old = day.year - born.year - (0 if had_birthday else 1)
    assert (age.earliest <= born <= age.latest) == (old == years)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1990-01-02", date(1990, 1, 2), date(1990, 1, 2)),
        ("1990-01-02Z", date(1990, 1, 2), date(1990, 1, 2)),
        ("1990", date(1990, 1, 1), date(1990, 12, 31)),
        ("2008-02", date(2008, 2, 1), date(2008, 2, 29)),
        ("03/04/1990", date(1990, 3, 4), date(1990, 4, 3)),
        ("13/04/1990", date(1990, 4, 13), date(1990, 4, 13)),
        ("1990/04/13", date(1990, 4, 13), date(1990, 4, 13)),
        ("31 January 1990", date(1990, 1, 31), date(1990, 1, 31)),
        ("31-Jan-1990", date(1990, 1, 31), date(1990, 1, 31)),
        ("Sept. 1st, 1990", date(1990, 9, 1), date(1990, 9, 1)),
        ("1ST MAY 1990", date(1990, 5, 1), date(1990, 5, 1)),
        ("February 2008", date(2008, 2, 1), date(2008, 2, 29)),
        ("31 February 1990", None, None),
        ("Jan 90", None, None),
        ("1 May 2 1990", None, None),
        ("19900131", None, None),
        ("03/04/90", None, None),
        ("1990-02-30", None, None),
        ("0001-01-01", None, None),
        ("1900-01-01", None, None),
    ],
)
def test_a_date_of_birth_that_reads_two_ways_becomes_bounds(
    text: str, earliest: date | None, latest: date | None
) -> None:
    age = age_from_birth(text, "here")
    assert (age.received, age.earliest, age.latest) == (text, earliest, latest)


def test_years_before_a_leap_day_is_the_first_of_march() -> None:
    assert years_before(date(2024, 2, 29), 1) == date(2023, 3, 1)


def test_the_night_before_a_birthday_is_of_its_day_here() -> None:
    """Just before midnight UTC in summer it is the next day here, and by that day the activity is judged."""
    moment = read_moment("2026-06-18T23:43:56Z")
    assert day_of(moment) == date(2026, 6, 19)
    age = age_from_years("17", "/age", (day_of(moment), date(2026, 11, 25)))
    assert age.earliest == date(2008, 6, 20)
