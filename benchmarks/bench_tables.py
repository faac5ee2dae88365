"""A workbook against the same rows as CSV: rows a second by import, and read again with a map made on the page.

Both files hold the same made-up rows: eleven columns, dates as date cells in the workbook. Each is taken in twice,
in a home of its own each time: imported with a map that is known, and held first and then read with the map by
the page's button. Besides, what the map page does for one answer: the first rows, and the trial of a thousand.

``python benchmarks/bench_tables.py [ROWS]`` (100,000 if not said).
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from homes import peak_memory, throw_away_home

HEADER = ["Ref", "Name", "Born", "Mobile", "Email", "IP", "Port", "When", "Service", "Done", "Remarks"]
MAP = """
name: made-up
version: 1
sender: Fictional Forum
encoding: utf-8
delimiter: comma
time_zone: Europe/London
date_order: iso
header: [Ref, Name, Born, Mobile, Email, IP, Port, When, Service, Done, Remarks]
reference: Ref
happened: When
service: Service
words: Remarks
activity: {column: Done, values: {viewed: viewed, shared: shared, groomed: groomed}}
people:
  - role: reported
    columns:
      name: Name
      born: Born
      phone: Mobile
      email: Email
      connection: {address: IP, port: Port, at: When}
"""
START = datetime(2026, 3, 30, 9, 0)  # noqa: DTZ001 - as a spreadsheet has it, without a zone


def main(count: int) -> None:
    rates: dict[tuple[str, str], float] = {}
    for kind in ("csv", "xlsx"):
        for road in ("import", "read again"):
            # A process has one home: each measurement has a process of its own.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
                spent, memory = alone.submit(measured, kind, road, count).result()
            rates[kind, road] = count / spent
            print(
                f"{kind:<4} {road:<10} {spent:7.1f} s  {count / spent:7,.0f} rows a second, peak {memory:.0f} MB"
            )
    for road in ("import", "read again"):
        ratio = rates["xlsx", road] / rates["csv", road]
        print(f"{road}: the workbook at {ratio:.2f} of the CSV's rate (wanted: 0.5)")


def measured(kind: str, road: str, count: int) -> tuple[float, float]:
    """Seconds for one file by one road, and the process's peak memory in MB."""
    with throw_away_home() as folder:
        file = folder / f"made-up.{kind}"
        _write(file, count)
        if road == "import":
            _know_the_map()
            return _import(file), peak_memory()
        return _held_then_read(file), peak_memory()


def made_up_rows(count: int, seed: int = 1) -> Iterator[list[Any]]:
    """Fictional rows. A thousand telephone numbers are reserved for fiction, so later rows have none."""
    chance = random.Random(seed)
    for n in range(count):
        born = START.replace(year=1960 + n % 40, month=1 + n % 12, day=1 + n % 28).date()
        yield [
            f"R-{n}", f"Alan Made{n}", born, f"07700 900{n:03d}" if n < 1000 else "", f"person{n}@mail.example",
            f"203.0.113.{chance.randint(1, 254)}", chance.randint(1024, 65535), START + timedelta(minutes=n),
            "Fictional Chat", chance.choice(["viewed", "shared", "groomed"]), "made up",
        ]  # fmt: skip


def _write(file: Path, count: int) -> None:
    if file.suffix == ".csv":
        with file.open("w", newline="", encoding="utf-8") as sink:
            writer = csv.writer(sink)
            writer.writerow(HEADER)
            writer.writerows(made_up_rows(count))
        return
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Referrals")
    sheet.append(HEADER)
    for row in made_up_rows(count):
        sheet.append(row)
    book.save(file)


def _know_the_map() -> None:
    from threshold.home import Home

    (Home.current().maps / "made-up.yaml").write_text(MAP, encoding="utf-8")


def _import(file: Path) -> float:
    from threshold.acts.access import actor_by_name
    from threshold.intake.queries import maps_in_force
    from threshold.journey import importing

    actor = actor_by_name("demo")
    assert actor is not None
    maps = maps_in_force()
    started = time.perf_counter()
    receipt = importing.take_in(actor, importing.files_under([file]), maps, keep_told=False, ahead=True)
    spent = time.perf_counter() - started
    assert receipt.counts == ({"registered": receipt.received} if maps else {"held": 1}), receipt.counts
    return spent


def _held_then_read(file: Path) -> float:
    """Held without a map, tried on the page's first thousand rows, then read again with the map."""
    from threshold.acts.access import actor_by_name
    from threshold.acts.db import one
    from threshold.intake import map_making
    from threshold.intake import queries as intake
    from threshold.journey import mapping

    _import(file)
    row, actor = one("select max(id) as id from delivery"), actor_by_name("demo")
    assert row is not None
    assert actor is not None
    found = intake.standing_delivery(row.id)
    _know_the_map()
    known = intake.maps_in_force()[0]
    for tried in ("first", "again"):
        started = time.perf_counter()
        table = mapping.table_of(found, None)
        shown = time.perf_counter() - started
        answers = map_making.answers_from(known, table.sample.header(known.header_rows))
        trial = mapping.try_map(table, answers)
        spent = time.perf_counter() - started
        print(
            f"{file.suffix[1:]:<4} trial {tried}: first rows {shown:.2f} s, with {trial.entries:,} rows tried "
            f"{spent:.2f} s (wanted: under 2)"
        )
    started = time.perf_counter()
    counts = mapping.read_again(actor, found)
    assert counts["registered"] == counts.total(), counts
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
