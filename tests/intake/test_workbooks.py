"""Workbooks, written by a library that is not ours: what stands in the cells is read, and nothing else is kept."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.styles import Font
from tests.intake.test_table import MAP, ROW

from threshold.intake.maps import Map
from threshold.intake.media import CutResult
from threshold.intake.readers import read
from threshold.intake.reading import Entry, ReadReport, Rejected, Source
from threshold.intake.workbooks import UnreadableWorkbook, keep_as_text

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
AT = {name: number for number, name in enumerate(MAP.header, 1)}


def cell_time(*parts: int) -> datetime:
    """A date cell knows no zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def workbook(*rows: dict[str, Any], by: Map = MAP) -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.append(list(by.header))
    for row in rows:
        sheet.append([{**ROW, **row}[name] or None for name in by.header])
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_another_writer(*rows: dict[str, Any]) -> bytes:
    """The same table by a library that shares texts between cells, as Excel itself does."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Referrals")
        sheet.write_row(0, 0, MAP.header)
        for number, row in enumerate(rows, 1):
            for name, value in {**ROW, **row}.items():
                if isinstance(value, datetime):
                    style = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
                    sheet.write_datetime(number, AT[name] - 1, value, style)
                elif isinstance(value, list):
                    sheet.write_rich_string(number, AT[name] - 1, *value)
                elif value.startswith("="):
                    sheet.write_formula(number, AT[name] - 1, value, None, "a result")
                else:
                    sheet.write_string(number, AT[name] - 1, value)
    return out.getvalue()


def changed(content: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """The same workbook with its parts changed, and more parts in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)))
        for name, part in more.items():
            new.writestr(name.replace("__", "."), part)
    return out.getvalue()


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[bytes], tuple[Path, CutResult]]:
    def keep(content: bytes) -> tuple[Path, CutResult]:
        path = tmp_path / "kept"
        with path.open("wb") as sink:
            return path, keep_as_text(io.BytesIO(content), sink)

    return keep


@pytest.fixture
def entries_of(kept: Any) -> Callable[..., list[Entry]]:
    def read_book(book: Workbook | bytes, *maps: Map) -> list[Entry]:
        path, _ = kept(book if isinstance(book, bytes) else saved(book))
        found = list(read(Source("table.xlsx", str(path)), list(maps or [MAP])))
        assert not [one for one in found if "Threshold failed" in getattr(one, "reason", "")], found
        return found

    return read_book


def report(entry: Entry) -> ReadReport:
    assert isinstance(entry, ReadReport), entry
    return entry


def held(entry: Entry) -> Rejected:
    assert isinstance(entry, Rejected) and entry.state == "held", entry
    return entry


def test_a_workbook_gives_what_the_same_table_as_csv_gives(entries_of: Any, entries: Any) -> None:
    from tests.intake.test_table import table

    (from_book,) = entries_of(workbook({}))
    (from_csv,) = entries(table({}), [MAP])
    assert report(from_book).place == "sheet Sheet, row 2"
    strip = re.compile(r"(sheet Sheet, )?row \d+")
    assert strip.sub("", repr(from_book)) == strip.sub("", repr(from_csv))


def test_texts_that_cells_share_and_the_dates_of_another_writer(entries_of: Any) -> None:
    content = by_another_writer(
        {"Activity date": cell_time(2025, 7, 1, 13, 30), "Remarks": ["al", "so ", "known"]},
        {"Report ref": "=A2", "Given name": " Él_x000D_  ", "Remarks": "<&>"},
    )
    assert "xl/sharedStrings.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    first, second = map(report, entries_of(content))
    assert (first.place, first.words) == ("sheet Referrals, row 2", "also known")
    assert first.happened.utc == datetime(2025, 7, 1, 12, 30, tzinfo=UTC)
    assert (second.reference, second.words) == ("a result", "<&>")
    # That writer keeps what looks like an escape from being read as one.
    assert "Él_x000D_ Testperson" in {one.received for one in second.mentions[0].identifiers}


def test_dates_as_cells_and_as_text_in_one_column_are_the_same_instants(entries_of: Any) -> None:
    at = cell_time(2025, 7, 1, 13, 30)
    cell, text, bare, serial = entries_of(
        workbook(
            {"Activity date": at, "Date of birth": date(1990, 1, 2)},
            {"Activity date": "01/07/2025 13:30"},
            {"Activity date": date(2025, 7, 1)},
            {"Activity date": 45839.5625},
        )
    )
    expected = datetime(2025, 7, 1, 12, 30, tzinfo=UTC)
    assert [report(e).happened.utc for e in (cell, text)] == [expected, expected]
    assert report(cell).happened.received == "2025-07-01 13:30:00"
    assert report(cell).mentions[0].ages[0].earliest == date(1990, 1, 2)
    assert report(bare).happened.problem == "a date without a time of day"
    assert (report(serial).happened.received, report(serial).happened.utc) == ("45839.5625", None)
    assert "a number, and not a date cell" in report(serial).happened.problem


def test_a_date_cell_in_the_hour_that_came_twice_has_no_instant(entries_of: Any) -> None:
    (twice,) = entries_of(workbook({"Activity date": cell_time(2025, 10, 26, 1, 30)}))
    assert report(twice).happened.utc is None
    assert "came twice" in report(twice).happened.problem


def test_a_date_cell_where_zones_are_stated_has_none(entries_of: Any) -> None:
    (one,) = entries_of(
        workbook({"Activity date": cell_time(2025, 7, 1, 13, 30)}), replace(MAP, time_zone="stated")
    )
    assert report(one).happened.problem == "no time zone stated"


def test_dates_count_from_1904_where_the_workbook_says_so(entries_of: Any) -> None:
    from openpyxl.utils.datetime import MAC_EPOCH

    book = workbook({"Activity date": cell_time(2025, 7, 1, 13, 30)})
    book.epoch = MAC_EPOCH
    assert report(entries_of(book)[0]).happened.utc == datetime(2025, 7, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Telephone", 7700900123, "a 0 or + before it is lost"),
        ("IP address", 192168100200, "its dots are lost"),
        ("IP address", cell_time(2011, 10, 12), "the cell is a date"),
        ("Account", cell_time(2025, 3, 1), "the cell is a date"),
        ("Account", True, "the cell is a yes/no"),
        ("Account", 1234567890123450, "more than 15 digits"),
        ("Remarks", "=A1&B1", "a formula, and the file does not hold its result"),
    ],
)
def test_what_a_spreadsheet_made_of_a_text_is_held_and_not_turned_back(
    entries_of: Any, column: str, value: Any, reason: str
) -> None:
    damaged, sound = entries_of(workbook({column: value}, {"Report ref": "R-2"}))
    assert (held(damaged).field, held(damaged).place) == (column, "sheet Sheet, row 2")
    assert reason in held(damaged).reason
    assert report(sound).reference == "R-2"


def test_a_number_shown_with_leading_noughts_reads_as_it_is_shown(entries_of: Any) -> None:
    book = workbook({"Account": 70, "Port": 50123})
    book.active.cell(2, AT["Account"]).number_format = "0000"
    found = report(entries_of(book)[0]).mentions[0]
    assert found.identifiers[0].received == "0070"
    assert found.connections[0].port == "50123"


def test_a_formula_gives_the_result_that_was_saved_and_links_are_not_followed(entries_of: Any) -> None:
    content = saved(workbook({"Report ref": "=[1]Other!A1"}))

    def with_result(name: str, part: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return part
        return re.sub(rb'<c r="A2"[^>]*><f>(.*?)</f><v ?/?>(</v>)?</c>',
                      rb'<c r="A2" t="str"><f>\1</f><v>R-77</v></c>', part)  # fmt: skip

    assert report(entries_of(changed(content, with_result))[0]).reference == "R-77"


def test_an_error_is_not_known_and_is_shown(entries_of: Any) -> None:
    (one,) = entries_of(workbook({"Lives with children": "#N/A", "Account e-mail": "#REF!"}))
    claims = {claim.fact: claim.value for claim in report(one).mentions[0].claims}
    assert claims["lives_with_children"] is None
    assert "email" not in {one.kind for one in report(one).mentions[0].identifiers}
    assert ("Account e-mail", "#REF!") in {(kept.path, kept.text) for kept in report(one).unknown}


def test_yes_as_a_truth_value_needs_the_map_to_say_so(entries_of: Any) -> None:
    (one,) = entries_of(workbook({"Lives with children": True}))
    assert "'TRUE' is neither yes" in held(one).reason


def test_merged_cells_hold_the_rows_that_they_touch(entries_of: Any) -> None:
    book = workbook({}, {"Report ref": "R-2"}, {"Report ref": "R-3"})
    book.active.merge_cells(start_row=2, end_row=3, start_column=2, end_column=2)
    first, second, third = entries_of(book)
    assert "merged cells (B2:B3)" in held(first).reason and "merged cells" in held(second).reason
    assert report(third).reference == "R-3"


def test_two_header_rows_below_a_title(entries_of: Any) -> None:
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "Referrals for the week"
    sheet.merge_cells("A1:D1")
    for at, name in {
        "A3": "Ref",
        "B3": "Account",
        "D3": "Times",
        "B4": "Name",
        "C4": "E-mail",
        "D4": "Seen",
    }.items():
        sheet[at] = name
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("B3:C3")
    sheet.append(["R-1", "kit", "kit@mail.example", "01/07/2025 13:30"])
    by = replace(
        MAP,
        header=("Ref", "Account / Name", "Account / E-mail", "Times / Seen"),
        header_rows=(3, 4),
        people=(),
        reference="Ref",
        happened="Times / Seen",
        package=None, urgency=None, words=None, activity=None, covering_column=None, ignore=frozenset(),
    )  # fmt: skip
    (one,) = entries_of(book, by)
    assert (report(one).reference, report(one).place) == ("R-1", "sheet Sheet, row 5")
    assert {kept.path: kept.text for kept in report(one).unknown} == {
        "Account / Name": "kit",
        "Account / E-mail": "kit@mail.example",
    }


def test_hidden_rows_and_sheets_are_read_and_said_and_no_sheet_is_lost(entries_of: Any) -> None:
    book = workbook({}, {"Report ref": "R-2"})
    book.active.row_dimensions[3].hidden = True
    second = book.create_sheet("More")
    second.sheet_state = "hidden"
    second.append(list(MAP.header))
    second.append([{**ROW, "Report ref": "R-3"}[name] for name in MAP.header])
    book.create_sheet("Notes").append(["call back on Monday"])
    book.create_sheet("Empty")
    shown, hidden, elsewhere, notes = entries_of(book, MAP, replace(MAP, name="more", sheet="More"))
    assert [report(e).place for e in (shown, hidden, elsewhere)] == [
        "sheet Sheet, row 2",
        "sheet Sheet, row 3 (hidden)",
        "sheet More (hidden), row 2",
    ]
    assert (held(notes).place, held(notes).field) == ("sheet Notes", "sheet")


def test_a_line_of_totals_is_held(entries_of: Any) -> None:
    book = workbook({})
    book.active.append([])
    book.active.append(["Total", 1])
    book.active.append([None, None, 44])
    _, total, nobody = entries_of(book)
    assert held(total).reason == "a line of totals, not a report: nobody is registered from it"
    assert "names nobody" in held(nobody).reason


def test_two_hundred_empty_columns_cost_nothing_and_a_stray_value_is_noticed(entries_of: Any) -> None:
    book = workbook({}, {"Report ref": "R-2"})
    for column in range(len(MAP.header) + 1, 230):
        book.active.cell(1, column).font = Font(bold=True)
        book.active.cell(2, column).font = Font(bold=True)
    book.active.cell(3, 229, "stray")
    first, second = entries_of(book)
    assert report(first).reference == "R-0001"
    assert "column HU" in held(second).reason


def test_a_table_of_digests_in_a_workbook_is_refused(entries_of: Any) -> None:
    book = Workbook()
    for n in range(20):
        book.active.append([f"{n:032x}"])
    (one,) = entries_of(book)
    assert isinstance(one, Rejected) and one.state == "refused"


def test_nothing_but_the_text_of_cells_is_kept(kept: Any) -> None:
    import base64

    picture = base64.b64encode(PNG * 3).decode()
    content = changed(
        saved(workbook({"Remarks": picture})), lambda name, part: part,
        **{"xl/media/image1.png": PNG, "xl/embeddings/secret__bin": PNG, "xl/vbaProject__bin": b"macro" * 30,
           "docProps/thumbnail__jpeg": b"\xff\xd8\xff" + b"\0" * 50, "hidden/anywhere": PNG},
    )  # fmt: skip
    path, cut = kept(content)
    text = path.read_bytes()
    assert b"PNG" not in text and picture[:60].encode() not in text
    kinds = {c.kind for c in cut.cuts}
    assert {
        "png at xl/media/image1.png",
        "png at hidden/anywhere",
        "part at xl/vbaProject.bin",
        "png",
    } <= kinds
    assert {c.length for c in cut.cuts if c.kind.startswith("png at")} == {len(PNG)}
    assert cut.length == len(content)


def test_the_same_workbook_is_kept_in_the_same_bytes(kept: Any) -> None:
    content = saved(workbook({}, {"Activity date": cell_time(2025, 7, 1, 13, 30)}))
    first, _ = kept(content)
    before = first.read_bytes()
    assert kept(content)[0].read_bytes() == before


@pytest.mark.parametrize(
    ("part", "content", "reason"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='1'><c", "not XML"),
        (
            "xl/worksheets/sheet1.xml",
            b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>',
            "declares a document type",
        ),
        ("xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * 40_000_000, "as a bomb does"),
        ("xl/sharedStrings.xml", b"<sst><a x='" + b"y" * 14_000_000, "not XML"),
        ("xl/workbook.xml", b"<workbook/>", "no sheet"),
        (
            "xl/worksheets/sheet1.xml",
            b"<w><sheetData><row r='1'><c r='A1' t='s'><v>99999</v></c></row></sheetData></w>",
            "names text 99999",
        ),
    ],
    ids=["broken", "entities", "bomb", "endless", "empty", "no such text"],
)
def test_a_workbook_that_cannot_be_trusted_is_refused_with_the_reason(
    kept: Any, part: str, content: bytes, reason: str
) -> None:
    bad = changed(by_another_writer({}), lambda name, old: content if name == part else old)
    with pytest.raises(UnreadableWorkbook, match=reason):
        kept(bad)
