"""From stories to files: a folder a deck, in it what comes first and what comes later, and the truth beside.

Everything is drawn from one ``random.Random(seed)`` in one order, so the same seed and number give the same bytes.
One deck is held in memory at a time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from threshold.sample import frequencies as often
from threshold.sample.stories import Stories
from threshold.sample.telling import Report, Teller
from threshold.sample.truth import Truth
from threshold.sample.world import World, pick
from threshold.sample.writers import archives, ispws, police_json, tables

START = date(2026, 1, 5)
DAYS = 360  # the decks are spread over as many days from the start
PER_FOLDER = 100
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUMBERED = ("talk", "export", *tables.LAYOUTS)  # roads on which a report has a reference


class NotEmpty(Exception):
    """The folder to write into holds something already."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not empty: name a folder that is, or that does not exist yet.")


@dataclass(slots=True)
class Sending:
    """A report on its way by one road. ``content`` is rendered once, so that a resend can be the very same."""

    report: Report
    road: str
    content: Any
    is_a: str = "new"
    of: Sending | None = None
    mark: bool = False  # begins with a byte-order mark
    file: str = ""
    place: str = ""

    @property
    def is_duplicate(self) -> bool:
        return self.is_a in ("same bytes", "same report")

    @property
    def is_later_version(self) -> bool:
        """A report is known as a version of another where both have the sender's reference."""
        return self.of is not None and not self.is_duplicate and self.of.road in NUMBERED


def write_sample(
    out: Path,
    people: int,
    seed: int,
    start: date = START,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write fictional deliveries about so many people into ``out/deliveries``, and the truth into ``out/truth``.

    ``progress`` is told now and then how many people there are.

    :raises NotEmpty: there is something in ``out``
    """
    if out.exists() and any(out.iterdir()):
        raise NotEmpty(out)
    chance = random.Random(seed)
    world = World(chance, people)
    stories = Stories(world, Teller(chance))
    first_day = datetime.combine(start, time(12), UTC)
    with Truth(out / "truth") as truth:
        number = 0
        while world.left:
            today = first_day + timedelta(days=DAYS * world.people // people)
            folder = out / "deliveries" / f"{number // PER_FOLDER:03d}" / f"{number % PER_FOLDER:02d}"
            _Deck(chance, stories, truth, out / "deliveries", folder, number).write(today)
            number += 1
            if progress:
                progress(world.people)


class _Deck:
    """A hundred stories, or as many as there are people for, and the files that come of them."""

    def __init__(
        self, chance: random.Random, stories: Stories, truth: Truth, root: Path, folder: Path, number: int
    ) -> None:
        self.chance = chance
        self.stories = stories
        self.truth = truth
        self.root = root
        self.folder = folder
        self.number = number

    def write(self, today: datetime) -> None:
        names = [name for name, count in often.STORIES.items() for _ in range(count)]
        self.chance.shuffle(names)
        reports: list[Report] = []
        for name in names:
            if not self.stories.world.left:
                break
            met, told = self.stories.tell(name, today)
            reports += told
            for person in met:
                self.truth.person(person)
        first = [self._sent(each) for each in reports]
        later = [again for sent in first for again in self._later(sent)]
        self._wave(self.folder / "1-first", first)
        self._faults(self.folder / "1-first" / "faults")
        self._wave(self.folder / "2-later", later)

    # --- what is sent

    def _sent(self, report: Report, road: str | None = None, **more: Any) -> Sending:
        road = road or self._road(report)
        return Sending(report, road, self._rendered(report, road), **more)

    def _road(self, report: Report) -> str:
        road = pick(self.chance, often.ROADS)
        if road in tables.LAYOUTS and not tables.fits(tables.LAYOUTS[road], report):
            road = "export"
        return "talk" if road == "export" and report.only_xml else road

    def _rendered(self, report: Report, road: str) -> Any:
        if road == "export":
            return police_json.report(self.chance, report)
        if road in tables.LAYOUTS:
            return tables.LAYOUTS[road].row(self.chance, report)
        return ispws.report(self.chance, report)

    def _later(self, sent: Sending) -> list[Sending]:
        """What comes of a report afterwards: mostly nothing."""
        fate = self.chance.random()
        report = sent.report
        if (fate := fate - often.RESENT_SAME_BYTES) < 0:
            if sent.road not in ("file", "talk"):
                return [replace(sent, is_a="same report", of=sent)]
            return [replace(sent, is_a="same bytes", of=sent)]
        if (fate := fate - often.RESENT_IN_ANOTHER_FILE) < 0:
            road = "together" if sent.road == "file" else sent.road
            return [] if road == "talk" else [replace(sent, road=road, is_a="same report", of=sent)]
        if (fate := fate - often.CORRECTED) < 0 and sent.road in NUMBERED:
            changed = replace(report, words=f"{report.words} Corrected by the sender.".strip(), version=2)
            return [self._sent(changed, sent.road, is_a="correction", of=sent)]
        by_two_roads = sent.road in ("talk", "export", "file") and not report.only_xml
        if fate - often.BY_A_SECOND_ROAD < 0 and by_two_roads:
            road = "talk" if sent.road == "export" else "export"
            return [self._sent(report, road, is_a="second road", of=sent)]
        return []

    # --- how it is written

    def _wave(self, folder: Path, sendings: Sequence[Sending]) -> None:
        by_road: dict[str, list[Sending]] = {}
        for sent in sendings:
            by_road.setdefault(sent.road, []).append(sent)
        folder.mkdir(parents=True)
        for number, sent in enumerate(by_road.get("file", ()), 1):
            if sent.of is None:
                sent.mark = self.chance.random() < often.BYTE_ORDER_MARK
            path = folder / f"{number:03d}.xml"
            path.write_bytes((BYTE_ORDER_MARK if sent.mark else b"") + _document(sent.content))
            self._note(sent, path, "/report")
        self._together(folder / "several.xml", by_road.get("together", ()))
        for number, sent in enumerate(by_road.get("talk", ()), 1):
            self._talk(folder / f"talk-{number:03d}", sent)
        self._export(folder / "export.json", by_road.get("export", ()))
        self._zip(folder / "sent.zip", by_road.get("zip", ()))
        self._packages(folder / "packages.csv", by_road.get("packages", ()))
        self._hotline(folder / "hotline.csv", by_road.get("hotline", ()))
        self._workbook(folder / "packages.xlsx", by_road.get("workbook", ()))

    def _together(self, path: Path, sendings: Sequence[Sending]) -> None:
        if not sendings:
            return
        path.write_bytes(_document(f"<reports>{''.join(sent.content for sent in sendings)}</reports>"))
        for number, sent in enumerate(sendings, 1):
            self._note(sent, path, f"/reports/report[{number}]")

    def _talk(self, folder: Path, sent: Sending) -> None:
        """A sender's conversation with the clearing house: report, answer, file details, receipt."""
        folder.mkdir()
        report = sent.report
        path = folder / "01_report.xml"
        path.write_bytes(_document(sent.content))
        self._note(sent, path, "/report")
        (folder / "02_answer.xml").write_bytes(_document(ispws.answer(report.reference)))
        # A correction says nothing of files; a resend says the same of them.
        for number, file in enumerate(report.files if sent.is_a != "correction" else (), 1):
            details = folder / f"03_file_{number}.xml"
            said = ispws.file_details(random.Random(int(file.number, 16)), report.reference, file)
            details.write_bytes(_document(said))
            state = "duplicate" if sent.is_duplicate else "registered"
            self._entry(details, "/fileDetails", sent.road, report.reference, "file details", state)
        (folder / "04_receipt.txt").write_text(f"id={report.reference}", encoding="ascii")
        (folder / "05_done.xml").write_bytes(_document(ispws.done(report.reference, report.files)))

    def _export(self, path: Path, sendings: Sequence[Sending]) -> None:
        if not sendings:
            return
        text = json.dumps([sent.content for sent in sendings], ensure_ascii=False, indent=1)
        mark = BYTE_ORDER_MARK if self.chance.random() < often.BYTE_ORDER_MARK else b""
        path.write_bytes(mark + text.encode("utf-8"))
        for number, sent in enumerate(sendings):
            self._note(sent, path, f"[{number}]")

    def _zip(self, path: Path, sendings: Sequence[Sending]) -> None:
        if not sendings:
            return
        members = {f"{number:03d}.xml": _document(sent.content) for number, sent in enumerate(sendings, 1)}
        path.write_bytes(archives.zipped(members))
        for name, sent in zip(members, sendings, strict=True):
            self._note(sent, path / name, "/report")

    def _packages(self, path: Path, sendings: Sequence[Sending]) -> None:
        if not sendings:
            return
        rows = self._rows(path, sendings, "row")
        if not sendings[0].of:
            for fault, row in self._faulty(rows[0]):
                rows.append(row)
                self._entry(path, f"row {len(rows) + 1}", "packages", "", f"fault: {fault}", "held")
        path.write_bytes(tables.written(tables.PACKAGES, rows))

    def _hotline(self, path: Path, sendings: Sequence[Sending]) -> None:
        if sendings:
            path.write_bytes(tables.written(tables.HOTLINE, self._rows(path, sendings, "row")))

    def _workbook(self, path: Path, sendings: Sequence[Sending]) -> None:
        if sendings:
            rows = self._rows(path, sendings, "sheet Packages, row")
            path.write_bytes(archives.workbook("Packages", [tables.PACKAGES.header, *rows]))

    def _rows(self, path: Path, sendings: Sequence[Sending], place: str) -> list[tables.Row]:
        for number, sent in enumerate(sendings, 2):
            self._note(sent, path, f"{place} {number}")
        return [sent.content for sent in sendings]

    def _faulty(self, row: tables.Row) -> list[tuple[str, tables.Row]]:
        """Rows that do not fit the map of packages."""
        unlisted, month_first = list(row), list(row)
        unlisted[0], month_first[0] = f"EX-F-{self.number}-1", f"EX-F-{self.number}-2"
        unlisted[tables.PACKAGES.header.index("Lives with children")] = "perhaps"
        month_first[tables.PACKAGES.header.index("Activity date")] = "01/31/2026"
        return [
            ("a value that is not listed", unlisted),
            ("a date with the month first", month_first),
            ("a short row", row[:3]),
        ]

    def _faults(self, folder: Path) -> None:
        """What is planted to be refused or held: one of each in a deck."""
        folder.mkdir()
        reference = self.stories.world.reference()
        one = "<personOrUserReported><espIdentifier>{}</espIdentifier></personOrUserReported>"
        summary = "<incidentSummary><incidentType>Misleading Domain Name</incidentType></incidentSummary>"
        two = "".join(one.format(f"fault-{self.number}-{n}") for n in (1, 2))
        faults = {
            "cut-off.xml": ("(document)", "refused", f"<report>{summary}<additionalInfo>{self.number}</addi"),
            "doctype.xml": (
                "(document)",
                "refused",
                f'<!DOCTYPE r [<!ENTITY a "{self.number}">]><report>&a;</report>',
            ),
            "nobody-s.xml": (
                "/fileDetails",
                "held",
                f"<fileDetails><reportId>{reference}</reportId></fileDetails>",
            ),
            "two-people.xml": ("/report", "held", f"<report>{summary}{two}</report>"),
        }
        for name, (place, state, text) in faults.items():
            path = folder / name
            path.write_bytes(_document(text))
            self._entry(path, place, "file", "", "fault", state)

    # --- the truth of it

    def _note(self, sent: Sending, path: Path, place: str) -> None:
        sent.file, sent.place = path.relative_to(self.root).as_posix(), place
        of = (sent.of.file, sent.of.place) if sent.of else ("", "")
        reference = sent.report.reference if sent.road in ("talk", "export") else ""
        if sent.road in tables.LAYOUTS:
            reference = tables.LAYOUTS[sent.road].reference(sent.report)
        version = "yes" if sent.is_later_version else "no"
        state = "duplicate" if sent.is_duplicate else "registered"
        self.truth.entry(sent.file, place, sent.road, reference, sent.is_a, *of, state, version)
        if sent.is_duplicate:
            return
        if sent.road == "export":
            found = police_json.places(sent.report, place)
        elif sent.road in tables.LAYOUTS:
            found = tables.places(sent.report, place)
        else:
            found = ispws.places(sent.report, place)
            self.truth.reporter(sent.file, f"{place}/reporter/reportingPerson", sent.report.company.name)
        self.truth.mentions(sent.file, found)

    def _entry(self, path: Path, place: str, road: str, reference: str, is_a: str, state: str) -> None:
        file = path.relative_to(self.root).as_posix()
        self.truth.entry(file, place, road, reference, is_a, "", "", state, "no")


def _document(text: str) -> bytes:
    return (ispws.DECLARATION + text).encode("utf-8")
