"""The truth beside the deliveries: who everybody is, what is whose, and what becomes of each entry."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from threshold.sample.telling import Described
from threshold.sample.world import Person

TABLES = {
    "people": ("person", "household", "first", "last", "born", "route", "harmed", "story"),
    "identifiers": ("person", "household", "kind", "service", "value", "whose"),
    "entries": (
        "file",
        "place",
        "road",
        "reference",
        "is_a",
        "of_file",
        "of_place",
        "expected",
        "later_version",
    ),
    "mentions": ("file", "place", "role", "person", "service", "account", "age_said", "planted"),
}


class Truth:
    """Four tables, written as the sample grows. ``docs/sample.md`` describes each column."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Truth:
        self.folder.mkdir(parents=True)
        self.open = ExitStack()
        self.tables = {}
        for name, columns in TABLES.items():
            file = self.open.enter_context(
                (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="")
            )
            self.tables[name] = csv.writer(file, lineterminator="\n")
            self.tables[name].writerow(columns)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open.close()

    def person(self, each: Person) -> None:
        home = each.household.number
        harmed = "yes" if each.harmed else "no"
        self.tables["people"].writerow(
            (each.number, home, each.first, each.last, each.born.isoformat(), each.route, harmed, each.story)
        )
        own = [("account", account.company.service, account.name) for account in each.accounts]
        own += [("email", "", each.email), ("phone", "", each.phone), ("device", "", each.device)]
        rows = [(each.number, home, kind, service, value, "own") for kind, service, value in own if value]
        rows.append((each.number, home, "connection", "", each.household.ip, "household"))
        rows.append((each.number, home, "address", "", ", ".join(each.household.address), "household"))
        if each.story == "family":
            rows.append((each.number, home, "device", "", each.household.device, "household"))
        self.tables["identifiers"].writerows(rows)

    def entry(self, *columns: str) -> None:
        self.tables["entries"].writerow(columns)

    def mentions(self, file: str, found: Iterable[tuple[Described, str]]) -> None:
        self.tables["mentions"].writerows(
            (
                file,
                place,
                each.role,
                each.person.number,
                each.account.company.service if each.account else "",
                each.account.name if each.account else "",
                each.age_said,
                each.planted,
            )
            for each, place in found
        )

    def reporter(self, file: str, place: str, company: str) -> None:
        """Somebody who works for the sender: none of the people."""
        self.tables["mentions"].writerow((file, place, "reporter", f"staff of {company}", "", "", "", ""))
