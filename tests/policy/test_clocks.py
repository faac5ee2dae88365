"""When something is due: 24-hour days, and working days of England and Wales in UK time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threshold.policy.clocks import due, is_working_day
from threshold.policy.model import Clock

UK = ZoneInfo("Europe/London")


def uk(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UK)


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-03-02 10:00", 1, "2026-03-03 10:00"),  # an ordinary Monday
        ("2026-03-06 16:00", 1, "2026-03-09 16:00"),  # over a weekend
        ("2026-03-07 12:00", 1, "2026-03-10 00:00"),  # from a Saturday: Monday is the working day
        ("2026-03-08 23:59", 1, "2026-03-10 00:00"),
        ("2026-03-27 10:00", 1, "2026-03-30 10:00"),  # clocks go forward on the 29th: the UK hour stays
        ("2026-10-23 10:00", 1, "2026-10-26 10:00"),  # clocks go back on the 25th
        ("2026-12-24 15:00", 1, "2026-12-29 15:00"),  # Christmas, then Boxing Day's Monday in lieu
        ("2026-12-25 09:00", 1, "2026-12-30 00:00"),
        ("2026-04-02 09:00", 1, "2026-04-07 09:00"),  # Good Friday to Easter Monday
        ("2026-04-03 09:00", 2, "2026-04-09 00:00"),
        ("2026-08-28 09:00", 1, "2026-09-01 09:00"),  # summer bank holiday
        ("2026-12-31 09:00", 2, "2027-01-05 09:00"),  # over New Year
        ("2022-09-16 09:00", 1, "2022-09-20 09:00"),  # the state funeral
        ("2026-03-02 00:00", 10, "2026-03-16 00:00"),
        ("2026-03-16 23:30", 1, "2026-03-17 23:30"),  # Saint Patrick's Day is not one in England
    ],
)
def test_working_days(start: str, amount: int, end: str) -> None:
    assert due(uk(start), Clock(amount, "working_days")) == uk(end)


def test_a_day_is_24_hours_even_when_the_clocks_change() -> None:
    assert due(uk("2026-03-28 12:00"), Clock(1, "days")) == uk("2026-03-29 13:00")
    assert due(uk("2026-10-24 12:00"), Clock(1, "days")) == uk("2026-10-25 11:00")
    assert due(uk("2026-12-24 12:00"), Clock(7, "days")) == uk("2026-12-31 12:00")


def test_the_day_is_the_uk_day() -> None:
    """23:30 UTC on a Friday in summer is Saturday in the UK."""
    start = datetime.fromisoformat("2026-06-05T23:30:00+00:00")
    assert due(start, Clock(1, "working_days")) == uk("2026-06-09 00:00")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        due(datetime(2026, 1, 1), Clock(1, "days"))  # noqa: DTZ001


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UK)),  # noqa: DTZ001
    st.integers(1, 20),
    st.integers(0, 5),
)
def test_it_ends_in_utc_on_or_right_after_a_working_day_and_never_earlier_for_more(
    start: datetime, amount: int, more: int
) -> None:
    end = due(start, Clock(amount, "working_days"))
    assert end.utcoffset() is not None and end.utcoffset().total_seconds() == 0  # type: ignore[union-attr]
    assert end > start
    assert is_working_day(end.astimezone(UK).date())
    assert due(start, Clock(amount + more, "working_days")) >= end
