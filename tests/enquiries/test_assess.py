"""Bands on real rows: what PostgreSQL stored is what the plain interpreter says, now and for every act before."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.enquiries.reference import check_every_assessment, check_nothing_is_stale
from tests.stories import RECEIVED, Team, Told, assessed, band, labelled, mentions_of, subject_of, view

from threshold.acts.access import Power
from threshold.acts.db import query
from threshold.acts.verbs import act
from threshold.enquiries.assess import assess
from threshold.enquiries.drafting import DraftStatement
from threshold.enquiries.verbs import write_statements
from threshold.journey import subjects
from threshold.journey.beginning import default_policy
from threshold.people.components import Contradiction
from threshold.people.verbs import WrongPair
from threshold.policy.model import FactRule

SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck))
POLICY = default_policy()


def values(rule: FactRule) -> st.SearchStrategy[dict[str, Any]]:
    match rule.kind:
        case "yes_no":
            return st.sampled_from([{"truth": True}, {"truth": False}, {"truth": False}])
        case "choice":
            return st.sampled_from([{"choice": value} for value in rule.values])
        case _:
            ends = st.tuples(st.integers(0, 4), st.integers(0, 3) | st.none())
            return ends.map(lambda e: {"low": e[0], "high": None if e[1] is None else e[0] + e[1]})


@st.composite
def statements(draw: st.DrawFn, subjects_count: int) -> list[tuple[int, bool, DraftStatement]]:
    """Place of the subject, whether an officer says it, and what."""
    found = []
    for _ in range(draw(st.integers(1, 12))):
        rule = POLICY.facts[
            draw(st.sampled_from([*POLICY.checks, "groomed", "new_material", "sign_of_child"]))
        ]
        known = draw(st.integers(0, 5)) > 0
        expires = draw(st.sampled_from([None, None, None, timedelta(days=-1), timedelta(days=1)]))
        as_of = RECEIVED + timedelta(days=draw(st.integers(0, 3)))
        said = DraftStatement(
            rule.name,
            known,
            **(draw(values(rule)) if known else {}),
            as_of=as_of,
            expires=datetime.now(UTC) + expires if expires else None,
        )
        found.append((draw(st.integers(0, subjects_count - 1)), draw(st.booleans()), said))
    return found


@settings(SLOWLY, max_examples=20)
@given(st.data())
def test_what_is_stored_is_what_the_interpreter_says(team: Team, data: st.DataObject) -> None:
    """Three accounts that share an e-mail (so each may be the other), and whatever is said of them."""
    since = query("select max(id) as id from act")[0].id
    shared = f"{since}@mail.example"
    numbers = team.subjects_of(*(Told(f"{shared}-{n}", unverified=(shared,)) for n in range(3)))
    for place, by_officer, said in data.draw(statements(3)):
        with act(team.analyst, "state", Power.STATE) as opened:
            write_statements(
                opened,
                [(numbers[place], said)],
                received_at=opened.at,
                mark="fact",
                source="made up",
                officer=team.analyst.id if by_officer else None,
            )
            assess(opened, [numbers[place]])
    check_nothing_is_stale(datetime.now(UTC))
    check_every_assessment(since)


def test_after_any_acts_nothing_is_stale_and_everything_replays(team: Team) -> None:
    story = labelled(
        [
            Told("a", at="2026-11-01T08:00:00Z"),
            Told("a", at="2026-11-02T08:00:00Z"),
            Told("a", at="2026-11-03T08:00:00Z", solicited=True),
            Told("b", phones=("07700 900001",), unverified=("x@mail.example",)),
            Told("c", phones=("07700 900001",), devices=("356938035643801",), unverified=("x@mail.example",)),
            Told(
                "d",
                devices=("356938035643801",),
                compromised=True,
                others=(Told("v", role="harmed", age=11),),
            ),
            Told("d"),
            Told("v"),
        ]
    )
    team.take_in(*story[:5])
    chance = random.Random(3)
    made: list[int] = []
    said: list[int] = []
    for step in range(70):
        if step in (20, 40, 60):
            team.take_in(story[5 + step // 20 - 1])
        mentions = [row.id for one in story for row in mentions_of(one.label)]
        deed = chance.randrange(6)
        if deed == 0 and made:
            subjects.undo(team.analyst, made.pop(chance.randrange(len(made))), "by chance")
        elif deed in (1, 2):
            try:
                say = chance.choice([subjects.same, subjects.different])
                made.append(say(team.analyst, *chance.sample(mentions, 2), "by chance"))
            except (WrongPair, Contradiction):
                continue
        elif deed == 3 and said:
            subjects.take_back(team.analyst, said.pop(chance.randrange(len(said))), "a mistake")
        else:
            fact = chance.choice([*POLICY.checks, "sign_of_child"])
            value = {"worst_grade": "B", "times_seen": "0-3"}.get(fact, chance.choice(["yes", "no", "no"]))
            value = chance.choice([value, value, "not_known"])
            said.append(team.state(subject_of(chance.choice(story[:5]).label), fact, value))
    check_nothing_is_stale(datetime.now(UTC))
    assert check_every_assessment() > 50
    once = query("select subject from assessment where retracted_by is null group by 1 having count(*) > 1")
    assert not once


def test_a_referral_that_says_nothing_is_not_graded_and_could_be_the_gravest(team: Team) -> None:
    assert band(team.subject(Told())) == (0, 4)


def test_low_is_known_only_when_every_check_is_answered_by_an_officer(team: Team) -> None:
    one = team.subject()
    numbers = team.rule_out(one)
    assert band(one) == (1, 1)
    for number in numbers:
        fact = query("select fact from statement where id = %s", [number])[0].fact
        subjects.take_back(team.analyst, number, "a mistake")
        known, could_be = band(one)
        assert (known, could_be > 1) == (0, True), fact
        team.state(one, fact, {"worst_grade": "none", "times_seen": "1"}.get(fact, "no"))
        assert band(one) == (1, 1)


def test_not_known_in_the_place_of_any_answer_is_never_low(team: Team) -> None:
    one = team.subject()
    team.rule_out(one)
    for fact in POLICY.checks:
        number = team.state(one, fact, "not_known")
        assert band(one)[1] > 1, fact
        assert band(one)[0] == 0, fact
        subjects.take_back(team.analyst, number, "a mistake")
    assert band(one) == (1, 1)


def test_a_sender_s_no_and_a_sender_s_number_end_nothing(team: Team) -> None:
    one = team.subject()
    said = [
        DraftStatement(name, True, truth=False)
        for name in POLICY.checks
        if POLICY.facts[name].kind == "yes_no"
    ]
    said += [
        DraftStatement("worst_grade", True, choice="none"),
        DraftStatement("times_seen", True, low=1, high=1),
    ]
    with act(team.analyst, "state", Power.STATE) as opened:
        write_statements(
            opened, [(one, s) for s in said], received_at=opened.at, mark="intelligence", source="a sender"
        )
        assess(opened, [one])
    assert band(one) == (0, 4)
    assert set(assessed(one).checks) == set(POLICY.checks)


def test_a_question_about_the_same_person_opens_what_was_settled(team: Team) -> None:
    one, other = team.subjects_of(Told("a", phones=("07700 900001",)), Told("b", phones=("07700 900001",)))
    team.rule_out(one)
    team.rule_out(other)
    number = team.state(other, "contact", "yes")
    assert band(one) == (0, 4)
    subjects.take_back(team.analyst, number, "a mistake")
    assert band(one)[1] < 4
    team.state(other, "contact", "yes")
    (link,) = query("select id from link where strength = 'possible' and retracted_by is null")
    undone = subjects.different(team.analyst, one, other, "brothers")
    assert band(one) == (1, 1)
    subjects.undo(team.analyst, undone, "perhaps not")
    assert band(one) == (0, 4)
    subjects.undo(team.analyst, link.id, "two phones")
    assert band(one) == (1, 1)


def test_an_answer_ends_what_a_neighbour_s_not_known_had_opened(team: Team) -> None:
    one, other = team.subjects_of(Told("a", phones=("07700 900001",)), Told("b", phones=("07700 900001",)))
    team.rule_out(one)
    team.state(one, "times_seen", "0-1")
    before = assessed(one).facts["f_contact"]
    team.state(other, "contact", "not_known")
    assert assessed(one).facts["f_contact"] is None
    team.state(other, "contact", "no")
    assert assessed(one).facts["f_contact"] is before is False


def test_whoever_was_asked_about_a_part_hears_when_it_is_joined_to_another(team: Team) -> None:
    """A and C were said to differ; B may be C. Joined to A, B's word reaches C no more; undone, it does again."""
    a, b, c = team.subjects_of(
        Told("a"), Told("b", phones=("07700 900001",)), Told("c", phones=("07700 900001",))
    )
    subjects.different(team.analyst, a, c, "brothers")
    team.rule_out(c)
    team.state(b, "contact", "yes")
    assert band(c) == (0, 4)
    link = subjects.same(team.analyst, a, b, "the same man")
    assert band(c) == (1, 1)
    subjects.undo(team.analyst, link, "another man")
    assert band(c) == (0, 4)
    check_nothing_is_stale(datetime.now(UTC))


def test_what_is_done_to_a_child_does_not_grade_the_child(team: Team) -> None:
    victim, reported = labelled(
        [Told("a", incident="Child Sexual Molestation", others=(Told("v", role="harmed"),)), Told("v")]
    )
    team.take_in(victim, reported)
    child = subject_of(reported.label)
    harmed = next(row.id for row in mentions_of(victim.label) if row.role == "harmed")
    assert subject_of(reported.label) == min(harmed, child)
    with act(team.analyst, "state", Power.STATE) as opened:
        write_statements(
            opened,
            [(harmed, DraftStatement("contact", True, truth=True))],
            received_at=opened.at,
            mark="intelligence",
            source="a sender",
        )
        assess(opened, [child])
    assert assessed(child).facts["f_contact"] is None
    assert band(child) == (0, 4)
    team.state(child, "contact", "yes")
    assert band(child) == (4, 4)


def test_who_is_no_longer_reported_is_no_longer_assessed(team: Team) -> None:
    (told,) = labelled([Told("a", others=(Told("v", role="harmed"),))])
    team.take_in(told)
    reported, harmed = (row for row in mentions_of(told.label) if row.role != "reporter")
    link = subjects.same(team.analyst, reported.id, harmed.id, "both")
    joined = subject_of(told.label)
    subjects.undo(team.analyst, link, "a slip")
    standing = query("select subject from assessment where retracted_by is null")
    assert [row.subject for row in standing] == [reported.subject] == [joined]


def test_typing_on_a_number_that_was_joined_to_another_grades_whom_it_belongs_to_now(team: Team) -> None:
    one, other = team.subjects_of(Told("a"), Told("b"))
    link = subjects.same(team.analyst, one, other, "the same")
    team.state(other, "contact", "yes")
    assert band(one) == (4, 4)
    subjects.undo(team.analyst, link, "not the same")
    # The statement is about the mention that it was typed on, and goes with it.
    assert (band(one), band(other)) == ((0, 4), (4, 4))


def test_taking_back_gives_the_view_from_before(team: Team) -> None:
    told = labelled([Told("a"), Told("b", phones=("07700 900001",)), Told("c", phones=("07700 900001",))])
    team.take_in(*told)
    labels = [one.label for one in told]
    for fact, value in [("contact", "yes"), ("times_seen", "3+"), ("worst_grade", "A"), ("age", "2012-01-01"),
                        ("adult_established", "yes"), ("sign_of_child", "yes"), ("identity_ladder", "4"),
                        ("lives_with_children", "not_known")]:  # fmt: skip
        before = view(labels)
        number = team.state(subject_of(labels[1]), fact, value)
        assert view(labels) != before or value == "not_known", fact
        subjects.take_back(team.analyst, number, "a mistake")
        assert view(labels) == before, fact


@pytest.mark.parametrize(
    ("said", "route"),
    [
        ("under 18", "child"),
        ("aged 15-16", "child"),
        ("17yo", "child"),
        ("minor", "child"),
        ("teen", "age_not_established"),
        ("adult", "age_not_established"),
        ("18+", "age_not_established"),
        ("young", "age_not_established"),
    ],
)
def test_an_age_in_words_opens_the_childrens_route_when_it_means_a_child(
    team: Team, said: str, route: str
) -> None:
    assert assessed(team.subject(Told("a-1", age=said))).route == route
