"""Volumes of a month, held against every row read in Python; and the bars that show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.force import Force
from tests.journey.mixed import MAPS, mixed_files
from tests.referrals import referral, write

from threshold.acts.access import Power, Refused
from threshold.acts.db import query
from threshold.acts.verbs import look
from threshold.cases.order import BAND_WORDS
from threshold.intake.maps import load_map
from threshold.journey.importing import files_under, take_in
from threshold.oversight.charts import bar_chart
from threshold.oversight.counting import Reading
from threshold.oversight.definitions import ACTIVITIES, ROUTES
from threshold.oversight.months import Month, WrongMonth
from threshold.oversight.small_cells import SMALL
from threshold.oversight.volumes import Volume, hidden_apart, volumes

OCTOBER = Month(2026, 10)
IN_OCTOBER = datetime(2026, 10, 15, 9, 30, tzinfo=UTC)
# The last half hour of October in the United Kingdom, and the first of November.
LAST, FIRST = datetime(2026, 10, 31, 23, 45, tzinfo=UTC), datetime(2026, 11, 1, 0, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled_month(
    standing_force: Force, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Force, Path]]:
    folder = mixed_files(tmp_path_factory.mktemp("volumes") / "in", rows=20)
    maps = [load_map(MAPS / "agency_packages.yaml")]
    for part, received_at in {
        "alone": IN_OCTOBER, "export": LAST, "talk-0": FIRST, "talk-1": FIRST, "table": IN_OCTOBER,
        "talk-2": IN_OCTOBER, "talk-3": IN_OCTOBER,
    }.items():  # fmt: skip
        take_in(standing_force.actor("intake"), files_under([folder / part]), maps, received_at=received_at)
    yield standing_force, folder


def of(force: Force, name: str, month: Month = OCTOBER, at: datetime | None = None) -> dict[str, Volume]:
    with look(force.actor(name), "tests", Power.COUNT) as seen:
        return {each.key: each for each in volumes(seen, Reading.of("known-at", at), month)}


def reports(month: Month) -> list[object]:
    return [
        row
        for row in query(
            """select r.*, d.road from report r join delivery d on d.id = r.delivery
               where r.retracted_by is null"""
        )
        if month.start <= row.received_at < month.end
    ]


def test_the_month_ends_with_the_last_second_of_its_last_day_in_the_united_kingdom() -> None:
    assert OCTOBER.start == datetime(2026, 9, 30, 23, tzinfo=UTC), "British summer time"
    assert OCTOBER.end == datetime(2026, 11, 1, tzinfo=UTC)
    assert Month.at(LAST) == OCTOBER and Month.at(FIRST) == Month(2026, 11)
    assert Month(2026, 1).before() == Month(2025, 12) and Month(2025, 12).before(-1) == Month(2026, 1)
    assert (str(OCTOBER), OCTOBER.title) == ("2026-10", "October 2026")
    for wrong in ("", "2026", "2026-13", "26-10", "2026-1", "october", "2026-10-01", "٢٠٢٦-10"):
        with pytest.raises(WrongMonth):
            Month.of(wrong)


def test_each_volume_is_what_the_rows_say(filled_month: tuple[Force, Path]) -> None:
    force, _ = filled_month
    found, there = of(force, "supervisor"), reports(OCTOBER)
    by_sender = Counter(row.sender for row in there)  # type: ignore[attr-defined]
    assert dict(found["sender"].bars) == dict(by_sender) and len(by_sender) == 3
    assert found["sender"].total == found["road"].total == len(there) > 40
    assert dict(found["road"].bars) == {"Imported by command": len(there)}
    months = dict(found["month"].bars)
    assert months["October 2026"] == len(there) and len(months) == 12
    assert dict(of(force, "supervisor", Month(2026, 11))["month"].bars)["November 2026 so far"] == len(
        reports(Month(2026, 11))
    )
    assert found["sender"].sentence.startswith(
        f"{len(there)} reports reached the force in October 2026. Most: "
    )


def test_what_was_done_counts_each_report_once(filled_month: tuple[Force, Path]) -> None:
    force, _ = filled_month
    said = Counter(
        kind
        for kind, _ in {
            (row.kind, row.report)
            for row in query(
                """select v.kind, n.report, r.received_at from activity v join mention n on n.id = v.mention
                   join report r on r.id = n.report where v.retracted_by is null"""
            )
            if OCTOBER.start <= row.received_at < OCTOBER.end
        }
    )
    found = of(force, "analyst")["activity"]
    assert {name: n for name, n in found.bars if n} == {ACTIVITIES[kind]: n for kind, n in said.items()}
    assert not found.adds_up


def test_each_grading_model_stands_by_itself(filled_month: tuple[Force, Path]) -> None:
    force, _ = filled_month
    found = of(force, "analyst")
    rows = [
        row
        for row in query(
            """select g ->> 'model' as model, g ->> 'grade' as grade, g ->> 'count' as count, r.received_at, r.id
               from activity v join mention n on n.id = v.mention join report r on r.id = n.report
               cross join jsonb_array_elements(v.grades) g where v.retracted_by is null"""
        )
        if OCTOBER.start <= row.received_at < OCTOBER.end
    ]
    assert {(row.model, row.count is None) for row in rows} == {("industry", False), ("uk", True)}
    reports = Counter((model, grade) for model, grade, _ in {(row.model, row.grade, row.id) for row in rows})
    images: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.count is not None:
            images[row.model, row.grade] += int(row.count)
    for kind, there in (("grade-", reports), ("images-", images)):
        shown = {
            (each.title.rpartition("model ")[2].strip("“”"), name.removeprefix("Grade ")): value
            for key, each in found.items()
            if key.startswith(kind)
            for name, value in each.bars
        }
        assert shown == dict(there), "and a number that was not said is no nought"


def test_subjects_are_counted_in_the_month_that_they_first_reached_the_force(
    filled_month: tuple[Force, Path],
) -> None:
    force, _ = filled_month
    found = of(force, "analyst")
    rows = [
        row
        for row in query("select * from assessment where retracted_by is null and listed")
        if OCTOBER.start <= row.first_received < OCTOBER.end and row.subject != force.subjects["closed"]
    ]
    for key, names, column in (
        ("band", dict(enumerate(BAND_WORDS)), "known"),
        ("could-be", dict(enumerate(BAND_WORDS)), "could_be"),
        ("route", ROUTES, "route"),
    ):
        there = Counter(names[getattr(row, column)] for row in rows)
        assert {name: n for name, n in found[key].bars if n} == dict(there), key
        assert found[key].total == len(rows) > 20


def test_old_cases_are_no_volume_of_the_month_they_were_written_down_in(force: Force, tmp_path: Path) -> None:
    this_month = Month.at(datetime.now(UTC))
    before = of(force, "analyst", this_month)
    write(tmp_path, {"old/1.xml": referral("an-old-case")})
    take_in(force.actor("intake"), files_under([tmp_path / "old"]), history=True)
    assert of(force, "analyst", this_month) == before
    write(tmp_path, {"new/1.xml": referral("a-new-case")})
    take_in(force.actor("intake"), files_under([tmp_path / "new"]))
    after = of(force, "analyst", this_month)
    for key in ("sender", "band", "route"):
        assert (after[key].total or 0) - (before[key].total or 0) == 1


def test_it_is_told_as_it_was_known(filled_month: tuple[Force, Path]) -> None:
    force, _ = filled_month
    long_ago = of(force, "analyst", OCTOBER, datetime(2026, 1, 1, tzinfo=UTC))
    assert long_ago["sender"].total == 0 and not long_ago["sender"].bars
    assert long_ago["sender"].sentence == "No report reached the force in October 2026 so far."
    assert "grade-1" not in long_ago


def test_each_role_is_told_what_it_may_count(filled_month: tuple[Force, Path]) -> None:
    force, _ = filled_month
    assert set(of(force, "intake")) == {"sender", "road", "month"}
    assert of(force, "intake")["sender"].total == of(force, "supervisor")["sender"].total
    for name in ("auditor", "policy_owner", "administrator"):
        with pytest.raises(Refused):
            of(force, name)


def test_small_numbers_are_hidden_from_whoever_sees_no_subject(filled_month: tuple[Force, Path]) -> None:
    force, _ = filled_month
    chief, seen = of(force, "chief"), of(force, "supervisor")
    hidden = 0
    for key, each in chief.items():
        for name, value in each.bars:
            assert value is None or value == 0 or value >= SMALL or each.counts == "images", (
                key,
                name,
                value,
            )
            hidden += value is None
    assert hidden and chief["sender"].total == seen["sender"].total
    assert "talk" not in chief["month"].sentence
    november = of(force, "chief", Month(2026, 11))["month"]
    assert dict(november.bars)["October 2026"] == dict(seen["month"].bars)["October 2026"]


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), max_size=6))
def test_what_is_hidden_could_be_another_number(numbers: dict[str, int]) -> None:
    shown, total = hidden_apart(numbers)
    assert shown.keys() == numbers.keys()
    unknown = [name for name, value in shown.items() if value is None]
    assert all(value is None or value == 0 or value >= SMALL for value in shown.values())
    if total is not None and unknown:
        assert len(unknown) > 1, "one number hidden in a known sum is not hidden"


@given(st.lists(st.tuples(st.text(), st.none() | st.integers(0, 10**7)), max_size=8), st.text())
def test_any_bars_are_well_formed_and_say_their_numbers(
    bars: list[tuple[str, int | None]], title: str
) -> None:
    drawn = ElementTree.fromstring(bar_chart("key", title, "what it says", bars))
    space = "{http://www.w3.org/2000/svg}"
    assert drawn.get("role") == "img" and drawn.get("aria-labelledby") == "key-title key-desc"
    assert {each.get("id") for each in drawn if each.get("id")} == {"key-title", "key-desc"}
    texts = ["".join(each.itertext()) for each in drawn.findall(f"{space}text")]
    assert texts[1::2] == ["Hidden" if value is None else f"{value:,}" for _, value in bars]
    widths = [float(each.get("width", 0)) for each in drawn.findall(f"{space}rect")]
    assert all(0 < width <= 280 for width in widths)


def test_bars_are_as_long_as_their_numbers() -> None:
    drawn = ElementTree.fromstring(bar_chart("k", "t", "s", [("a", 10), ("b", 5), ("c", 0), ("d", None)]))
    widths = [each.get("width") for each in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths == ["280.0", "140.0"]
