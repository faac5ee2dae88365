"""Premises are a thing of their own: what leads there, who is there, and who may see it."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from tests.force import Force
from tests.stories import Team, Told

from threshold.acts.access import Power
from threshold.acts.db import connection_block, execute, one, query
from threshold.acts.verbs import look
from threshold.journey import premises as journey
from threshold.journey import subjects
from threshold.people import premises as homes
from threshold.people.premises import Dweller, NoPremises, WrongPremises

HOME = "12 Made-up Street, Exampleton EX1 1AA"
TODAY = date(2026, 11, 25)


def lives(name: str = "", age: str = "adult", **more: object) -> Dweller:
    return Dweller(name, age, "the made-up register of electors", **more)  # type: ignore[arg-type]


def test_one_address_is_one_home_however_it_is_written(team: Team) -> None:
    one_man, other = team.subject(), team.subject()
    first, _ = journey.add(team.analyst, one_man, HOME, "a referral", kind="home")
    second, _ = journey.add(team.analyst, other, "12, made-up street EXAMPLETON, EX1 1AA", "local records")
    assert first == second
    with team.looking() as seen:
        assert [row.subject for row in homes.leads_to(seen, first)] == [one_man, other]


def test_a_household_of_three_adults_is_three_occupants_and_nobodys_subject(team: Team) -> None:
    subject = team.subject()
    home, _ = journey.add(team.analyst, subject, HOME, "a referral")
    before = query("select id, subject from member")
    for name in ("Pat Made-up", "Sam Made-up", "Lee Lodger"):
        journey.settle(team.analyst, home, lives(name))
    with team.looking() as seen:
        found = homes.occupants(seen, [home], TODAY)
        assert homes.household(found) == "Known to be there: 3 adults."
        assert homes.children_at(seen, [home], TODAY) == []
    assert query("select id, subject from member") == before
    row = one("select ladder from assessment where subject = %s and retracted_by is null", [subject])
    assert row is not None and row.ladder == 1


def test_a_birthday_makes_a_child_an_adult_and_a_word_does_not(team: Team) -> None:
    home, _ = journey.add(team.analyst, team.subject(), HOME, "a referral")
    journey.settle(team.analyst, home, lives("Ash", "not_known", born=date(2010, 5, 1)))
    journey.settle(team.analyst, home, lives("Bay", "child"))
    with team.looking() as seen:
        assert [w.name for w in homes.children_at(seen, [home], TODAY)] == ["Ash", "Bay"]
        assert [w.name for w in homes.children_at(seen, [home], date(2028, 5, 1))] == ["Bay"]
        assert [w.name for w in homes.children_at(seen, [home], date(2028, 4, 30))] == ["Ash", "Bay"]


def test_who_left_was_there_and_is_not(team: Team) -> None:
    home, _ = journey.add(team.analyst, team.subject(), HOME, "a referral")
    who = journey.settle(team.analyst, home, lives("Pat", from_day=date(2020, 1, 1)))
    with pytest.raises(WrongPremises, match="before they came"):
        journey.move_out(team.analyst, who, date(2019, 12, 31), "a neighbour")
    journey.move_out(team.analyst, who, date(2024, 6, 1), "a neighbour")
    with team.looking() as seen:
        found = homes.occupants(seen, [home], TODAY)
    assert [(w.name, w.to_day, w.here) for w in found] == [("Pat", date(2024, 6, 1), False)]
    assert homes.household(found) == "Who is there is not known."


@pytest.mark.parametrize(
    "who",
    [
        Dweller("Pat", "adult", " "),
        Dweller("Pat", "grown", "a source"),
        Dweller("Pat", "adult", "a source", born=date(2015, 1, 1)),
        Dweller("Pat", "adult", "a source", born=date(2999, 1, 1)),
        Dweller("Pat", "adult", "a source", from_day=date(2024, 1, 2), to_day=date(2024, 1, 1)),
        Dweller("Pat", "adult", "a source", from_day=date(2999, 1, 1)),
    ],
)
def test_what_cannot_be_is_not_recorded(team: Team, who: Dweller) -> None:
    home, _ = journey.add(team.analyst, team.subject(), HOME, "a referral")
    with pytest.raises(WrongPremises):
        journey.settle(team.analyst, home, who)
    assert query("select id from occupant") == []


def test_a_lead_and_an_occupant_can_be_taken_back_with_the_reason_kept(team: Team) -> None:
    subject = team.subject()
    home, lead = journey.add(team.analyst, subject, HOME, "a referral")
    who = journey.settle(team.analyst, home, lives("Pat"))
    with pytest.raises(WrongPremises, match="Say why"):
        journey.take_back_occupant(team.analyst, who, " ")
    journey.take_back_occupant(team.analyst, who, "another house was meant")
    with pytest.raises(WrongPremises, match="does not stand"):
        journey.take_back_occupant(team.analyst, who, "twice")
    journey.take_back_lead(team.analyst, lead, "another man was meant")
    with team.looking() as seen:
        assert homes.of_subject(seen, subject) == []
        with pytest.raises(NoPremises):
            homes.premises(seen, home)
    assert [(r.kind, r.reason) for r in query("select kind, reason from home_taken_back order by id")] == [
        ("occupant", "another house was meant"),
        ("led_to", "another man was meant"),
    ]


def test_premises_are_seen_by_who_may_see_somebody_that_leads_there_and_show_nobody_else(
    force: Force,
) -> None:
    free, closed = force.subjects["free"], force.subjects["closed"]
    named, analyst = force.actor("named"), force.actor("analyst")
    shared, _ = journey.add(named, closed, HOME, "a referral")
    with look(analyst, "tests", Power.SEE_SUBJECTS) as seen, pytest.raises(NoPremises):
        homes.premises(seen, shared)
    with pytest.raises(NoPremises):
        journey.settle(analyst, shared, lives("Pat"))
    journey.add(analyst, free, HOME, "a referral")
    with look(analyst, "tests", Power.SEE_SUBJECTS) as seen:
        assert homes.premises(seen, shared).address == HOME
        assert [row.subject for row in homes.leads_to(seen, shared)] == [free]
    with look(named, "tests", Power.SEE_SUBJECTS) as seen:
        assert [row.subject for row in homes.leads_to(seen, shared)] == sorted([closed, free])


def test_premises_follow_the_mention_when_a_link_moves(team: Team) -> None:
    first, second = team.subjects_of(Told("one"), Told("two"))
    home, _ = journey.add(team.analyst, second, HOME, "a referral")
    link = subjects.same(team.analyst, first, second, "one man")
    with team.looking() as seen:
        assert [row.id for row in homes.of_subject(seen, first)] == [home]
    subjects.undo(team.analyst, link, "two men")
    with team.looking() as seen:
        assert homes.of_subject(seen, first) == []
        assert [row.id for row in homes.of_subject(seen, second)] == [home]


@pytest.mark.parametrize(
    "insert",
    [
        "insert into occupant (asserted_by, premises, name, age, source, words) values (%s, 1, '', 'adult', '', '')",
        "insert into occupant (asserted_by, premises, name, age, source, words) values (%s, 1, '', 'old', 'x', '')",
        "insert into led_to (asserted_by, mention, premises, source, words) values (%s, 1, 1, '', '')",
        "insert into premises (asserted_by, address, key, kind) values (%s, 'x', 'address|x', 'castle')",
        "insert into home_taken_back (asserted_by, kind, row, reason) values (%s, 'occupant', 1, '')",
    ],
)
def test_the_database_refuses_what_has_no_source_or_no_such_word(team: Team, insert: str) -> None:
    row = one("select coalesce(max(id), 0) + 1 as following from act")
    assert row is not None
    with pytest.raises(psycopg.errors.CheckViolation), connection_block():
        execute("select set_config('threshold.act', %s, true)", [str(row.following)])
        execute(insert, [row.following])
