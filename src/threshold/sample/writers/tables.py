"""Tables, in the layouts of ``sample/maps``: an agency's packages, and a hotline's list."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass

from threshold.sample.telling import Described, Report, twelve, uk_table_time

Row = list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as its map describes it."""

    header: tuple[str, ...]
    delimiter: str
    byte_order_mark: bool
    roles: tuple[str, ...]
    row: Callable[[random.Random, Report], Row]
    reference: Callable[[Report], str]


def _package_reference(told: Report) -> str:
    return f"EX-{told.at.year}-{told.reference}"


def _package(chance: random.Random, told: Report) -> Row:
    who = told.reported[0]
    child = next((each for each in told.people if each.role == "harmed"), None)
    seen = who.seen[0] if who.seen else None
    house, town, postcode = who.address or ("", "", "")
    born = ""
    if who.born:
        year, *rest = who.born.split("-")
        born = "/".join([*reversed(rest), year]) if rest else who.born
    return [
        _package_reference(told),
        f"EX-P-{int(told.reference) // 3}",
        chance.choice(("A", "B", "C", "C", "")),
        "1" if told.urgent else chance.choice(("2", "3", "3")),
        f"{told.at.day:02d}/{told.at.month:02d}/{told.at.year}",
        told.done,
        told.company.service,
        who.account.name if who.account else "",
        who.emails[0][0] if who.emails else "",
        who.phones[0][0] if who.phones else "",
        *who.name,
        born,
        house,
        town,
        postcode,
        seen.ip if seen else "",
        str(seen.port or "") if seen else "",
        uk_table_time(chance, seen.at) if seen else "",
        who.lives_with_children,
        chance.choice(("", "", "no", "unknown", "yes")),
        chance.choice(("", "", "no trace", "unknown")),
        child.name[0] if child else "",
        child.age if child else "",
        told.words,
        "",
    ]


def _hotline_reference(told: Report) -> str:
    return f"HL{told.reference}"


def _hotline(chance: random.Random, told: Report) -> Row:
    who = told.reported[0]
    at = told.at
    # Month first, on a 12-hour clock, now and then without saying which half of the day; never a zone.
    when = f"{at.month:02d}/{at.day:02d}/{at.year} {twelve(at, half=chance.random() < 0.9)}"
    return [
        _hotline_reference(told),
        when,
        "site" if told.done == "viewed" else "profile",
        told.company.service,
        who.screen_name,
        who.emails[0][0] if who.emails else "",
        who.age,
        told.words,
    ]


PACKAGES = Layout(
    (
        "Report ref", "Package ref", "Covering grade", "Priority", "Activity date", "What was done", "Service",
        "Account", "Account e-mail", "Telephone", "Given name", "Surname", "Date of birth", "House", "Town",
        "Postcode", "IP address", "Port", "IP date and time", "Lives with children", "Works with children",
        "Earlier conviction", "Child first name", "Child age", "Remarks", "File MD5",
    ),
    ",",
    True,
    ("reported", "harmed"),
    _package,
    _package_reference,
)  # fmt: skip
HOTLINE = Layout(
    ("Ref", "Seen at", "Seen on", "Platform", "User name", "Contact e-mail", "Age given", "Details"),
    ";",
    False,
    ("reported",),
    _hotline,
    _hotline_reference,
)
# By road: a workbook has the columns of the packages.
LAYOUTS = {"packages": PACKAGES, "hotline": HOTLINE, "workbook": PACKAGES}


def fits(layout: Layout, told: Report) -> bool:
    """Whether a row can hold everybody in a report (and a harmed child says something)."""
    others = [each for each in told.people if each.role != "reported"]
    if told.only_xml or len(told.reported) != 1 or len(others) > 1:
        return False
    return all(
        each.role in layout.roles and not each.account and bool(each.name[0] or each.age) for each in others
    )


def places(told: Report, row: str) -> list[tuple[Described, str]]:
    """Where each person stands in a row such as ``row 2``."""
    return [(each, f"{row}, {each.role}") for each in told.people]


def written(layout: Layout, rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=layout.delimiter, lineterminator="\r\n")
    writer.writerow(layout.header)
    writer.writerows(rows)
    return (b"\xef\xbb\xbf" if layout.byte_order_mark else b"") + text.getvalue().encode("utf-8")
