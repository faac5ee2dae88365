"""Which route: a stated age opens the children's, and only an officer opens the adult's."""

from __future__ import annotations

from datetime import date

import pytest

from threshold.policy.route import Birth, age_on, route_of

TODAY = date(2026, 6, 1)


def born(year: int, number: int = 10) -> Birth:
    return Birth(date(year, 1, 1), date(year, 1, 1), number)


@pytest.mark.parametrize(
    ("births", "activity", "signs", "established", "route"),
    [
        ([], None, [], [], "age_not_established"),
        ([born(1980)], None, [], [], "age_not_established"),  # an adult age, but only stated
        ([born(2012)], None, [], [], "child"),
        ([born(1980), born(2012)], None, [], [], "child"),  # contradicted: one is enough
        ([born(2007)], date(2024, 5, 1), [], [], "child"),  # 19 now, 17 then
        ([born(2007)], date(2025, 5, 1), [], [], "age_not_established"),
        ([Birth(date(2000, 1, 1), date(2012, 1, 1), 1)], None, [], [], "age_not_established"),  # straddles 18
        ([Birth(date(2009, 1, 1), date(2014, 1, 1), 1)], None, [], [], "child"),
        ([], None, [5], [], "child"),
        ([born(1980)], None, [5], [], "child"),
        ([], None, [], [7], "adult"),
        ([], None, [5], [7], "adult"),  # the officer knew of the sign
        ([], None, [8], [7], "child"),  # the sign came afterwards
        ([], None, [5], [7, 3], "adult"),
        ([born(2012, 5)], None, [], [7], "adult"),
        ([born(2012, 9)], None, [], [7], "child"),
        ([Birth(date(2000, 1, 1), date(2012, 1, 1), 9)], None, [], [7], "adult"),
    ],
)
def test_route(
    births: list[Birth], activity: date | None, signs: list[int], established: list[int], route: str
) -> None:
    found, reason = route_of(births, activity, TODAY, signs, established)
    assert found == route
    assert reason.endswith(".") and "suspect" not in reason.lower()


def test_the_birthday_itself() -> None:
    birth = Birth(date(2008, 6, 2), date(2008, 6, 2), 1)
    assert route_of([birth], None, date(2026, 6, 1))[0] == "child"
    assert route_of([birth], None, date(2026, 6, 2))[0] == "age_not_established"
    assert route_of([birth], date(2026, 6, 1), date(2026, 6, 2))[0] == "child"  # no birthday moves a route


def test_an_activity_in_the_future_changes_nothing() -> None:
    assert route_of([born(2012)], date(2040, 1, 1), TODAY)[0] == "child"


def test_somebody_born_on_29_february() -> None:
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18
