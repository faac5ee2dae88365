"""Search by any identifier, as a human types it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.force import Force
from tests.stories import Team, Told

from threshold.acts.access import Power
from threshold.acts.verbs import look
from threshold.intake.maps import load_maps
from threshold.journey import subjects
from threshold.journey.importing import files_under, take_in
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
    for typed in ["", "  ", "0070", "70", "ale", "%", "_", "abc-007", "203.0.113", "\x00", "-", "' ."]:
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


def search_by(team: Team, typed: str) -> list[tuple[int, str, str]]:
    with team.looking() as opened:
        return [(hit.subject, hit.kind, hit.received) for hit in search(opened, typed)]


def test_a_name_is_found_by_any_of_its_words(team: Team) -> None:
    one, other = team.subjects_of(
        Told("a-1", name="Sam O'Sample-Jones"), Told("a-2", name="Jo Sample"), Told("a-3", name="Kim Other")
    )[:2]
    for typed in ["osample", "O'Sample", "O\u2019SAMPLE", "jones", "O'Sample-Jones", "osample-jones sam"]:
        assert found(team, typed) == [one], typed
    assert search_by(team, "sample") == [(other, "name", "Jo Sample")]


def test_a_name_is_found_with_its_accents_and_without(team: Team) -> None:
    one, other = team.subjects_of(
        Told("a-1", name="José Müller"),
        Told("a-2", name="Jose Soren"),
        Told("a-3", name="Łukasz Søren-Ðekic"),
    )[:2]
    for typed in ["jose muller", "José Müller", "JOSE MÜLLER", "jose\u0301 mu\u0308ller", "muller"]:
        assert found(team, typed) == [one], typed
    assert found(team, "josé") == [one, other]
    assert found(team, "lukasz soren dekic") == found(team, "Łukasz")
    assert found(team, "lukasz") and found(team, "mull") == []


def test_an_address_is_found_with_its_port(team: Team) -> None:
    four, six = team.subjects_of(Told("a-1", ips=("198.51.100.7",)), Told("a-2", ips=("2001:DB8::1",)))
    for typed, whom in [
        ("198.51.100.7:50211", [four]),
        (" 198.51.100.7:50211 ", [four]),
        ("[2001:db8::1]:50211", [six]),
        ("[2001:DB8:0:0:0:0:0:1]:50211", [six]),
        ("198.51.100.7", [four]),
        # Another port is another subscriber.
        ("198.51.100.7:50212", []),
        ("[2001:db8::1]:443", []),
        ("198.51.100.7:", []),
        ("198.51.100.7:99999999", []),
    ]:
        assert found(team, typed) == whom, typed
    team.take_in_files({"no-port.xml": Told("a-3", ips=("198.51.100.7",), label="none").xml().replace(
        "<port>50211</port>", "")})  # fmt: skip
    assert len(found(team, "198.51.100.7:50212")) == 1, "a port that is not known may be this one"


def test_the_whole_name_stands_before_those_that_hold_it(team: Team) -> None:
    longer, exact = team.subjects_of(Told("a-1", name="Alex Robin Example"), Told("a-2", name="Alex Example"))
    assert found(team, "alex example") == [exact, longer]


WEEK = Path(__file__).parents[2] / "sample" / "week" / "wednesday"
MAPS = load_maps(Path(__file__).parents[2] / "sample" / "maps")


def test_an_address_is_found_by_its_line_and_a_report_by_package_and_number(team: Team) -> None:
    take_in(team.intake, files_under([WEEK]), MAPS)
    marlow = found(team, "Gordon Marlow")[0]
    assert search_by(team, "12 example row") == [(marlow, "address", "12 Example Row, Testtown, ZZ1 1ZZ")]
    assert search_by(team, "Example Row, 12")[0][0] == marlow
    assert found(team, "2 Example Row") == []
    assert found(team, "row") == [], "one word of an address is half a town"
    assert search_by(team, "ex-p-118") == [(marlow, "package", "EX-P-118")]
    assert search_by(team, "EX-2026-0412") == [(marlow, "report", "EX-2026-0412")]


def test_a_number_finds_only_whom_the_officer_may_see(standing_force: Force) -> None:
    """The closed subject is found by its surname by those who are named, and by nobody else."""
    closed = standing_force.subjects["closed"]
    for name, expected in (("named", [closed]), ("analyst", []), ("investigator", [])):
        with look(standing_force.actor(name), "tests", Power.SEE_SUBJECTS) as opened:
            assert [hit.subject for hit in search(opened, "closedaway")] == expected, name


def test_words_are_found_as_they_were_known_then(team: Team) -> None:
    one = team.subject(Told("a-1", name="Alex Formerly"))
    with team.looking(datetime.now(UTC)) as opened:
        assert [hit.subject for hit in search(opened, "formerly")] == [one]
    with team.looking(datetime(2026, 1, 1, tzinfo=UTC)) as opened:
        assert search(opened, "formerly") == []


def test_a_report_number_finds_its_people_but_not_the_reporter(team: Team) -> None:
    files = {
        "one/01_report.xml": Told("a-1", others=(Told("a-2", role="harmed"),))
        .xml()
        .replace("<report>", "<report><reportId>40012345</reportId>", 1)
    }
    team.take_in_files(files)
    by_number = search_by(team, " 4001 2345 ")
    assert [(kind, received) for _, kind, received in by_number] == [("report", "40012345")] * 2
    assert {subject for subject, _, _ in by_number} == {found(team, "a-1")[0], found(team, "a-2")[0]}
    assert found(team, "4001234") == []


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
