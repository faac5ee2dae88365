"""Deliveries, entries and reports ready to be written, and the key by which a report is known again. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from threshold.intake.media import CutResult
from threshold.intake.reading import Kept, Moment, ReadAddition, ReadReport

# A delivery is kept in stretches of this many bytes.
PART = 256 * 1024


class DraftDelivery(NamedTuple):
    """A file ready to be recorded: where its cleaned copy lies, and what was cut from it."""

    name: str
    folder: str
    road: str
    format: str
    cleaned: str
    cut: CutResult
    note: str = ""
    history: bool = False

    @property
    def parts(self) -> int:
        size = Path(self.cleaned).stat().st_size
        return (size + PART - 1) // PART


class DraftEntry(NamedTuple):
    """What became of one entry, ready to be recorded."""

    place: str
    state: str
    reason: str | None = None
    field: str | None = None
    report: int | None = None
    waits_for: str | None = None
    content_key: bytes | None = None


# Where it stood, what was worked out from the day of reading, and how it was brought make it no other report.
_NOT_CONTENT = {"place", "earliest", "latest", "day", "history", "sender_keeps_until"}


def content_key(entry: ReadReport | ReadAddition) -> bytes:
    """SHA-256 over everything that an entry says, wherever it stood in whichever file."""
    # What is only kept has its place in its path.
    kept = tuple(Kept(each.path.removeprefix(entry.place), each.text) for each in entry.unknown)
    entry = replace(entry, unknown=kept)
    return hashlib.sha256(repr(_plain(entry)).encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> Any:
    kind = value.__class__
    if kind is tuple:
        return [_plain(v) for v in value]
    content = _content_of(kind)
    return value if content is None else [_plain(v) for v in content(value)]


@lru_cache(maxsize=64)
def _content_of(kind: type[Any]) -> Any:
    """What takes the content out of values of this kind; None for those that are plain."""
    if not is_dataclass(kind):
        return None
    names = [f.name for f in fields(kind) if f.name not in _NOT_CONTENT]
    getter = attrgetter(*names)
    return getter if len(names) > 1 else lambda value: (getter(value),)


class DraftReport(NamedTuple):
    """A report ready to be written. ``row`` holds its columns from ``place`` to ``sender_keeps_until``."""

    place: str
    sender: str
    reference: str | None
    row: tuple[Any, ...]
    unknown: tuple[tuple[str, str], ...]
    clearing_house_at: datetime | None
    history: bool


class DraftAddition(NamedTuple):
    """An addition to the report with this reference."""

    place: str
    reference: str


def draft_report(report: ReadReport) -> DraftReport:
    unknown = tuple((kept.path, kept.text) for kept in report.unknown)
    reached = report.reached_clearing_house
    return DraftReport(
        report.place,
        report.sender,
        report.reference,
        _report_row(report),
        unknown,
        reached.utc if reached else None,
        report.history,
    )


def _report_row(report: ReadReport) -> tuple[Any, ...]:
    return (
        report.place,
        report.sender,
        report.service,
        report.reference,
        report.package,
        report.batched,
        report.urgency,
        report.incident,
        report.words,
        *_moment(report.happened),
        *_moment(report.reached_clearing_house),
        *_moment(report.reached_agency),
        # Null and not false: rows written before there was such a mark keep their digests.
        report.history or None,
        report.sender_keeps_until,
    )


def _moment(moment: Moment | None) -> tuple[Any, Any]:
    return (moment.received, moment.utc) if moment else (None, None)
