"""The report of a month, as a person makes it: the same numbers as the page and the count, and files of one's own."""

from __future__ import annotations

import csv
import io
import re
import stat
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from tests.commands.conftest import held_to_schema, threshold
from tests.force import Force


def shown(client: Client, path: str, **asked: str) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.mark.parametrize("name", ["analyst", "chief", "intake", "investigator"])
def test_page_count_and_report_say_the_same_at_the_same_date(standing_force: Force, name: str) -> None:
    when = datetime.now(UTC).replace(microsecond=0)
    month, asked = f"{when:%Y-%m}", ("--as-at", when.isoformat(), "--as", name, "--json")
    told = held_to_schema("report", threshold("report", "--month", month, *asked).json)
    assert held_to_schema("count", told["count"]) == threshold("count", *asked).json
    client = Client(SERVER_NAME="127.0.0.1")
    client.post("/sign-in", {"username": name, "password": standing_force.passwords[name]})
    page = shown(client, "/volumes", **{"month": month, "as-at": f"{when:%d/%m/%Y %H:%M:%S} UTC"})
    for volume in told["volumes"]:
        assert volume["sentence"] in page and volume["definition"] in page
        rows = " ".join(
            f"{bar['name']} {'Hidden' if bar['value'] is None else format(bar['value'], ',')}"
            for bar in volume["bars"]
        )
        assert rows in page, volume["key"]


def test_the_pdf_is_the_same_each_time_and_for_its_maker_alone(standing_force: Force, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    asked = ("report", "--month", f"{now:%Y-%m}", "--as-at", now.isoformat(), "-o")
    for name in ("one.pdf", "two.pdf"):
        assert threshold(*asked, tmp_path / name).code == 0
    one, two = (tmp_path / "one.pdf").read_bytes(), (tmp_path / "two.pdf").read_bytes()
    assert one == two and one.startswith(b"%PDF-") and b"<pdfuaid:part>1</pdfuaid:part>" in one
    assert stat.S_IMODE((tmp_path / "one.pdf").stat().st_mode) == 0o600


def test_a_month_that_is_over_is_the_same_whenever_it_is_asked(standing_force: Force) -> None:
    first = threshold("report", "--month", "2026-10", "--csv").out
    threshold("search", "anything")
    assert threshold("report", "--month", "2026-10", "--csv").out == first
    rows = list(csv.reader(io.StringIO(first.removeprefix("\ufeff"))))
    assert [
        "report",
        "as known at",
        "",
        "2026-10-31T23:59:59.999999+00:00",
        "31 October 2026, 23:59 GMT",
    ] in rows


@pytest.mark.parametrize(
    "wrong",
    [
        ("--month", "2026-13", "--json"),
        ("--month", "October", "--json"),
        ("--month", "2026-10"),
        ("--month", "2026-10", "--csv", "--json"),
        ("--month", "2026-10", "-o", "/dev/null"),
        ("--month", "2026-10", "--json", "--as", "auditor"),
    ],
)
def test_what_cannot_be_reported_ends_with_2(standing_force: Force, wrong: tuple[str, ...]) -> None:
    done = threshold("report", *wrong)
    assert done.code == 2 and done.err
