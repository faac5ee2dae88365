"""The map that ships for the fields of the content reporting regulations, with its sample as CSV and as XLSX."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from threshold.intake.maps import load_map
from threshold.intake.readers import read
from threshold.intake.reading import ReadReport, Source
from threshold.intake.workbooks import keep_as_text

ROOT = Path(__file__).parents[2]
MAP = load_map(ROOT / "maps" / "online_safety_act.yaml")
SAMPLE = ROOT / "sample" / "tables" / "online_safety_act.csv"


def as_workbook(folder: Path) -> Path:
    book = Workbook()
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        for cells in csv.reader(file):
            book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    with (folder / "kept").open("wb") as sink:
        keep_as_text(out, sink)
    return folder / "kept"


@pytest.fixture(params=["csv", "xlsx"])
def reports(request: Any, tmp_path: Path) -> list[ReadReport]:
    path = SAMPLE if request.param == "csv" else as_workbook(tmp_path)
    found = list(read(Source("sample", str(path)), [MAP]))
    assert all(isinstance(one, ReadReport) for one in found), found
    return [one for one in found if isinstance(one, ReadReport)]


def identifiers(report: ReadReport) -> list[tuple[str, str, bool | None]]:
    return [(one.kind, one.received, one.verified) for one in report.mentions[0].identifiers]


def test_every_field_of_the_first_report_has_its_place(reports: list[ReadReport]) -> None:
    first = reports[0]
    assert (first.reference, first.urgency, first.service) == ("OSA-2026-0001", "2", "Fictional Social")
    assert first.happened and first.happened.utc == datetime(2026, 5, 3, 21, 40, 11, tzinfo=UTC)
    assert first.reached_agency and first.reached_agency.utc == datetime(2026, 5, 4, 9, 12, tzinfo=UTC)
    assert identifiers(first) == [
        ("account", "771204", None),
        ("email", "rowan@mail.example", True),
        ("phone", "07700 900166", True),
        ("screen_name", "rowan_t", None),
        ("profile_url", "https://social.example/rowan_t", None),
        ("name", "Rowan Testperson", None),
    ]
    assert [(c.address, c.port) for c in first.mentions[0].connections] == [
        ("203.0.113.77", "51244"),
        ("203.0.113.77", "51100"),
        ("198.51.100.4", None),
    ]
    assert first.mentions[0].activities[0].kind == "shared"
    assert (first.mentions[1].role, len(first.mentions[1].identifiers)) == ("reporter", 3)


def test_given_not_held_and_not_stated_are_kept_apart(reports: list[ReadReport]) -> None:
    first, second = ({kept.path: kept.text for kept in report.unknown} for report in reports)
    assert first["Recovery e-mail"] == "not held"
    assert first["Login 2 port"] == "not held"
    assert "Login 3 port" not in first
    assert (second["Upload time"], second["Telephone"]) == ("not held", "not held")
    assert second["Exif data held"] == "not held"
    assert reports[1].happened is None
    assert identifiers(reports[1])[1] == ("email", "rowan.t@mail.example", None)


def test_the_earlier_reference_is_the_senders_own_claim(reports: list[ReadReport]) -> None:
    assert reports[1].mentions[0].prior_references == ("OSA-2026-0001",)
    assert reports[0].mentions[0].prior_references == ()


def test_the_day_after_which_the_sender_may_have_deleted(reports: list[ReadReport]) -> None:
    assert [report.sender_keeps_until for report in reports] == [date(2027, 5, 4), date(2029, 2, 28)]


def test_what_is_kept_and_not_acted_on(reports: list[ReadReport]) -> None:
    kept = {kept.path: kept.text for kept in reports[0].unknown}
    assert kept["How detected"] == "hash matching"
    assert kept["Content URL"] == "https://social.example/m/5581"
    assert kept["Declaration"] == "All available information is given"
    assert "Content hash" not in kept


def test_a_digest_is_read_neither_from_its_column_nor_from_an_address(tmp_path: Path) -> None:
    digest = "0123456789abcdef0123456789abcdef"
    text = SAMPLE.read_text(encoding="utf-8").replace("/m/5581,", f"/m/{digest},{digest}", 1)
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    found = list(read(Source("sample", str(path)), [MAP]))
    assert isinstance(found[0], ReadReport)
    assert not re.search(digest, repr(found))
