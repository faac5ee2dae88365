"""From prepared entries to registered ones, inside one act: reports, people, statements, links, bands.

For one entry or for thousands alike. What is known already is a duplicate; what a sender sent again with other
content is a later version of its report; what belongs to a report is added to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from threshold.acts.verbs import OpenAct
from threshold.cases import verbs as cases
from threshold.enquiries import verbs as enquiries
from threshold.enquiries.drafting import DraftStatement
from threshold.intake import verbs as intake
from threshold.intake.drafting import DraftAddition, DraftEntry, DraftReport
from threshold.intake.reading import Rejected
from threshold.journey.assessing import assess
from threshold.journey.reading_ahead import Prepared
from threshold.people import verbs as people
from threshold.people import versions

_Placed = tuple[int, datetime, Prepared]


def register(opened: OpenAct, placed: Sequence[_Placed]) -> list[tuple[int, DraftEntry]]:
    """Register prepared entries of deliveries, for one or for thousands; what became of each.

    ``placed`` names for each entry its delivery and when the force received it. One batch of n gives what n
    batches of one give, up to numbering.
    """
    sorted_out = sort_reports(placed)
    outcome = sorted_out.outcome
    numbers = intake.write_reports(
        opened,
        [(placed[n][0], _report(placed[n]), _key(placed[n]), placed[n][1]) for n in sorted_out.new],
    )
    reports = dict(zip(sorted_out.new, numbers, strict=True))
    first = {_key(placed[n]): number for n, number in reports.items()}
    written = _write_people(opened, placed, reports, sorted_out.versions)
    touched = _write_additions(opened, placed, outcome)
    for n, (_, _, prepared) in enumerate(placed):
        entry = prepared.entry
        if isinstance(entry, Rejected):
            outcome[n] = DraftEntry(entry.place, entry.state, entry.reason, entry.field)
        elif n in reports:
            outcome[n] = DraftEntry(entry.place, "registered", report=reports[n])
        elif n not in outcome:
            repeats = first[_key(placed[n])]
            outcome[n] = DraftEntry(entry.place, "duplicate", "the same report", report=repeats)
    result = [(placed[n][0], outcome[n]) for n in range(len(placed))]
    intake.write_entries(opened, result)
    linking = [*written.mentions, *written.unlinked, *touched]
    if linking:
        people.link_new(opened, linking)
        moved = people.regroup(opened, [*linking, *written.superseded])
        assess(opened, moved.subjects, moved.before)
    return result


def _report(placed: _Placed) -> DraftReport:
    entry = placed[2].entry
    assert isinstance(entry, DraftReport)
    return entry


def _key(placed: _Placed) -> bytes:
    key = placed[2].key
    assert key is not None
    return key


@dataclass
class _SortedOut:
    """``new`` are places of reports to be written; ``versions`` says which of them are later versions of what:
    a report that is registered, or another of the places."""

    outcome: dict[int, DraftEntry] = field(default_factory=dict)
    new: list[int] = field(default_factory=list)
    versions: dict[int, _Earlier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The current version of a report: registered with a number, or about to be, from a place in this batch."""

    delivery: int
    clearing_house_at: datetime | None
    history: bool
    number: int | None = None
    place: int | None = None


def sort_reports(placed: Sequence[_Placed]) -> _SortedOut:
    """Which reports are new, which are later versions; duplicates and contradictions get their outcome."""
    result = _SortedOut()
    reports = [n for n, p in enumerate(placed) if isinstance(p[2].entry, DraftReport)]
    known = intake.known_reports([_key(placed[n]) for n in reports])
    current = _current_versions(_report(placed[n]) for n in reports)
    seen: set[bytes] = set()
    for n in reports:
        report, key = _report(placed[n]), _key(placed[n])
        if key in known:
            result.outcome[n] = DraftEntry(report.place, "duplicate", "the same report", report=known[key])
            continue
        if key in seen:
            continue
        name = (report.sender, report.reference)
        earlier = current.get(name) if report.reference else None
        if earlier is not None:
            problem = _no_later_version(report, placed[n][0], earlier)
            if problem and not placed[n][2].later:
                result.outcome[n] = DraftEntry(report.place, "held", problem, "reference")
                continue
            result.versions[n] = earlier
        result.new.append(n)
        seen.add(key)
        if report.reference:
            current[name] = _Earlier(placed[n][0], report.clearing_house_at, report.history, place=n)
    return result


def _current_versions(reports: Iterable[DraftReport]) -> dict[tuple[str, str | None], _Earlier]:
    references = sorted({report.reference for report in reports if report.reference})
    return {
        (row.sender, row.reference): _Earlier(row.delivery, row.clearing_house_at, row.history, number=row.id)
        for row in intake.reports_by_reference(references)
    }


def _no_later_version(report: DraftReport, delivery: int, earlier: _Earlier) -> str | None:
    """Why a report with a reference that is taken is not simply the later version of that one."""
    other = f"report {earlier.number}" if earlier.number else "an earlier entry"
    same = f"{other} has the same reference {report.reference} from this sender, with other content"
    if earlier.delivery == delivery:
        return f"{same}, and came in the same delivery: compare the two, and decide which is current"
    if report.history and not earlier.history:
        return f"{same}, and comes as an old case: what is known of today is not replaced from history"
    then, now = earlier.clearing_house_at, report.clearing_house_at
    if then and now and now < then:
        return f"{same}, and a later time at the clearing house: this looks like an older version of it"
    return None


@dataclass
class _Written:
    """Mentions that were written, those of earlier versions, and those that lost a link through a later version."""

    mentions: list[int]
    superseded: list[int] = field(default_factory=list)
    unlinked: list[int] = field(default_factory=list)


def _write_people(
    opened: OpenAct,
    placed: Sequence[_Placed],
    reports: Mapping[int, int],
    later: Mapping[int, _Earlier],
) -> _Written:
    """Write the people of new reports with what is said of them; those of later versions supersede others."""
    persons = [(n, person) for n in reports for person in placed[n][2].people]
    numbers = people.write_mentions(opened, [(reports[n], person.draft) for n, person in persons])
    said: dict[int, list[tuple[int, DraftStatement]]] = {}
    for number, (n, person) in zip(numbers, persons, strict=True):
        said.setdefault(n, []).extend((number, statement) for statement in person.said)
    by_source: dict[tuple[str, datetime], list[tuple[int, DraftStatement]]] = {}
    for n in sorted(said.keys() - later.keys()):
        by_source.setdefault((_report(placed[n]).sender, placed[n][1]), []).extend(said[n])
    for (sender, received_at), statements in by_source.items():
        enquiries.write_statements(
            opened, statements, received_at=received_at, mark="intelligence", source=sender
        )
    written = _Written(list(numbers))
    for n, earlier in later.items():
        before = earlier.number if earlier.place is None else reports[earlier.place]
        assert before is not None
        had_before = _supersede(opened, before, reports[n], written, said.get(n, []))
        enquiries.write_statements(
            opened,
            said.get(n, []),
            received_at=placed[n][1],
            mark="intelligence",
            source=_report(placed[n]).sender,
            had_before=had_before,
        )
    return written


def _supersede(
    opened: OpenAct,
    earlier: int,
    later: int,
    written: _Written,
    said: Sequence[tuple[int, DraftStatement]],
) -> Mapping[tuple[Any, ...], datetime]:
    intake.write_versions(opened, [(earlier, later)])
    done = versions.supersede(opened, earlier, later)
    cases.tell_holders(opened, "later version", {later: done.earlier})
    written.superseded += done.earlier
    written.unlinked += done.unlinked
    return enquiries.supersede_statements(opened, earlier, done.successors, said)


def _write_additions(opened: OpenAct, placed: Sequence[_Placed], outcome: dict[int, DraftEntry]) -> list[int]:
    """Add to reports what belongs to them; what cannot be placed is held. The mentions that were touched."""
    additions = {n: e for n, p in enumerate(placed) if isinstance(e := p[2].entry, DraftAddition)}
    if not additions:
        return []
    known = intake.known_additions([_key(placed[n]) for n in additions])
    rows = intake.reports_by_reference(sorted({entry.reference for entry in additions.values()}))
    touched: list[int] = []
    for n, entry in additions.items():
        _, received_at, prepared = placed[n]
        key = _key(placed[n])
        if key in known:
            outcome[n] = DraftEntry(entry.place, "duplicate", "already added", report=known[key])
            continue
        hosts = [row for row in rows if row.reference == entry.reference]
        if prepared.home is not None:
            hosts = [intake.report_by_key(prepared.home)]
        problem = _cannot_add(entry.reference, hosts)
        if problem:
            waits = None if hosts else entry.reference
            outcome[n] = DraftEntry(entry.place, "held", problem, "reportId", waits_for=waits)
            continue
        touched += _add_to(opened, hosts[0], prepared, received_at)
        known[key] = hosts[0].id
        outcome[n] = DraftEntry(entry.place, "registered", report=hosts[0].id, content_key=key)
    return touched


def _cannot_add(reference: str, hosts: Sequence[object]) -> str | None:
    if not hosts or hosts[0] is None:
        return f"it belongs to report {reference}, which has not come yet; it will be added when that comes"
    if len(hosts) > 1:
        return f"{len(hosts)} reports have the reference {reference}: which one is meant is not said"
    return None


def _add_to(opened: OpenAct, host: intake.Host, prepared: Prepared, received_at: datetime) -> list[int]:
    """Add an addition to each reported mention of its report; those mentions."""
    reported = people.reported_in(host.id)
    person = prepared.people[0]
    draft = person.draft
    if host.batched:
        # Many accounts share one file, but nobody shares a connection or a device with the others.
        draft = draft._replace(identifiers=(), connections=(), link_keys=())
    elif len(reported) > 1:
        # Which of them it is about is not said: it joins nobody.
        draft = draft._replace(link_keys=())
    drafts = [(row.id, draft._replace(link_keys=()) if row.compromised else draft) for row in reported]
    people.add_to_mentions(opened, drafts)
    enquiries.write_statements(
        opened,
        [(row.id, statement) for row in reported for statement in person.said],
        # What an addition says was of nobody until its report had come, too.
        received_at=max(received_at, host.received_at),
        mark="intelligence",
        source=host.sender,
    )
    return [row.id for row in reported]
