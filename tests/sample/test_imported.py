"""The sample taken in for real, and held against its truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from tests.stories import Team, begin

from threshold.acts.db import query
from threshold.intake.maps import load_maps
from threshold.journey.importing import files_under, take_in

MAPS = Path(__file__).parents[2] / "sample" / "maps"


@pytest.fixture(scope="module")
def taken_in(sample: Any, server: Any, keeper: Any, template_db: str, reachable_tmp: Path) -> Any:
    """A database of the module's own with the whole sample in it; the receipt of the import."""
    from tests.conftest import _database, _disconnect, _point_back, _point_django_at, _pointed

    from threshold.home import Home

    database = _database(server, "sample_taken_in")
    keeper.execute(f"create database {database.name} template {template_db} strategy file_copy")
    home = Home.create(reachable_tmp / "sample-home", "demo", "Tests")
    before = _pointed()
    _point_django_at(database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THRESHOLD_HOME", str(home.path))
        begin()
        yield take_in(Team.here().intake, files_under([sample.deliveries]), load_maps(MAPS))
        _disconnect()
    _point_back(before)
    keeper.execute(f"drop database {database.name} with (force)")


def entries() -> dict[tuple[str, str], Any]:
    rows = query(
        """select d.folder || '/' || d.name as file, e.place, e.state, e.reason, e.report,
                  exists (select from report_version v where v.later = e.report and v.retracted_by is null)
                      as later_version
           from intake_entry e join delivery d on d.id = e.delivery where e.retracted_by is null"""
    )
    return {(row.file.removeprefix("deliveries/"), row.place): row for row in rows}


def mentions() -> dict[tuple[str, str], Any]:
    rows = query(
        """select d.folder || '/' || d.name as file, n.place, n.role, m.subject, a.route
           from mention n join report r on r.id = n.report join delivery d on d.id = r.delivery
           join member m on m.mention = n.id and m.retracted_by is null
           left join assessment a on a.subject = m.subject and a.retracted_by is null
           where n.retracted_by is null"""
    )
    return {(row.file.removeprefix("deliveries/"), row.place): row for row in rows}


def test_every_entry_becomes_what_the_truth_expects(sample: Any, taken_in: Any) -> None:
    found = entries()
    expected = {(row["file"], row["place"]): row["expected"] for row in sample.truth("entries")}
    assert {key: row.state for key, row in found.items()} == expected
    counts = taken_in.counts
    assert dict(counts) == Counter(expected.values())
    assert taken_in.received == sum(counts[s] for s in ("registered", "duplicate", "held", "refused"))


def test_only_what_is_planted_is_refused_or_held(sample: Any, taken_in: Any) -> None:
    told = [row for row in sample.truth("entries") if row["expected"] in ("refused", "held")]
    assert told and all(row["is_a"].startswith("fault") for row in told)


def test_corrections_and_second_roads_are_later_versions(sample: Any, taken_in: Any) -> None:
    found = entries()
    told = sample.truth("entries")
    assert {row["is_a"] for row in told if row["later_version"] == "yes"} == {"correction", "second road"}
    for row in told:
        if row["expected"] == "registered" and row["is_a"] != "file details":
            assert found[row["file"], row["place"]].later_version is (row["later_version"] == "yes"), row


def test_resends_are_duplicates_of_the_first(sample: Any, taken_in: Any) -> None:
    found = entries()
    again = [row for row in sample.truth("entries") if row["is_a"] in ("same bytes", "same report")]
    assert {row["is_a"] for row in again} == {"same bytes", "same report"}
    for row in again:
        first = found[row["of_file"], row["of_place"]]
        assert found[row["file"], row["place"]].report == first.report, row


def test_every_mention_is_in_the_truth_with_its_role(sample: Any, taken_in: Any) -> None:
    told = {(row["file"], row["place"]): row["role"] for row in sample.truth("mentions")}
    assert {key: row.role for key, row in mentions().items()} == told


def test_no_two_people_are_one_subject_and_some_are_joined(sample: Any, taken_in: Any) -> None:
    found = mentions()
    people: dict[int, set[str]] = defaultdict(set)
    seen: Counter[int] = Counter()
    for row in sample.truth("mentions"):
        subject = found[row["file"], row["place"]].subject
        people[subject].add(row["person"])
        seen[subject] += 1
    assert {subject: who for subject, who in people.items() if len(who) > 1} == {}
    assert sum(count > 1 for count in seen.values()) > 20


def test_children_are_never_on_the_route_of_adults(sample: Any, taken_in: Any) -> None:
    found = mentions()
    children = {row["person"] for row in sample.truth("people") if row["route"] == "child"}
    told = [
        row for row in sample.truth("mentions") if row["person"] in children and row["role"] == "reported"
    ]
    assert {found[row["file"], row["place"]].route for row in told} <= {"child", "age_not_established"}
    # Whoever is said in figures to be under 18 is on the children's own route.
    stated = [found[row["file"], row["place"]] for row in told if row["age_said"] in ("age", "born", "about")]
    assert {row.route for row in stated} == {"child"}


def test_planted_identifiers_make_a_question_and_no_link(sample: Any, taken_in: Any) -> None:
    planted = {row["planted"] for row in sample.truth("mentions") if row["planted"]}
    assert {text.partition(" of ")[0] for text in planted} == {
        "account and description", "device", "name, e-mail and telephone",
    }  # fmt: skip
    found = mentions()
    pretenders = [
        found[row["file"], row["place"]].subject
        for row in sample.truth("mentions")
        if row["planted"].startswith(("name", "account"))
    ]
    asked = query(
        """select distinct m.subject from link l join member m on m.mention in (l.a, l.b) and m.retracted_by is null
           where l.strength = 'possible' and l.retracted_by is null and m.subject = any(%s)""",
        [pretenders],
    )
    assert asked
