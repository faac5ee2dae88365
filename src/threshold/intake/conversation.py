"""Brings together what one folder holds of one sender's conversation with the clearing house.

A sender submits a report before it has a number; the number comes with the answer and stands in the file
details, uploads and receipts that follow. Where one folder holds exactly one unnumbered report and exactly
one number, the number is the report's. Anything less certain is left as it is: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from threshold.intake.reading import ControlPart, Entry, Kept, ReadAddition, ReadMention, ReadReport, Source

FileEntries = tuple[Source, Sequence[Entry]]


def bring_together(entries_by_source: Iterable[FileEntries]) -> list[tuple[Source, list[Entry]]]:
    """The same files and as many entries; reports numbered and completed where that is certain.

    An addition that went into its report leaves a ``ControlPart`` that says so in its own place. One that
    fits no report here, or more than one, stays a ``ReadAddition``.
    """
    files = [(source, list(entries)) for source, entries in entries_by_source]
    _number_the_report(files)
    additions: dict[str, list[tuple[list[Entry], int, ReadAddition]]] = {}
    reports: dict[str, list[tuple[list[Entry], int, ReadReport]]] = {}
    for entries, number, entry in _all(files):
        if isinstance(entry, ReadAddition):
            additions.setdefault(entry.reference, []).append((entries, number, entry))
        elif isinstance(entry, ReadReport) and entry.reference:
            reports.setdefault(entry.reference, []).append((entries, number, entry))
    for reference, found in additions.items():
        if len(reports.get(reference, [])) != 1:
            continue
        home, at, report = reports[reference][0]
        for entries, number, addition in found:
            report = completed(report, addition)
            entries[number] = ControlPart(
                addition.place, f"brought together with report {reference}", reference
            )
        home[at] = report
    return files


def completed(report: ReadReport, addition: ReadAddition) -> ReadReport:
    """The report with what the addition says about each reported person.

    In a batched report many accounts share one file, but nobody shares a connection or a device with the
    others: there, those are kept with the report and belong to no one.
    """
    reported = [mention for mention in report.mentions if mention.role == "reported"]
    about = addition.about
    unknown = addition.unknown
    if len(reported) != 1:
        loose = [Kept(one.place, one.received) for one in about.identifiers]
        loose += [
            Kept(one.place, " ".join(_connection_words(one.address, one.port))) for one in about.connections
        ]
        unknown = (*unknown, *loose)
        about = replace(
            about, identifiers=(), connections=(), ages=(), compromised=False, prior_references=()
        )
    mentions = tuple(_joined(one, about) if one.role == "reported" else one for one in report.mentions)
    return replace(report, mentions=mentions, unknown=(*report.unknown, *unknown))


def _connection_words(address: str, port: str | None) -> Iterator[str]:
    yield address
    yield f"port {port}" if port else "port not given"


def _joined(mention: ReadMention, about: ReadMention) -> ReadMention:
    said = {(claim.fact, claim.value) for claim in mention.claims}
    new_claims = tuple(claim for claim in about.claims if (claim.fact, claim.value) not in said)
    return replace(
        mention,
        identifiers=mention.identifiers + about.identifiers,
        connections=mention.connections + about.connections,
        ages=mention.ages + about.ages,
        activities=mention.activities + about.activities,
        claims=mention.claims + new_claims,
        compromised=mention.compromised or about.compromised,
        prior_references=tuple(dict.fromkeys(mention.prior_references + about.prior_references)),
    )


def _number_the_report(files: list[tuple[Source, list[Entry]]]) -> None:
    unnumbered: list[tuple[list[Entry], int, ReadReport]] = []
    numbers: set[str] = set()
    for entries, number, entry in _all(files):
        if isinstance(entry, ReadReport) and entry.reference is None:
            unnumbered.append((entries, number, entry))
        elif isinstance(entry, ReadReport | ReadAddition | ControlPart) and entry.reference:
            numbers.add(entry.reference)
    if len(unnumbered) == 1 and len(numbers) == 1:
        entries, at, report = unnumbered[0]
        reference = numbers.pop()
        # A numbered report of that number is another report, however alike they look.
        taken = any(
            isinstance(entry, ReadReport) and entry.reference == reference for _, _, entry in _all(files)
        )
        if not taken:
            entries[at] = replace(report, reference=reference)


def _all(files: list[tuple[Source, list[Entry]]]) -> Iterator[tuple[list[Entry], int, Entry]]:
    for _, entries in files:
        for number, entry in enumerate(entries):
            yield entries, number, entry
