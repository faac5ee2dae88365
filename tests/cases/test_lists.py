"""The three lists on real rows: who stands in them, in which order and why, now and as at any act."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.stories import Team, Told, assessed, band, labelled, mentions_of, subject_of

from threshold.acts.access import Power
from threshold.acts.db import query
from threshold.acts.verbs import look
from threshold.cases.queries import LISTS, Filters, Listed, ListName, breached, counts, listed, taken_by
from threshold.cases.verbs import AlreadyTaken, NotTaken
from threshold.journey import subjects
from threshold.journey.beginning import default_policy
from threshold.journey.enquiring import Reply, answer, ask_connections


def read(team: Team, name: ListName, as_at: datetime | None = None, **more: Any) -> list[Listed]:
    with team.looking(as_at) as opened:
        return listed(opened, name, limit=500, **more)[0]


def numbers(team: Team, name: ListName, **more: Any) -> list[int]:
    return [place.subject for place in read(team, name, **more)]


def days_ago(days: float) -> datetime:
    return query("select now() as now")[0].now - timedelta(days=days)


def a_full_desk(team: Team) -> list[int]:
    """Thirty people of every band, age, urgency and route."""
    chance = random.Random(11)
    found = []
    for n in range(30):
        told = labelled(
            [
                Told(
                    f"a-{n}",
                    age=chance.choice([None, None, 15, 40]),
                    priority=chance.choice(["", "", "now"]),
                    solicited=chance.random() < 0.2,
                    others=(Told(f"v-{n}", role="harmed", age=9),) if n % 7 == 0 else (),
                )
            ]
        )
        team.take_in(*told, received_at=days_ago(chance.choice([0.2, 2, 5, 9, 40])))
        found.append(subject_of(told[0].label))
    for one in found[:20]:
        for _ in range(chance.randrange(3)):
            fact = chance.choice(["contact", "shared", "earlier_warning", "relevant_history"])
            team.state(one, fact, chance.choice(["yes", "no"]))
    for one in found[20:24]:
        team.rule_out(one)
    return found


def test_lists_hold_whom_they_should_in_their_order(team: Team) -> None:
    everybody = [assessed(one) for one in a_full_desk(team)]
    act, find_out, children = (read(team, name) for name in LISTS)
    by_number = {row.subject: row for row in everybody}
    grown = [row for row in everybody if row.route != "child"]
    assert {p.subject for p in act} == {row.subject for row in grown if row.known > 0}
    assert {p.subject for p in find_out} == {row.subject for row in grown if row.could_be > row.known}
    assert {p.subject for p in children} == {row.subject for row in everybody if row.route == "child"}
    assert act and find_out and children

    def urgent(p: Listed) -> bool:
        return by_number[p.subject].urgency is not None

    assert act == sorted(act, key=lambda p: (-p.known, not p.breached, p.first_received, p.subject))
    assert find_out == sorted(
        find_out, key=lambda p: (-p.could_be, not urgent(p), p.first_received, p.subject)
    )
    assert children == sorted(
        children, key=lambda p: (-p.known, -p.could_be, not urgent(p), p.first_received, p.subject)
    )
    for places in (act, find_out, children):
        assert [p.rank for p in places] == list(range(1, len(places) + 1))
    assert all(p.due == by_number[p.subject].due for p in act)
    assert all(p.due == by_number[p.subject].checks_due for p in find_out)
    assert any(p.breached for p in act) and not all(p.breached for p in act)


def test_every_reported_person_is_in_a_list_or_is_nobody_s_to_do(team: Team) -> None:
    """Not graded could always be higher, so no reported person falls between the lists."""
    everybody = set(a_full_desk(team))
    assert everybody == {one for name in LISTS for one in numbers(team, name)}


def test_harmed_recipients_and_reporters_are_in_no_list(team: Team) -> None:
    (told,) = labelled(
        [Told("a", others=(Told("v", role="harmed", age=9), Told("r", role="recipient", age=50)))]
    )
    team.take_in(told)
    rows = mentions_of(told.label)
    assert {row.role for row in rows} == {"reported", "harmed", "recipient", "reporter"}
    reported = [row.subject for row in rows if row.role == "reported"]
    assert {one for name in LISTS for one in numbers(team, name)} == set(reported)


def test_the_reason_for_each_place_says_the_keys_of_the_order(team: Team) -> None:
    a_full_desk(team)
    words = ["Not graded", "Low", "Medium", "High", "Very high"]
    for name in LISTS:
        for place in read(team, name):
            assert place.reason.startswith(words[place.known])
            assert ("could be" in place.reason) == (place.could_be > place.known)
            assert "with the force for" in place.reason
            if name != "find-out":
                assert ("clock passed" in place.reason) == place.breached
            if name != "act":
                assert ("the sender says it is urgent" in place.reason) == (place.urgency is not None)


def test_pages_leave_no_gap_and_repeat_nobody(team: Team) -> None:
    a_full_desk(team)
    for name in LISTS:
        whole = read(team, name)
        with team.looking() as opened:
            totals = {listed(opened, name, page=page, limit=4)[1] for page in range(1, 12)}
            pages = [place for page in range(1, 12) for place in listed(opened, name, page=page, limit=4)[0]]
        assert totals == {len(whole)}
        assert [(p.rank, p.subject) for p in pages] == [(p.rank, p.subject) for p in whole]
    with team.looking() as opened:
        assert counts(opened) == {name: len(read(team, name)) for name in LISTS}
        assert breached(opened) == {name: sum(p.breached for p in read(team, name)) for name in LISTS}


def test_filters_leave_out_and_never_reorder(team: Team) -> None:
    found = a_full_desk(team)
    for one in found[:6]:
        subjects.take(team.analyst if one % 2 else team.other, one)
    mine = "Ann Analyst"
    filters: list[tuple[Filters, Any]] = [
        (Filters(route="adult"), lambda p, _: p.route == "adult"),
        (Filters(route="age_not_established"), lambda p, _: p.route == "age_not_established"),
        (Filters(band="very_high"), lambda p, n: (p.could_be if n == "find-out" else p.known) == 4),
        (Filters(band="not_graded"), lambda p, n: (p.could_be if n == "find-out" else p.known) == 0),
        (Filters(band="no such band"), lambda p, _: False),
        (Filters(taken="mine"), lambda p, _: p.taken_by == mine),
        (Filters(taken="nobody"), lambda p, _: p.taken_by is None),
        (Filters(taken="anybody"), lambda p, _: p.taken_by is not None),
        (Filters(breached=True), lambda p, _: p.breached),
        (Filters(breached=True, taken="nobody"), lambda p, _: p.breached and p.taken_by is None),
    ]
    for name in LISTS:
        whole = read(team, name)
        for chosen, keeps in filters:
            expected = [p.subject for p in whole if keeps(p, name)]
            assert numbers(team, name, filters=chosen) == expected, (name, chosen)
            with team.looking() as opened:
                assert listed(opened, name, chosen, limit=1)[1] == len(expected)


def test_mine_is_whatever_i_have_taken_a_part_of(team: Team) -> None:
    """Two officers each took a part of one man on, before the parts were joined."""
    first, second = team.subjects_of(Told("a-1"), Told("a-2"))
    subjects.take(team.other, first)
    subjects.take(team.analyst, second)
    subjects.same(team.analyst, first, second, "one man")
    mine = Filters(taken="mine")
    assert numbers(team, "find-out", filters=mine) == [first]
    with look(team.other, "tests", Power.SEE_SUBJECTS) as opened:
        assert [place.subject for place in listed(opened, "find-out", mine)[0]] == [first]
        assert listed(opened, "find-out", mine)[0][0].taken_by == "Ann Analyst, Otto Other"
    with team.looking() as opened:
        assert taken_by(opened, first).full_name == "Ann Analyst"
    subjects.let_go(team.analyst, first)
    assert numbers(team, "find-out", filters=mine) == []


def printed(team: Team, as_at: datetime | None = None) -> dict[str, Any]:
    """The lists as they would be printed, but for what the hour alone changes."""
    return {
        name: [
            {k: v for k, v in asdict(p).items() if k not in ("reason", "breached")}
            for p in read(team, name, as_at)
        ]
        for name in LISTS
    }


def test_lists_as_at_each_act_are_what_was_printed_then(team: Team) -> None:
    then: dict[datetime, dict[str, Any]] = {}

    def after(*_: Any) -> None:
        (row,) = query("select at from act order by id desc limit 1")
        then[row.at] = printed(team)

    one, other = labelled([Told("a", phones=("07700 900001",)), Told("b", phones=("07700 900001",), age=15)])
    after(team.take_in(one))
    after(team.take_in(other))
    a, b = subject_of(one.label), subject_of(other.label)
    number = team.state(a, "contact", "yes")
    after()
    after(subjects.take(team.analyst, a))
    link = subjects.same(team.analyst, a, b, "the same")
    after()
    after(subjects.take_back(team.analyst, number, "a mistake"))
    after(subjects.undo(team.analyst, link, "not the same"))
    after(subjects.let_go(team.analyst, a))
    after(team.take_in(*labelled([Told("a", solicited=True)])))
    assert len(then) == 9
    assert len({str(lists) for lists in then.values()}) >= 8
    for moment, lists in then.items():
        assert printed(team, moment) == lists
    assert printed(team, min(then) - timedelta(days=400)) == {name: [] for name in LISTS}


def test_a_clock_that_has_passed_now_had_not_passed_then(team: Team) -> None:
    told = labelled([Told("a", solicited=True)])
    team.take_in(*told, received_at=days_ago(1) + timedelta(hours=1))
    (place,) = read(team, "act")
    assert not place.breached
    with team.looking() as opened:
        opened.moment += timedelta(hours=2)
        (later,) = listed(opened, "act")[0]
    assert later.breached
    assert "clock passed 1 hour ago" in later.reason


def test_two_officers_do_not_take_one(team: Team) -> None:
    one = team.subject()
    subjects.take(team.analyst, one)
    with pytest.raises(AlreadyTaken, match="Ann Analyst"):
        subjects.take(team.other, one)
    with pytest.raises(NotTaken):
        subjects.let_go(team.other, one)
    (place,) = read(team, "find-out")
    assert place.taken_by == "Ann Analyst"
    subjects.let_go(team.analyst, one)
    subjects.take(team.other, one)
    assert read(team, "find-out")[0].taken_by == "Otto Other"


def test_taking_what_was_joined_to_another_takes_whom_it_belongs_to(team: Team) -> None:
    one, other = team.subjects_of(Told("a"), Told("b"))
    subjects.same(team.analyst, one, other, "the same")
    subjects.take(team.analyst, other)
    with pytest.raises(AlreadyTaken):
        subjects.take(team.other, one)


def test_whoever_held_a_part_before_it_was_joined_can_let_it_go(team: Team) -> None:
    one, other = team.subjects_of(Told("a"), Told("b"))
    subjects.take(team.analyst, one)
    subjects.take(team.other, other)
    link = subjects.same(team.analyst, one, other, "the same")
    with team.looking() as opened:
        assert taken_by(opened, one).full_name == "Ann Analyst"
    subjects.let_go(team.other, one)
    subjects.undo(team.analyst, link, "not the same")
    with team.looking() as opened:
        assert taken_by(opened, one).full_name == "Ann Analyst"
        assert taken_by(opened, other) is None


BLANK = [Told(), Told(account=""), Told(screen_name="x"), Told(ips=("203.0.113.5",))]
CONTRADICTORY = [
    Told("a", age=40, born="2012-01-01"),
    Told("b", age=12, born="1970-01-01"),
    Told("c", others=(Told("c", role="harmed", age=12),)),
]
CHILDLIKE = [
    Told("a", age=17),
    Told("b", age=0),
    Told("c", born="2012-02-29"),
    Told("d", incident="Online Enticement of Children for Sexual Acts", age=16),
]


def test_no_doubtful_referral_is_low_or_an_adult_s(team: Team) -> None:
    for world, told in enumerate([*BLANK, *CONTRADICTORY, *CHILDLIKE]):
        own = replace(told, account=told.account and f"{world}-{told.account}")
        own = replace(own, others=tuple(replace(one, account=own.account) for one in told.others))
        one = team.subject(own)
        assert band(one)[0] != 1, told
        assert band(one)[1] == 4, told
        assert assessed(one).route == ("age_not_established" if told in BLANK else "child"), told
        adults = numbers(team, "act") + numbers(team, "find-out")
        assert (one in numbers(team, "children"), one in adults) == (told not in BLANK, told in BLANK), told


def test_a_child_whose_every_check_is_answered_stays_a_child(team: Team) -> None:
    one = team.subject(Told("a", age=15))
    team.rule_out(one)
    assert band(one) == (1, 1)
    assert numbers(team, "children") == [one]
    assert not numbers(team, "act")


def test_a_change_of_route_changes_the_list(team: Team) -> None:
    one = team.subject(Told("a", age=15, solicited=True))
    assert (numbers(team, "act"), numbers(team, "children")) == ([], [one])
    team.state(one, "adult_established", "yes")
    assert (numbers(team, "act"), numbers(team, "children")) == ([one], [])


def test_every_check_and_clause_named_is_one_of_the_policy(team: Team) -> None:
    a_full_desk(team)
    policy = default_policy()
    for name in LISTS:
        for place in read(team, name):
            assert set(place.checks) <= set(policy.checks)
            assert {policy.clause(clause).rank for clause in place.clauses} <= {place.known}
            published = place.as_json()
            assert published["subject"] == place.subject and published["case"] is None


def test_evidence_that_is_about_to_be_deleted_rises_in_find_out_and_says_so(team: Team) -> None:
    first = team.subject(Told("first"))
    in_time = team.subject(Told("in-time", ips=("203.0.113.9",), at=f"{days_ago(100):%Y-%m-%dT%H:%M:%SZ}"))
    soon = team.subject(Told("soon", ips=("203.0.113.10",), at=f"{days_ago(364):%Y-%m-%dT%H:%M:%SZ}"))
    places = read(team, "find-out")
    assert [place.subject for place in places] == [soon, first, in_time]
    assert "evidence may be deleted in" in places[0].reason and "deleted" not in places[2].reason
    ask_connections(team.analyst, [soon], "a made-up authority")
    assert numbers(team, "find-out") == [soon, first, in_time]
    number = query("select id from enquiry")[0].id
    answer(team.analyst, number, Reply("no_trace", "no record kept"))
    assert numbers(team, "find-out") == [first, in_time, soon]
