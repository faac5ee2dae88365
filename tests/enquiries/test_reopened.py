"""An answer reaches what was known when it was given: a new report opens it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.enquiries.reference import check_every_assessment
from tests.stories import Team, Told, assessed, band, labelled, standing_links, subject_of

from threshold.journey import subjects
from threshold.journey.beginning import default_policy

REOPENED = {fact.name for fact in default_policy().facts.values() if fact.reports_reopen}
LOW, MEDIUM, VERY_HIGH = 1, 2, 4


def test_the_policy_that_ships_says_what_a_report_opens_again() -> None:
    assert {"contact", "acts_toward_children", "shared", "alarming_material", "worst_grade"} == REOPENED


def test_a_new_report_is_not_settled_by_answers_given_before_it(team: Team) -> None:
    subject = team.subject(Told("a-1"))
    team.rule_out(subject)
    assert band(subject) == (LOW, LOW)
    team.take_in(Told("a-1", at="2026-11-20T10:00:00Z"))
    known, could_be = band(subject)
    assert known >= MEDIUM and could_be == VERY_HIGH
    assert set(assessed(subject).checks) >= REOPENED
    for name in REOPENED:
        team.state(subject, name, "none" if name == "worst_grade" else "no")
    assert set(assessed(subject).checks) & REOPENED == set()
    check_every_assessment()


def test_what_an_answer_found_stays_whatever_is_reported_later(team: Team) -> None:
    subject = team.subject(Told("a-1"))
    team.state(subject, "shared", "yes")
    team.state(subject, "worst_grade", "B")
    before = assessed(subject)
    team.take_in(Told("a-1", at="2026-11-20T10:00:00Z"))
    after = assessed(subject)
    assert after.facts["f_shared"] is True and after.facts["f_worst_grade_lo"] == "B"
    assert (after.facts["f_worst_grade_hi"], before.facts["f_worst_grade_hi"]) == ("A", "B")
    assert after.known >= before.known


def test_an_answer_true_before_the_activity_settles_nothing_about_it(team: Team) -> None:
    subject = team.subject(Told("a-1", at="2026-11-09T21:14:05Z"))
    team.rule_out(subject)
    team.state(subject, "contact", "not_known")
    assert "contact" in assessed(subject).checks
    team.state(subject, "contact", "no", as_of=datetime(2020, 1, 1, tzinfo=UTC))
    assert "contact" in assessed(subject).checks
    team.state(subject, "contact", "no")
    assert "contact" not in assessed(subject).checks


def test_answers_about_one_do_not_settle_what_is_reported_of_another_who_is_he(team: Team) -> None:
    answered, other = team.subject(Told("a-1")), team.subject(Told("b-1"))
    team.rule_out(answered)
    before = (band(answered), band(other))
    link = subjects.same(team.analyst, answered, other, "one telephone")
    assert band(answered)[1] == VERY_HIGH
    subjects.undo(team.analyst, link, "a slip")
    assert (band(answered), band(other)) == before


def test_a_possible_link_to_somebody_answered_settles_nothing(team: Team) -> None:
    one, two = labelled(replace(Told("a-1", phones=("+44 7700 900123",)), account=a) for a in ("a-1", "b-1"))
    team.take_in(one, two)
    assert [link.strength for link in standing_links()] == ["possible"]
    team.rule_out(subject_of(one.label))
    assert band(subject_of(two.label))[1] == VERY_HIGH
