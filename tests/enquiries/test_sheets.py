"""The request sheet and the file of answers: nothing typed again, nothing taken for a formula, no zone guessed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threshold.enquiries.printing import as_pdf
from threshold.enquiries.sheets import (
    COLUMNS,
    RESULTS,
    Line,
    as_csv,
    clock_change_note,
    differences,
    instead,
    read_answers,
    uk_exact,
    utc_exact,
    zoned,
)
from threshold.people.normalise import connection

WINTER = datetime(2026, 11, 9, 21, 14, 5, tzinfo=UTC)
SUMMER = datetime(2026, 7, 9, 21, 14, 5, 250_000, tzinfo=UTC)
LINE = Line(
    "T7-1-A", "203.0.113.9", 50211, WINTER, "Login", "203.0.113.9", "50211", "2026-11-09T21:14:05Z", 12,
    "/report/1", "ab" * 32, "section 60A", "A-77",
)  # fmt: skip


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_utc_and_uk_time_stand_side_by_side_with_gmt_or_bst_written_out() -> None:
    (winter,) = rows_of(as_csv([LINE]))
    (summer,) = rows_of(as_csv([replace(LINE, at=SUMMER)]))
    assert (winter["utc"], winter["uk"]) == ("2026-11-09 21:14:05 UTC", "2026-11-09 21:14:05 GMT")
    assert (summer["utc"], summer["uk"]) == (
        "2026-07-09 21:14:05.250000 UTC",
        "2026-07-09 22:14:05.250000 BST",
    )
    assert winter["time_in_source"] == "2026-11-09T21:14:05Z" and winter["port"] == "50211"


@pytest.mark.parametrize(
    ("at", "noted"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 1, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 2, 1, tzinfo=UTC), False),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), False),
        (WINTER, False),
    ],
)
def test_a_time_within_an_hour_of_a_clock_change_is_noted(at: datetime, noted: bool) -> None:
    assert bool(clock_change_note(at)) is noted


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@x", "\tx", "=cmd|' /C calc'!A0"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    content = as_csv([replace(LINE, event=cell, place=cell, applied=cell)])
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        assert not any(each.startswith(("=", "+", "-", "@", "\t", "\r")) for each in row)


def test_the_pdf_is_tagged_checked_and_the_same_byte_for_byte() -> None:
    lines = [replace(LINE, reference=f"T7-{n}-A") for n in range(40)]
    first = as_pdf(lines, WINTER)
    assert first.startswith(b"%PDF") and b"<pdfuaid:part>1</pdfuaid:part>" in first
    assert as_pdf(lines, WINTER) == first
    nasty = replace(LINE, event="#[*x*] $y$ \u202e <b> \x00", authority="\\ # @ `")
    assert as_pdf([nasty], WINTER).startswith(b"%PDF")


@given(st.integers(0, 4_000_000_000), st.integers(0, 999_999))
def test_an_instant_is_read_as_it_was_written(second: int, micro: int) -> None:
    at = datetime.fromtimestamp(second, UTC).replace(microsecond=micro)
    assert zoned(utc_exact(at)) == at
    assert zoned(at.isoformat()) == at
    # GMT and BST are for people's eyes: only a zone that is told is read.
    assert zoned(utc_exact(at).removesuffix(" UTC")) is None and zoned(uk_exact(at)) is None


def answer(**cells: Any) -> Any:
    row = {
        "our_reference": "T7-1-A",
        "result": "answered",
        "looked_up_address": "203.0.113.9",
        "looked_up_port": "50211",
        "looked_up_utc": "2026-11-09 21:14:05 UTC",
        "installation_address": "12 Made-up Street",
    } | cells
    sink = io.StringIO()
    writer = csv.DictWriter(sink, row)
    writer.writeheader()
    writer.writerow(row)
    (back,) = read_answers(sink.getvalue().encode())
    return back


def test_a_whole_line_is_read_as_it_stands() -> None:
    back = answer(subscriber="'=Pat", words="x")
    assert not back.problem
    assert (back.address, back.port, back.at, back.installation) == (
        "203.0.113.9",
        50211,
        WINTER,
        "12 Made-up Street",
    )
    assert back.subscriber == "=Pat"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"our_reference": ""}, "no reference"),
        ({"result": "perhaps"}, "none of"),
        ({"looked_up_address": ""}, "which address"),
        ({"looked_up_port": "x"}, "not a port"),
        ({"looked_up_port": "70000"}, "not a port"),
        ({"looked_up_port": "٣"}, "not a port"),
        ({"looked_up_utc": "09/11/2026 9:14"}, "with its zone"),
        ({"looked_up_utc": "2026-11-09 21:14:05"}, "with its zone"),
        ({"installation_address": ""}, "gives no address"),
    ],
)
def test_a_line_that_lacks_something_says_what(cells: dict[str, str], words: str) -> None:
    assert words in answer(**cells).problem


def test_no_trace_needs_nothing_looked_up_and_semicolons_are_read_too() -> None:
    found = read_answers(
        b"\xef\xbb\xbfOur reference;Result;Words\r\nT7-1-A;No trace;kept no record\r\n\r\n;;\r\nT7-2-B;refused;\r\n"
    )
    assert [(back.number, back.reference, back.result, back.problem) for back in found] == [
        (2, "T7-1-A", "no_trace", ""),
        (5, "T7-2-B", "refused", ""),
    ]


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused_with_a_reason(content: bytes) -> None:
    from threshold.enquiries.sheets import WrongSheet

    try:
        for back in read_answers(b"our_reference,result\n" + content):
            assert back.problem or back.result in RESULTS
    except WrongSheet as wrong:
        assert str(wrong)


def test_spellings_of_one_address_agree_and_anything_else_differs() -> None:
    assert differences("2001:db8::1", 1, WINTER, "2001:0DB8:0:0:0:0:0:1", 1, WINTER) == []
    assert len(differences("203.0.113.9", 1, WINTER, "203.0.113.19", None, WINTER + timedelta(hours=1))) == 3
    assert differences("203.0.113.9", 1, WINTER, "not an address", 1, WINTER)[0].startswith("address")


@pytest.mark.parametrize(
    ("given_as", "asks"),
    [
        (("203.0.113.9", None, WINTER, None), "source port"),
        (("203.0.113.9", "1", None, "no zone stated"), "time zone"),
        (("10.0.0.1", "1", WINTER, None), "public address"),
        (("router", "1", WINTER, None), "what this text is"),
    ],
)
def test_where_a_connection_cannot_be_resolved_it_is_said_what_can_be_asked(given_as: Any, asks: str) -> None:
    unfit = connection(*given_as).unfit
    assert unfit and asks in instead(unfit)


def test_every_column_has_its_cell() -> None:
    assert len(LINE.cells()) == len(COLUMNS)
