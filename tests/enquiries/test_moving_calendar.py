"""The calendar alone moves ages and ends answers; it never makes an adult, and never lowers what could be."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.stories import Team, Told, assessed, band, labelled, mentions_of, subject_of

from threshold.acts.access import Power
from threshold.acts.db import query
from threshold.acts.verbs import act
from threshold.enquiries.assess import assess
from threshold.enquiries.calendar import next_birthday
from threshold.journey import subjects
from threshold.journey.calendar import sweep, sweeper
from threshold.policy.route import age_on
from threshold.times import start_of_uk_day, uk_day

TODAY = uk_day(datetime.now(UTC))


def as_on(team: Team, day: date, subject: int) -> None:
    """Work a subject out as it will be on a later day."""
    with act(team.analyst, "state", Power.STATE) as opened:
        later = start_of_uk_day(day) + timedelta(hours=12)
        assess(replace(opened, at=max(later, opened.at)), [subject])


def years_ago(years: int, and_days: int = 0) -> date:
    day = TODAY - timedelta(days=and_days)
    return date(day.year - years, day.month, min(day.day, 28))


@given(st.dates(date(1920, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 2), date(2040, 1, 1)))
def test_the_next_birthday_is_the_first_day_on_which_somebody_is_older(born: date, today: date) -> None:
    birthday = next_birthday(born, today)
    assert birthday > today
    assert age_on(born, birthday) == age_on(born, birthday - timedelta(days=1)) + 1 == age_on(born, today) + 1


def test_postgresql_counts_years_as_the_route_does(team: Team) -> None:
    days = [date(2008, 2, 29), date(2008, 2, 28), date(2008, 3, 1), date(2007, 12, 31), date(2009, 1, 1)]
    when = [date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 29), date(2026, 1, 1), date(2026, 12, 31)]
    rows = query(
        """select b, d, extract(year from age(d, b))::int as years
           from unnest(%s::date[]) b, unnest(%s::date[]) d""",
        [days, when],
    )
    assert len(rows) == 25
    for row in rows:
        assert row.years == age_on(row.b, row.d), row


def test_a_stated_age_under_18_opens_the_children_s_route(team: Team) -> None:
    assert assessed(team.subject(Told("a", age=15))).route == "child"
    assert assessed(team.subject(Told("b", born="2012-03-04"))).route == "child"
    assert assessed(team.subject(Told("c", age=40))).route == "age_not_established"


def test_no_birthday_makes_an_adult(team: Team) -> None:
    one = team.subject(Told("a", at=f"{TODAY - timedelta(days=30)}T10:00:00Z"))
    team.state(one, "age", years_ago(17, 10).isoformat())
    assert assessed(one).route == "child"
    assert assessed(one).good_until is not None
    for years in (1, 2, 5, 40):
        as_on(team, TODAY + timedelta(days=366 * years), one)
        # Under 18 when it happened, so a child's case until an officer says otherwise.
        assert assessed(one).route == "child"
    team.state(one, "adult_established", "yes")
    assert assessed(one).route == "adult"


def test_a_birthday_moves_the_age_that_policy_reads(team: Team) -> None:
    born = years_ago(30, 300)
    one = team.subject(Told("a", born=born.isoformat()))
    age = age_on(born, TODAY)
    row = assessed(one)
    assert (row.facts["f_age_lo"], row.facts["f_age_hi"]) == (age, age)
    birthday = next_birthday(born, TODAY)
    assert row.good_until == start_of_uk_day(birthday)
    as_on(team, birthday - timedelta(days=1), one)
    assert assessed(one).facts["f_age_lo"] == age
    as_on(team, birthday, one)
    assert assessed(one).facts["f_age_lo"] == age + 1


def test_an_answer_that_lapses_is_not_known_again(team: Team) -> None:
    one = team.subject()
    team.rule_out(one)
    assert band(one) == (1, 1)
    row = assessed(one)
    ends = query("select min(expires) as e from statement where officer is not null and expires is not null")[
        0
    ].e
    assert row.good_until == ends
    as_on(team, uk_day(ends) + timedelta(days=1), one)
    assert band(one) == (0, 4)
    assert "lives_with_children" in assessed(one).checks


def test_the_sweep_moves_what_has_passed_and_signs_for_it(team: Team) -> None:
    one, other = team.subjects_of(Told("a"), Told("b"))
    team.rule_out(one)
    lapsing = query("select id from statement where fact = 'lives_with_children'")[0].id
    subjects.take_back(team.analyst, lapsing, "a mistake")
    # Said so long ago that it lapses in a moment.
    as_of = datetime.now(UTC) - timedelta(days=180) + timedelta(seconds=2.5)
    team.state(one, "lives_with_children", "no", as_of=as_of)
    assert band(one) == (1, 1)
    actor = sweeper()
    assert actor is not None
    assert sweep(actor) == 0
    while datetime.now(UTC) <= as_of + timedelta(days=180):
        time.sleep(0.1)
    untouched = assessed(other).id
    assert sweep(actor) == 1
    assert band(one)[1] > 1
    assert assessed(other).id == untouched
    assert sweep(actor) == 0


def test_an_answer_about_long_ago_has_lapsed_already(team: Team) -> None:
    one = team.subject()
    team.rule_out(one)
    (number,) = (row.id for row in query("select id from statement where fact = 'lives_with_children'"))
    subjects.take_back(team.analyst, number, "a mistake")
    team.state(one, "lives_with_children", "no", as_of=datetime.now(UTC) - timedelta(days=181))
    assert "lives_with_children" in assessed(one).checks


def test_only_an_officer_makes_an_adult_and_only_while_nothing_else_is_said(team: Team) -> None:
    one = team.subject(Told("a", age=40))
    number = team.state(one, "adult_established", "yes")
    assert assessed(one).route == "adult"
    team.state(one, "sign_of_child", "yes")
    assert assessed(one).route == "child"
    team.state(one, "adult_established", "yes")
    assert assessed(one).route == "adult"
    team.state(one, "adult_established", "no")
    assert assessed(one).route == "child"
    assert number


def test_an_officer_s_last_word_on_adulthood_counts(team: Team) -> None:
    one = team.subject(Told("a"))
    for value, route in [
        ("yes", "adult"),
        ("no", "age_not_established"),
        ("yes", "adult"),
        ("not_known", "age_not_established"),
    ]:
        team.state(one, "adult_established", value)
        assert assessed(one).route == route


def test_an_adult_joined_to_signs_of_a_child_is_established_no_longer(team: Team) -> None:
    """Whoever established the adult could not see what was said of a mention that was somebody else then."""
    child, adult = team.subjects_of(Told("a", age=14), Told("b"))
    team.state(adult, "adult_established", "yes")
    link = subjects.same(team.analyst, child, adult, "the same")
    assert assessed(child).route == "child"
    team.state(child, "adult_established", "yes")
    assert assessed(child).route == "adult"
    subjects.undo(team.analyst, link, "not the same")
    assert (assessed(child).route, assessed(adult).route) == ("adult", "adult")


def test_undoing_a_link_gives_the_adult_back(team: Team) -> None:
    adult, child = team.subjects_of(Told("a"), Told("b", age=14))
    team.state(adult, "adult_established", "yes")
    link = subjects.same(team.analyst, child, adult, "the same")
    assert assessed(adult).route == "child"
    subjects.undo(team.analyst, link, "not the same")
    assert (assessed(adult).route, assessed(child).route) == ("adult", "child")


def test_a_later_report_of_a_child_opens_the_children_s_route_again(team: Team) -> None:
    first, later = labelled([Told("a"), Told("a", age=15, at="2026-11-08T10:00:00Z")])
    team.take_in(first)
    one = subject_of(first.label)
    team.state(one, "adult_established", "yes")
    team.take_in(later)
    assert subject_of(later.label) == one
    assert assessed(one).route == "child"


def test_a_child_harmed_in_one_report_and_reported_in_another_is_on_the_children_s_route(team: Team) -> None:
    victim, reported = labelled([Told("a", others=(Told("v", role="harmed", age=13),)), Told("v")])
    team.take_in(victim, reported)
    assert assessed(subject_of(reported.label)).route == "child"
    assert len([row for row in mentions_of(victim.label) if row.role == "harmed"]) == 1
