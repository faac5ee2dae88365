"""Times as a page says and hears them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from threshold.pages.moments import WrongMoment, near_clock_change, read_moment, uk_time, utc


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("24/11/2026 14:30", datetime(2026, 11, 24, 14, 30, tzinfo=UTC)),
        ("24.11.2026", datetime(2026, 11, 24, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2026-07-01T12:00", datetime(2026, 7, 1, 11, 0, tzinfo=UTC)),
        ("1 July 2026, 12:00", datetime(2026, 7, 1, 11, 0, tzinfo=UTC)),
        ("1 jul 2026", datetime(2026, 7, 1, 22, 59, 59, 999_999, tzinfo=UTC)),
        ("25/10/2026 01:30 BST", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("25/10/2026 01:30 GMT", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("  ", None),
    ],
)
def test_a_date_is_read_as_an_officer_means_it(typed: str, meant: datetime | None) -> None:
    assert read_moment(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "yesterday",
        "11/24/2026",
        "24/11/26",
        "24/11/2026 2pm",
        "29/3/2026 01:30",
        "25/10/2026 01:30",
        "1 J 2026",
    ],
)
def test_what_could_be_meant_in_two_ways_or_none_is_refused(typed: str) -> None:
    with pytest.raises(WrongMoment):
        read_moment(typed)


def test_both_times_name_their_zone() -> None:
    summer = datetime(2026, 7, 1, 11, 5, tzinfo=UTC)
    assert uk_time(summer) == "1 July 2026, 12:05 BST"
    assert utc(summer) == "1 July 2026, 11:05 UTC"
    assert uk_time(datetime(2026, 11, 25, 0, 5, tzinfo=UTC)) == "25 November 2026, 00:05 GMT"


def test_an_hour_either_side_of_a_clock_change_is_marked() -> None:
    assert near_clock_change(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert near_clock_change(datetime(2026, 10, 25, 1, 59, tzinfo=UTC))
    assert not near_clock_change(datetime(2026, 10, 25, 2, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31/02/2026", "There is no 31 February."),
        ("31 February 2026 10:00", "There is no 31 February."),
        ("29/2/2026", "There is no 29 February in 2026."),
        ("2026-04-31", "There is no 31 April."),
        ("24/13/2026", "There is no month 13."),
        ("24 Bananuary 2026", "There is no month Bananuary."),
    ],
)
def test_a_day_in_no_calendar_is_said_to_be_that(typed: str, said: str) -> None:
    with pytest.raises(WrongMoment, match=f"^{re.escape(said)}"):
        read_moment(typed)
