"""The monthly report: the same numbers as everywhere else, the same bytes each time, and nothing lost in it."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from tests.force import Force
from tests.journey.mixed import MAPS, mixed_files

from threshold.acts.access import Actor, Power, Refused
from threshold.acts.db import query
from threshold.acts.verbs import look
from threshold.cells import safe_cell
from threshold.intake.maps import load_map
from threshold.journey.importing import files_under, take_in
from threshold.oversight import printing
from threshold.oversight.counting import Reading, count
from threshold.oversight.months import Month
from threshold.oversight.printing import as_csv, as_json, as_pdf, intake_said
from threshold.oversight.report import NOT_KNOWN, MonthlyReport, monthly_report, usual_date
from threshold.oversight.sentences import sentence
from threshold.oversight.volumes import volumes

OCTOBER = Month(2026, 10)


@pytest.fixture(scope="module")
def filled_month(
    standing_force: Force, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Force, datetime]]:
    """A force with a month of mixed files, and the date as at which its report is asked."""
    folder = mixed_files(tmp_path_factory.mktemp("report") / "in", rows=20)
    (folder / "same-names.xml").write_text("=HYPERLINK(1)", encoding="utf-8")
    take_in(
        standing_force.actor("intake"),
        files_under([folder]),
        [load_map(MAPS / "agency_packages.yaml")],
        received_at=datetime(2026, 10, 15, 9, 30, tzinfo=UTC),
    )
    yield standing_force, datetime.now(UTC)


def of(actor: Actor, at: datetime | None, month: Month = OCTOBER) -> MonthlyReport:
    with look(actor, "tests", Power.COUNT, as_at=at) as seen:
        return monthly_report(seen, Reading.of("known-at", at), month)


@pytest.fixture
def made(filled_month: tuple[Force, datetime]) -> MonthlyReport:
    force, at = filled_month
    return of(force.actor("analyst"), at)


@pytest.mark.parametrize("name", ["analyst", "investigator", "safeguarding", "chief", "intake"])
def test_it_says_what_the_count_and_the_volumes_say(filled_month: tuple[Force, datetime], name: str) -> None:
    force, at = filled_month
    actor = force.actor(name)
    report, counted = of(actor, at), count(actor, Reading.of("known-at", at), with_doubt=True)
    assert report.count == counted and report.sentence == sentence(counted)
    with look(actor, "tests", Power.COUNT, as_at=at) as seen:
        assert report.volumes == volumes(seen, Reading.of("known-at", at), OCTOBER)


def test_nothing_that_came_in_is_lost(filled_month: tuple[Force, datetime], made: MonthlyReport) -> None:
    assert made.intake is not None and made.intake.holds
    whole = made.intake.whole
    assert min(whole.registered, whole.duplicate, whole.held, whole.refused) > 0
    assert whole.received == whole.registered + whole.duplicate + whole.held + whole.refused
    for groups in (made.intake.by_sender, made.intake.by_road):
        for state in ("received", "registered", "duplicate", "held", "refused"):
            assert sum(getattr(each, state) for each in groups) == getattr(whole, state)
    assert NOT_KNOWN in [each.name for each in made.intake.by_sender]
    sender = next(each for each in made.volumes if each.key == "sender")
    reports = query(
        """select r.sender, count(distinct e.report) as n from intake_entry e join report r on r.id = e.report
           join delivery d on d.id = e.delivery where e.state = 'registered' and d.received_at < '2026-11-01'
           group by 1"""
    )
    assert dict(sender.bars) == {row.sender: row.n for row in reports}, (
        "an addition is an entry, and no report"
    )


def test_what_is_held_is_told_with_how_long(made: MonthlyReport) -> None:
    assert made.held and made.intake
    assert sum(each.number for each in made.held) == made.intake.whole.held
    assert [each.age for each in made.held] == ["Longer than 30 days"]
    words = as_csv(made).decode() + str(as_json(made))
    assert "Dear colleague" not in words, "a reason may quote what came"
    longest = max(made.days_held(each.since) for each in made.held)
    assert longest == (made.reading.about - datetime(2026, 10, 15, 9, 30, tzinfo=UTC)).days
    assert f"the oldest for {longest:,} day" in printing.held_said(made)


def test_a_sum_that_does_not_hold_is_said(made: MonthlyReport) -> None:
    assert made.intake is not None and "nothing was lost" in intake_said(made)
    short = replace(made, intake=replace(made.intake, found=made.intake.found + 1))
    assert "SOMETHING IS WRONG" in intake_said(short)
    unread = replace(made, intake=replace(made.intake, unread=2))
    assert "Not yet read to their end: 2" in intake_said(unread)


def test_each_role_is_given_its_own(filled_month: tuple[Force, datetime]) -> None:
    force, at = filled_month
    assert of(force.actor("investigator"), at).intake is None is of(force.actor("safeguarding"), at).held
    chief, analyst = of(force.actor("chief"), at), of(force.actor("analyst"), at)
    assert chief.intake and analyst.intake and chief.intake.whole == analyst.intake.whole
    assert not chief.intake.by_sender and not chief.intake.by_road and chief.held == analyst.held
    assert of(force.actor("intake"), at).intake is not None
    for name in ("auditor", "policy_owner", "administrator"):
        with pytest.raises(Refused):
            of(force.actor(name), at)


def test_the_pdf_is_the_same_byte_for_byte_tagged_marked_and_quick(
    filled_month: tuple[Force, datetime], made: MonthlyReport
) -> None:
    force, at = filled_month
    started = time.monotonic()
    first = as_pdf(made)
    assert time.monotonic() - started < 10
    subject = force.subjects["free"]
    with look(force.actor("analyst"), "tests", Power.SEE_SUBJECTS) as seen:
        seen.show_one(subject)
    assert as_pdf(of(force.actor("analyst"), at)) == first
    assert first.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in first and b"/StructTreeRoot" in first
    assert as_pdf(of(force.actor("supervisor"), datetime(2026, 1, 1, tzinfo=UTC))) != first


def test_letters_that_no_font_has_do_not_keep_the_report_from_being_made(made: MonthlyReport) -> None:
    strange = [replace(each, bars=(("信号 \U0001f98a \u202e#panic() *", 3),)) for each in made.volumes]
    assert as_pdf(replace(made, volumes=strange)).startswith(b"%PDF")


def test_markup_in_a_name_is_text(made: MonthlyReport) -> None:
    nasty = '#panic("no") *bold* $x$ <b> ]'
    strange = [replace(each, title=nasty, bars=((nasty, 3),), says=nasty) for each in made.volumes]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in as_pdf(replace(made, volumes=strange, sentence=nasty))


def test_all_three_hold_the_same_numbers(made: MonthlyReport, monkeypatch: pytest.MonkeyPatch) -> None:
    told = as_json(made)
    rows = list(csv.DictReader(io.StringIO(as_csv(made).decode("utf-8-sig"))))
    numbers = {(row["part"], row["name"], row["what"]): row["number"] for row in rows}
    for number in told["count"]["numbers"]:
        value = number["state"] if number["value"] is None else number["value"]
        assert numbers["counts", number["title"], number["key"]] == str(value)
    for volume in told["volumes"]:
        for bar in volume["bars"]:
            assert numbers[volume["title"], bar["name"], volume["counts"]] == str(bar["value"])
    for state, value in told["intake"]["whole"].items():
        if state != "name":
            assert numbers["intake", "Everything", state] == str(value)
    given: dict[str, str] = {}
    monkeypatch.setattr(typst, "compile", lambda *_, **options: given.update(options["sys_inputs"]) or b"")
    as_pdf(made)
    for volume in told["volumes"]:
        for bar in volume["bars"]:
            assert f'"{bar["value"]:,}"' in given["report"]
    assert made.sentence in given["report"]


@given(st.text())
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'") == text.removeprefix("'") or cell == text


@pytest.mark.parametrize("name", ["=1+1", "+44 7700 900123", "-x", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_sender_that_is_called_a_formula_stays_a_name(name: str, made: MonthlyReport) -> None:
    changed = replace(made, volumes=[replace(made.volumes[0], bars=((name, 3),))])
    rows = list(csv.reader(io.StringIO(as_csv(changed).decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any(cell.endswith(name.strip("\t\r")) for row in rows for cell in row)


def test_a_month_that_is_over_is_reported_as_known_at_its_end() -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert usual_date(OCTOBER, now) == datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert usual_date(Month(2026, 11), now) is None
    assert usual_date(Month(2026, 11), now + timedelta(days=6)) is not None
