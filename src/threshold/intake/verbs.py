"""Writes of the intake room: deliveries as they came, entries with what became of them, reports.

Everything here runs inside an act that the caller has opened; ``journey`` composes the whole way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import as_json, claim_rows, retract_rows
from threshold.intake.drafting import PART, DraftDelivery, DraftEntry, DraftReport
from threshold.intake.maps import Map, read_map
from threshold.intake.queries import A_ROW, WANTS_A_MAP

# The space of advisory locks by which a process keeps a delivery to itself (see ``hold``).
_READING = 3

_DELIVERY = [
    "name",
    "folder",
    "road",
    "format",
    "received_at",
    "sha256",
    "length",
    "cuts",
    "note",
    "same_as",
    "parts",
    "history",
]
_MENDING = ["earlier", "later", "kind", "changes", "reason"]
_ENTRY = ["delivery", "place", "state", "reason", "field", "report", "waits_for", "content_key"]
_REPORT = [
    "delivery",
    "place",
    "sender",
    "service",
    "reference",
    "package",
    "batched",
    "urgency",
    "incident",
    "words",
    "happened_text",
    "happened_at",
    "clearing_house_text",
    "clearing_house_at",
    "agency_text",
    "agency_at",
    "history",
    "sender_keeps_until",
    "received_at",
    "unknown",
    "content_key",
    "again",
]


def earlier_deliveries(drafts: Sequence[DraftDelivery]) -> list[Any | None]:
    """For each draft a standing delivery of the same bytes read the same way (id, received_at, complete), or None.

    The first that was read to its end, if any was.
    """
    digests = [bytes.fromhex(d.cut.sha256_of_container) for d in drafts if d.cut.sha256_of_container]
    rows = query(
        """select d.id, d.sha256, d.format, d.received_at,
                  exists (select from delivery_read r where r.delivery = d.id and r.retracted_by is null) as complete
           from delivery d where d.sha256 = any(%s) and d.same_as is null and d.retracted_by is null
           order by complete, d.id desc""",
        [digests],
    )
    known = {(bytes(row.sha256).hex(), row.format): row for row in rows}
    return [known.get((d.cut.sha256_of_container or "", d.format)) for d in drafts]


def hold(delivery: int) -> bool:
    """Keep a delivery that is not yet read to its end to this process; False: another one is reading it.

    Lasts until ``release``, or until the process is gone.
    """
    row = one("select pg_try_advisory_lock(%s, %s) as held", [_READING, delivery % 2**31])
    assert row is not None
    return bool(row.held)


def release(delivery: int) -> None:
    one("select pg_advisory_unlock(%s, %s)", [_READING, delivery % 2**31])


def record_deliveries(
    opened: OpenAct, drafts: Sequence[tuple[DraftDelivery, datetime, int | None]]
) -> list[int]:
    """Record that files came: each draft, when the force had it, and the delivery that kept the same bytes (or None).

    The bytes are kept with ``keep_parts``.
    """
    return list(claim_rows(opened, "delivery", _DELIVERY, (_delivery_row(*draft) for draft in drafts)))


def _delivery_row(draft: DraftDelivery, received_at: datetime, same_as: int | None) -> tuple[Any, ...]:
    digest = draft.cut.sha256_of_container
    cuts = [{"offset": c.offset, "kind": c.kind, "length": c.length} for c in draft.cut.cuts]
    return (
        draft.name,
        draft.folder,
        draft.road,
        draft.format,
        received_at,
        bytes.fromhex(digest) if digest else None,
        draft.cut.length,
        as_json(cuts),
        draft.note,
        same_as,
        0 if same_as else draft.parts,
        draft.history or None,
    )


def parts_of(cleaned: str, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """The stretches of a cleaned file, numbered, from number ``start`` on."""
    with Path(cleaned).open("rb") as stream:
        stream.seek(start * PART)
        position = start
        while content := stream.read(PART):
            yield position, content
            position += 1


def keep_parts(opened: OpenAct, parts: Iterable[tuple[int, int, bytes]]) -> None:
    """Keep stretches of deliveries: delivery, position, content."""
    claim_rows(opened, "delivery_part", ["delivery", "position", "content"], parts)


def parts_kept(delivery: int) -> int:
    row = one(
        "select count(*) as n from delivery_part where delivery = %s and retracted_by is null", [delivery]
    )
    assert row is not None
    return int(row.n)


def write_reports(
    opened: OpenAct, reports: Sequence[tuple[int, DraftReport, bytes, datetime, bool]]
) -> range:
    """Write reports, each with its delivery, content key and the time the force received it; and whether it is
    a later version that goes back to what an earlier one said."""
    return claim_rows(
        opened,
        "report",
        _REPORT,
        (
            (
                delivery,
                *report.row,
                received_at,
                as_json([{"path": path, "text": text} for path, text in report.unknown]),
                key,
                again or None,
            )
            for delivery, report, key, received_at, again in reports
        ),
    )


def write_entries(opened: OpenAct, entries: Iterable[tuple[int, DraftEntry]]) -> None:
    claim_rows(
        opened,
        "intake_entry",
        _ENTRY,
        (
            (delivery, e.place, e.state, e.reason, e.field, e.report, e.waits_for, e.content_key)
            for delivery, e in entries
        ),
    )


def finish_reading(
    opened: OpenAct, deliveries: Iterable[tuple[int, int]], read_by: str | None = None
) -> None:
    """These deliveries were read to their end: each with the number of entries found, and by which map, read again."""
    rows = ((delivery, received, read_by) for delivery, received in deliveries)
    claim_rows(opened, "delivery_read", ["delivery", "received", "read_by"], rows)


def settle_by_reading(opened: OpenAct, delivery: int) -> None:
    """A table was just read with a map: what the same file held for want of one, when it came before, is settled.

    Those entries, and the duplicates that repeat them, make room for what this delivery has in their stead; each
    is a duplicate that names it.
    """
    waiting = query(
        """select o.id, r.id as read, r.read_by, array_agg(e.id) as entries
           from delivery d
           join delivery o on o.sha256 = d.sha256 and o.id <> d.id and o.retracted_by is null
           join delivery_read r on r.delivery = o.id and r.retracted_by is null
           join intake_entry e on e.delivery = o.id and e.retracted_by is null and e.place !~ %(row)s
                and ((e.state = 'held' and e.field = any(%(f)s)) or (e.state = 'duplicate' and e.report is null))
           where d.id = %(d)s and not exists (select from intake_entry now where now.delivery = d.id
                                              and now.place = e.place and now.retracted_by is null)
           group by o.id, r.id, r.read_by order by o.id""",
        {"d": delivery, "f": list(WANTS_A_MAP), "row": A_ROW},
    )
    if not waiting:
        return
    read = _as_duplicates(delivery, "the same file was read with a map as delivery")
    for came in waiting:
        retract_rows(opened, "intake_entry", came.entries)
        retract_rows(opened, "delivery_read", [came.read])
        there = places_recorded(came.id)
        instead = [entry for entry in read if not there[entry.place]]
        write_entries(opened, ((came.id, entry) for entry in instead))
        finish_reading(opened, [(came.id, there.total() + len(instead))], came.read_by)


def begin_again(opened: OpenAct, delivery: int) -> bool:
    """Take back what a delivery held for want of a map, and that it was read to its end; whether anything was."""
    rows = query(
        """select 'intake_entry' as kind, id from intake_entry
           where delivery = %(d)s and state = 'held' and field = any(%(f)s) and place !~ %(row)s
             and retracted_by is null
           union all select 'delivery_read', id from delivery_read
           where delivery = %(d)s and retracted_by is null""",
        {"d": delivery, "f": list(WANTS_A_MAP), "row": A_ROW},
    )
    for kind in ("intake_entry", "delivery_read"):
        retract_rows(opened, kind, [row.id for row in rows if row.kind == kind])
    return bool(rows)


def save_map(opened: OpenAct, name: str, write: Callable[[str], str]) -> Map:
    """Save the next version of a map. ``write`` gives its text for a version.

    The versions before it stay; one with the very same columns on the same sheet is superseded.
    """
    rows = query("select id, version, text, retracted_by from sender_map where name = %s", [name])
    numbers = [int(row.version) for row in rows if row.version.isdecimal()]
    text = write(str(max(numbers, default=0) + 1))
    made = read_map(text, name)
    before = [row.id for row in rows if row.retracted_by is None and read_map(row.text).layout == made.layout]
    retract_rows(opened, "sender_map", before)
    row = (made.name, made.version, text, as_json(list(made.header)))
    opened.body["map"] = claim_rows(opened, "sender_map", ["name", "version", "text", "columns"], [row])[0]
    return made


def entries_repeated(earlier: int) -> list[DraftEntry]:
    """The same bytes came again: each entry is a duplicate of the one recorded before."""
    return _as_duplicates(earlier, "the same file came before as delivery")


def _as_duplicates(delivery: int, told: str) -> list[DraftEntry]:
    """The entries of a delivery as another one of the same bytes repeats them."""
    rows = query(
        """select place, state, report from intake_entry where delivery = %s and retracted_by is null
           order by id""",
        [delivery],
    )
    return [
        DraftEntry(
            r.place,
            "duplicate",
            f"{told} {delivery}; its entry there is {r.state}",
            report=r.report,
        )
        for r in rows
    ]


def places_recorded(delivery: int) -> Counter[str]:
    """Places of a delivery that already have their entry (reading goes on after them), and how many."""
    rows = query("select place from intake_entry where delivery = %s and retracted_by is null", [delivery])
    return Counter(row.place for row in rows)


def unsettled(delivery: int) -> int:
    """How many entries of a delivery are held or refused, or repeat one that is."""
    row = one(
        """select count(*) as n from intake_entry where delivery = %s and retracted_by is null
           and (state in ('held', 'refused') or report is null)""",
        [delivery],
    )
    assert row is not None
    return int(row.n)


def known_reports(keys: Sequence[bytes]) -> dict[bytes, Any]:
    """Which of these content keys are registered: the last report with each (id, delivery), and whether a later
    version stands in its place (superseded)."""
    rows = query(
        """select distinct on (r.content_key) r.content_key, r.id, r.delivery,
                  exists (select from report_version v where v.earlier = r.id and v.retracted_by is null)
                      as superseded
           from report r where r.content_key = any(%s) and r.retracted_by is null
           order by r.content_key, r.id desc""",
        [list(keys)],
    )
    return {bytes(row.content_key): row for row in rows}


def same_bytes(one_delivery: int, other: int) -> bool:
    """Whether two deliveries are one file that came twice."""
    row = one(
        "select a.sha256 = b.sha256 as same from delivery a, delivery b where a.id = %s and b.id = %s",
        [one_delivery, other],
    )
    return bool(row and row.same)


def speaks_of(delivery: int, report: int) -> bool:
    """Whether an entry of a delivery that is recorded already is this report, or repeats it."""
    return (
        one(
            "select id from intake_entry where delivery = %s and report = %s and retracted_by is null limit 1",
            [delivery, report],
        )
        is not None
    )


def known_additions(keys: Sequence[bytes]) -> dict[bytes, int]:
    """Which of these content keys were already added, and to which report."""
    rows = query(
        """select content_key, report from intake_entry
           where content_key = any(%s) and state = 'registered' and retracted_by is null""",
        [list(keys)],
    )
    return {bytes(row.content_key): row.report for row in rows}


def reports_by_reference(references: Sequence[str]) -> list[Any]:
    """Registered reports with these references, in their current versions (each a ``Host``)."""
    return query(
        """select r.id, r.reference, r.sender, r.batched, r.received_at, r.delivery, r.clearing_house_at,
                  r.content_key, coalesce(r.history, false) as history
           from report r where r.reference = any(%s) and r.retracted_by is null
             and not exists (select from report_version v where v.earlier = r.id and v.retracted_by is null)
           order by r.id""",
        [list(references)],
    )


def write_versions(opened: OpenAct, pairs: Iterable[tuple[int, int]]) -> None:
    """Record that reports came again with other content: the number of the earlier and of the later."""
    claim_rows(opened, "report_version", ["earlier", "later"], pairs)


class WrongReport(Exception):
    """There is no such report, or it cannot be changed so. ``str()`` says why and what to do."""


def withdraw_report(opened: OpenAct, report: int, source: str, words: str, as_of: datetime) -> None:
    """Record that its sender withdrew a report. The report stays, and what it said still counts.

    :raises WrongReport: no such report, no source, or already withdrawn
    """
    if not source.strip():
        raise WrongReport("Say who told you that the report is withdrawn: it needs a source.")
    if one("select id from report where id = %s and retracted_by is null", [report]) is None:
        raise WrongReport(f"There is no report {report}.")
    if one("select id from withdrawal where report = %s and retracted_by is null", [report]):
        raise WrongReport(f"Report {report} is already marked as withdrawn.")
    row = (report, source.strip(), words.strip(), as_of)
    claim_rows(opened, "withdrawal", ["report", "source", "words", "as_of"], [row])


class Host(Protocol):
    """A registered report that something can be added to."""

    id: int
    reference: str | None
    sender: str
    batched: bool
    received_at: datetime


def report_by_key(key: bytes) -> Any:
    """The registered report with this content (a ``Host``), or None."""
    return one(
        """select id, reference, sender, batched, received_at from report
           where content_key = %s and retracted_by is null order by id desc limit 1""",
        [key],
    )


def key_of_report(report: int) -> bytes | None:
    """The content by which a registered report is known."""
    row = one("select content_key from report where id = %s and retracted_by is null", [report])
    return bytes(row.content_key) if row else None


def waited_long_enough() -> list[Any]:
    """Held additions whose report is here now, with when the force had them."""
    return query(
        """select e.id, e.delivery, e.place, d.name, d.folder, d.received_at
           from intake_entry e join delivery d on d.id = e.delivery
           where e.waits_for is not null and e.state = 'held' and e.retracted_by is null
             and exists (select from report r where r.reference = e.waits_for and r.retracted_by is null)
           order by e.id"""
    )


def supersede_entry(opened: OpenAct, entry: int) -> bool:
    """Take back an entry that is about to be recorded anew for the same place; False: somebody already did."""
    return retract_rows(opened, "intake_entry", [entry]) == 1


def write_mending(
    opened: OpenAct, earlier: int, kind: str, changes: Sequence[dict[str, str | None]], reason: str
) -> int:
    """Record what an officer did with a held entry; the entry that this act recorded in its stead."""
    later = one("select id from intake_entry where asserted_by = %s", [opened.id])
    assert later is not None
    claim_rows(opened, "mending", _MENDING, [(earlier, later.id, kind, as_json(list(changes)), reason)])
    return int(later.id)
