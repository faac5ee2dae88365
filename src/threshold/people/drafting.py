"""From a mention as read to the rows it will become. Pure: numbers are given out later, under the lock."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from threshold.intake.reading import Activity, Connection, Identifier, ReadMention, ReadReport
from threshold.people import evidence, normalise

Row = tuple[Any, ...]


class DraftMention(NamedTuple):
    """One mention ready to be written; the rows lack only their numbers."""

    role: str
    place: str
    batched: bool
    compromised: bool
    identifiers: tuple[Row, ...]
    connections: tuple[Row, ...]
    activities: tuple[Row, ...]
    link_keys: tuple[evidence.LinkKey, ...]


def draft_mention(report: ReadReport, mention: ReadMention) -> DraftMention:
    keys = evidence.keys_of(report.sender, mention)
    strong = evidence.strong_identifiers(mention, keys)
    rows = [_identifier_row(i, key) for i, key in zip(mention.identifiers, keys, strict=True)]
    rows += [_birth_row(s, mention) for s in strong if s.kind == "name_dob"]
    return DraftMention(
        mention.role,
        mention.place,
        report.batched,
        mention.compromised,
        tuple(rows),
        tuple(_connection_row(c) for c in mention.connections),
        tuple(_activity_row(a) for a in mention.activities),
        tuple(evidence.report_link_keys(report, mention, strong)),
    )


def _identifier_row(i: Identifier, key: str | None) -> Row:
    return (i.kind, i.received, i.service, key, _folded(i.received), i.verified, i.origin, i.place)


def _birth_row(strong: evidence.Strong, mention: ReadMention) -> Row:
    """Name and date of birth together, as the one identifier that they make."""
    born = strong.key.rpartition("|")[2]
    name = next(
        i
        for i in mention.identifiers
        if i.kind == "name" and normalise.name_and_birth(i.received, date.fromisoformat(born)) == strong.key
    )
    received = f"{name.received}, born {born}"
    return ("name_dob", received, "", strong.key, _folded(received), strong.verified, name.origin, name.place)


def _folded(received: str) -> str:
    """What a search compares; cut to what an index can hold, which no honest identifier reaches."""
    return normalise.fold(received)[:500]


def _connection_row(c: Connection) -> Row:
    read = normalise.connection(c.address, c.port, c.at.utc if c.at else None, c.at.problem if c.at else None)
    return (
        c.address,
        read.key,
        c.port,
        read.port,
        c.at.received if c.at else None,
        c.at.utc if c.at else None,
        c.event,
        c.possible_proxy,
        read.unfit,
        c.place,
    )


def _activity_row(a: Activity) -> Row:
    grades = [
        {"model": g.model, "grade": g.grade, "count": g.count, "confirmed": g.confirmed} for g in a.grades
    ]
    return (
        a.kind,
        a.at.received if a.at else None,
        a.at.utc if a.at else None,
        a.at.problem if a.at else None,
        a.words,
        grades,
        a.place,
    )
