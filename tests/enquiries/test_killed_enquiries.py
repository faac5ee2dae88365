"""An enquiry from the request to the ladder, stopped between any two steps and done again: nothing lost or twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.enquiries.test_enquiries import AUTHORITY, answers
from tests.stories import Team, Told, assessed

from threshold.acts import db
from threshold.acts.db import one, query
from threshold.acts.record import verify
from threshold.enquiries.asking import STAGES, WrongEnquiry
from threshold.journey import enquiring, identifying


class Killed(BaseException):
    """The process is gone: nothing after this runs."""


def work(team: Team, subject: int) -> None:
    """The whole way; what was done before is told so, and gone past."""
    again(lambda: enquiring.ask_connections(team.analyst, [subject], AUTHORITY))
    numbers = [row.id for row in query("select id from enquiry where mention = %s order by id", [subject])]
    again(lambda: enquiring.read_file(team.analyst, "answers.csv", answers(team, numbers)))
    for stage in STAGES:
        for number in numbers:
            again(lambda n=number, s=stage: enquiring.compare(team.analyst, [n], s))  # type: ignore[misc]
    row = one("select id from enquiry_answer where enquiry = %s and retracted_by is null", [numbers[0]])
    assert row is not None
    if assessed(subject).ladder == 1:
        identifying.climb(team.analyst, subject, "2", answer=row.id)


def again(does: Callable[[], Any]) -> None:
    try:
        does()
    except WrongEnquiry as wrong:
        told = str(wrong)
        assert "asked about already" in told or "read already" in told or "signed already" in told, told


COUNTED = ("enquiry", "enquiry_about", "answer_file", "answer_line", "enquiry_answer", "resolution", "led_to",
           "premises", "comparison")  # fmt: skip


def test_stopped_between_any_two_steps_it_ends_as_if_it_never_was(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, steps, at = db._raw, 0, -1

    def counted() -> Any:
        nonlocal steps
        steps += 1
        if steps == at:
            raise Killed
        return raw()

    monkeypatch.setattr(db, "_raw", counted)
    work(team, team.subject(Told("whole", ips=("203.0.113.1",))))
    whole = steps
    shape = {table: len(query(f"select id from {table}")) for table in COUNTED}
    assert all(shape.values())
    subject = team.subject(Told("killed", ips=("203.0.113.2", "203.0.113.3")))
    deaths = 0
    for die_at in range(3, whole, 7):
        steps, at = 0, die_at
        try:
            work(team, subject)
        except Killed:
            deaths += 1
        at = -1
    work(team, subject)
    assert deaths > 5
    # One connection before, two now: three of each, nothing half done.
    made = {table: len(query(f"select id from {table} where retracted_by is null")) for table in COUNTED}
    assert made["enquiry"] == made["enquiry_answer"] == made["resolution"] == made["led_to"] == 3
    assert made["comparison"] == 9 and made["premises"] == 1 and assessed(subject).ladder == 2
    assert (
        query(
            "select id from enquiry_answer n where not exists (select from resolution r where r.answer = n.id)"
        )
        == []
    )
    assert verify().whole
