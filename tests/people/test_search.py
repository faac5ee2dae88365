"""Search by any identifier, as a human types it."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.stories import Team, Told

from threshold.journey import subjects
from threshold.people.queries import search

WANTED = Told(
    "AbC-0070",
    emails=("Alex.Example@Mail.example",),
    phones=("07700-900-123",),
    devices=("35-693803-564380-9",),
    ips=("203.0.113.5", "2001:DB8::5"),
    screen_name="Night Owl",
    name="Alex Example",
)


def found(team: Team, typed: str) -> list[int]:
    with team.looking() as opened:
        return [hit.subject for hit in search(opened, typed)]


TYPED = [
    "AbC-0070",
    " abc-0070 ",
    "alex.example@mail.example",
    "ALEX.EXAMPLE@MAIL.EXAMPLE  ",
    "07700900123",
    "07700 900 123",
    "+44 7700 900123",
    "+44 (0)7700 900123",
    "0044 7700 900123",
    "night  owl",
    "NIGHT OWL",
    "alex example",
    "Alex  Example.",
    "35-693803-564380-9",
    "203.0.113.5",
    " 203.0.113.5",
    "2001:db8::5",
    "[2001:DB8::5]",
    "2001:0db8:0000:0000:0000:0000:0000:0005",
]


def test_it_finds_what_was_received_however_it_is_typed(team: Team) -> None:
    one, _ = team.subjects_of(WANTED, Told("other"))
    for typed in TYPED:
        assert found(team, typed) == [one], typed


def test_it_finds_nobody_by_a_part_or_a_pattern(team: Team) -> None:
    team.subjects_of(WANTED)
    for typed in ["", "  ", "0070", "70", "alex", "%", "_", "abc-007", "203.0.113", "\x00"]:
        assert found(team, typed) == [], typed


def test_it_finds_everybody_who_has_the_identifier(team: Team) -> None:
    numbers = team.subjects_of(*(Told(f"a-{n}", phones=("07700 900123",)) for n in range(3)))
    assert found(team, "07700 900123") == sorted(numbers)


def test_it_finds_the_subject_that_somebody_belongs_to_now(team: Team) -> None:
    one, other = team.subjects_of(Told("a-1"), Told("a-2"))
    link = subjects.same(team.analyst, one, other, "the same man")
    assert found(team, "a-2") == [one]
    subjects.undo(team.analyst, link, "another man")
    assert found(team, "a-2") == [other]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=60))
@example("\x00")
@example("a\x00b@mail.example")
@example("\ud800")
@example("\u202e07700 900123")
@example("'; drop table act; --")
@example("x" * 5_000)
def test_nothing_typed_makes_it_fail(team: Team, typed: str) -> None:
    found(team, typed)
