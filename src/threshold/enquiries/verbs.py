"""Writes of the enquiries room: statements. Run inside an act that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.enquiries.drafting import DraftStatement
from threshold.people.versions import said_in

_STATEMENT = [
    "mention",
    "fact",
    "known",
    "truth",
    "low",
    "high",
    "choice",
    "born_from",
    "born_to",
    "as_of",
    "expires",
    "received_at",
    "mark",
    "source",
    "words",
    "place",
    "officer",
]


class WrongStatement(Exception):
    """The statement cannot be taken. ``str()`` says why and what to do."""


def write_statements(
    opened: OpenAct,
    drafts: Sequence[tuple[int, DraftStatement]],
    *,
    received_at: datetime,
    mark: str,
    source: str,
    officer: int | None = None,
    had_before: Mapping[tuple[Any, ...], datetime] | None = None,
    answer: int | None = None,
    occupant: int | None = None,
) -> range:
    """Write statements about mentions. ``received_at`` is when the force had them: clocks start there.

    ``had_before``: when it first had those that an earlier version of a report made, too, as
    ``supersede_statements`` gives it. ``answer`` is the answered enquiry that yields them, ``occupant`` the one
    on whom a rung of the identity ladder rests.
    """
    before = had_before or {}
    rests_on = {"answer": answer, "occupant": occupant} if answer or occupant else {}
    rows = (
        (
            mention,
            d.fact,
            d.known,
            d.truth,
            d.low,
            d.high,
            d.choice,
            d.born_from,
            d.born_to,
            d.as_of or received_at,
            d.expires,
            min(before.get((mention, *d[:8]), received_at), received_at),
            mark,
            source,
            d.words,
            d.place,
            officer,
            *rests_on.values(),
        )
        for mention, d in drafts
    )
    return claim_rows(opened, "statement", [*_STATEMENT, *rests_on], rows)


def supersede_statements(
    opened: OpenAct,
    earlier: int,
    successors: Mapping[int, int],
    said: Sequence[tuple[int, DraftStatement]],
) -> dict[tuple[Any, ...], datetime]:
    """Retract what the earlier version of a report said and the later one (``said``) says again.

    Gives back when the force had each of these: what both versions say was known from the first. What the later
    one does not say stays, because silence lowers nothing; an officer may take it back. One sighting told twice
    stays one sighting.
    """
    again = {(mention, *statement[:8]) for mention, statement in said}
    seen = {mention for mention, statement in said if statement.fact == "times_seen"}
    rows = query(
        f"""select s.id, s.mention, s.received_at, s.fact, s.known, s.truth, s.low, s.high, s.choice,
                   s.born_from, s.born_to
            from statement s where {said_in("statement")} order by s.received_at desc""",
        {"old": list(successors), "report": earlier},
    )
    repeated = {row.id: (successors[row.mention], *row[3:]) for row in rows}
    retract_rows(
        opened,
        "statement",
        [
            row.id
            for row in rows
            if repeated[row.id] in again or (row.fact == "times_seen" and successors[row.mention] in seen)
        ],
    )
    return {repeated[row.id]: row.received_at for row in rows}


def retract_statement(opened: OpenAct, statement: int, reason: str) -> int:
    """Take a statement back, keeping the reason; the mention it was about.

    :raises WrongStatement: it does not stand
    """
    row = one("select mention from statement where id = %s and retracted_by is null", [statement])
    if row is None or not retract_rows(opened, "statement", [statement]):
        raise WrongStatement(
            f"Statement {statement} does not stand: it was already taken back, or never made."
        )
    claim_rows(opened, "statement_taken_back", ["statement", "reason"], [(statement, reason)])
    return int(row.mention)


def move_due(opened: OpenAct, subject: int, due: datetime | None, reason: str) -> None:
    """Move the clock of a subject to a later time. Whoever composes it works the subject out again.

    :raises WrongStatement: no reason, no clock, or the time is no later one to come
    """
    row = one("select due, known from assessment where subject = %s and retracted_by is null", [subject])
    if row is None or row.due is None:
        raise WrongStatement("No clock runs here.")
    if not reason.strip():
        raise WrongStatement("Say why the clock is moved.")
    if due is None or due <= opened.at or due <= row.due:
        raise WrongStatement("Give a time to come, later than the one that stands.")
    claim_rows(
        opened,
        "due_moved",
        ["mention", "due", "known", "officer", "reason"],
        [(subject, due, row.known, opened.actor.id, reason.strip())],
    )
