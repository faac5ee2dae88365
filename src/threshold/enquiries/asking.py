"""Writes about enquiries: ask, chase, answer, compare, lapse. Run inside an act that is open.

What was asked is kept as the exact bytes, what came back as its source document or its words. An answer that is
taken back or lapses takes with it whatever it yielded: statements, the resolution, and what that leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.enquiries.kinds import About
from threshold.enquiries.sheets import Back
from threshold.intake.media import cut_media, marker

Stage = Literal["asked", "looked_up", "answered"]
STAGES: tuple[Stage, ...] = ("asked", "looked_up", "answered")
RESULTS = ("answered", "no_trace", "refused", "cannot_be_resolved", "withdrawn")
LARGEST_DOCUMENT = 5_000_000


class WrongEnquiry(Exception):
    """This cannot be asked, answered or compared. ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that an enquiry is about: a row, or a value that must stand with the subject."""

    kind: str
    row: int | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """An enquiry ready to be asked. ``asked`` holds the exact bytes; ``reference`` is ours."""

    mention: int
    kind: str
    about: About
    asked_of: str
    authority: str
    applied: str
    reference: str
    asked: bytes
    due: datetime
    items: tuple[Item, ...]
    connection: int | None = None
    premises: int | None = None


_ENQUIRY = [
    "mention",
    "kind",
    "about",
    "connection",
    "premises",
    "asked_of",
    "authority",
    "applied",
    "reference",
    "asked",
    "due",
]


def reference_of(act: int, place: int) -> str:
    """Our reference of a line: its act and place, with a letter by which a slip of one digit is noticed."""
    number = act * 100_000 + place
    return f"T{act}-{place}-{'ABCDEFGHJKLMNPQRSTUVWXY'[number % 23]}"


def ask(opened: OpenAct, questions: Sequence[Question]) -> range:
    """Record what is asked; the numbers of the enquiries."""
    numbers = claim_rows(opened, "enquiry", _ENQUIRY, map(_row, questions))
    claim_rows(
        opened,
        "enquiry_about",
        ["enquiry", "kind", "row", "value"],
        [
            (number, item.kind, item.row, item.value)
            for number, question in zip(numbers, questions, strict=True)
            for item in question.items
        ],
    )
    return numbers


def _row(q: Question) -> tuple[Any, ...]:
    return (
        q.mention,
        q.kind,
        q.about,
        q.connection,
        q.premises,
        q.asked_of,
        q.authority,
        q.applied,
        q.reference,
        q.asked,
        q.due,
    )


_OPEN = """
    select e.* from enquiry e where e.retracted_by is null
      and not exists (select from enquiry_answer n where n.enquiry = e.id and n.retracted_by is null)
      and not exists (select from enquiry_lapse l where l.enquiry = e.id and l.retracted_by is null)"""


def still_open(enquiry: int) -> Any:
    """An enquiry that waits for its answer.

    :raises WrongEnquiry: there is none, it is answered or withdrawn, or what it was about was corrected
    """
    row = one(f"{_OPEN} and e.id = %s", [enquiry])
    if row is not None:
        return row
    lapsed = one("select reason from enquiry_lapse where enquiry = %s and retracted_by is null", [enquiry])
    if lapsed is not None:
        raise WrongEnquiry(f"Enquiry {enquiry} has lapsed: {lapsed.reason}. Ask again about what stands now.")
    raise WrongEnquiry(
        f"Enquiry {enquiry} does not wait for an answer: it was answered or withdrawn already."
    )


def open_by_reference(references: Sequence[str]) -> dict[str, Any]:
    """The enquiries that wait for an answer, by our reference."""
    rows = query(f"{_OPEN} and e.reference = any(%s)", [list(references)])
    return {row.reference: row for row in rows}


def chase(opened: OpenAct, enquiry: int, words: str) -> None:
    """Record that the answer was asked for again.

    :raises WrongEnquiry: it does not wait for an answer, or nothing is said
    """
    still_open(enquiry)
    if not words.strip():
        raise WrongEnquiry("Say how you asked again, and whom.")
    claim_rows(opened, "enquiry_chased", ["enquiry", "words"], [(enquiry, words.strip())])


@dataclass(frozen=True, slots=True)
class Document:
    """A source document as it came; what is kept has its media cut away unread."""

    name: str
    content: bytes

    def cut(self) -> bytes:
        """The content without any media in it.

        :raises WrongEnquiry: it is too large to be kept
        """
        if len(self.content) > LARGEST_DOCUMENT:
            raise WrongEnquiry(
                f"The document is larger than {LARGEST_DOCUMENT:,} bytes. Send its text alone."
            )
        sink = BytesIO()
        result = cut_media(BytesIO(self.content), sink)
        if result.whole_file_is_media:
            return marker(result.cuts[0].kind, result.length)
        return sink.getvalue()


def answer(
    opened: OpenAct,
    enquiry: int,
    result: str,
    *,
    words: str = "",
    document: Document | None = None,
    received_at: datetime | None = None,
) -> int:
    """Record what came back; the number of the answer.

    :raises WrongEnquiry: it does not wait for one, no such result, or neither document nor words
    """
    still_open(enquiry)
    if result not in RESULTS:
        raise WrongEnquiry(f"Say what came back: {', '.join(RESULTS)}.")
    if document is None and not words.strip():
        raise WrongEnquiry("Keep what came back: add the document, or what was said in words.")
    received = received_at or opened.at
    if received > opened.at:
        raise WrongEnquiry("An answer cannot have come in the future.")
    row = (
        enquiry,
        result,
        document.cut() if document else None,
        document.name[:200] if document else "",
        words.strip(),
        received,
    )
    columns = ["enquiry", "result", "document", "document_name", "words", "received_at"]
    return claim_rows(opened, "enquiry_answer", columns, [row])[0]


def resolve(opened: OpenAct, answered: int, connection: int, back: Back, premises: int | None) -> None:
    """Keep what a provider says of a connection, each address as what it is said to be."""
    columns = [
        "answer",
        "connection",
        "looked_up_address",
        "looked_up_port",
        "looked_up_at",
        "subscriber",
        "installation",
        "billing",
        "unsaid",
        "premises",
    ]
    row = (
        answered,
        connection,
        back.address,
        back.port,
        back.at,
        back.subscriber,
        back.installation,
        back.billing,
        back.unsaid,
        premises,
    )
    claim_rows(opened, "resolution", columns, [row])


_COMPARISON = ["enquiry", "answer", "stage", "agrees", "differed", "officer"]


def compare(opened: OpenAct, enquiry: int, answered: int | None, stage: Stage, differed: str = "") -> int:
    """Sign that two records agree, or (``differed``) in what they do not: a near miss; its number.

    :raises WrongEnquiry: it is signed already
    """
    agrees = not differed.strip()
    if agrees and one(
        """select id from comparison where enquiry = %s and answer is not distinct from %s and stage = %s
           and agrees and retracted_by is null""",
        [enquiry, answered, stage],
    ):
        raise WrongEnquiry("This comparison is signed already.")
    row = (enquiry, answered, stage, agrees, differed.strip(), opened.actor.id)
    return claim_rows(opened, "comparison", _COMPARISON, [row])[0]


def take_back_comparison(opened: OpenAct, comparison: int, reason: str) -> int:
    """Take a signature back, keeping the reason; the enquiry it was of.

    :raises WrongEnquiry: no reason, or it does not stand
    """
    if not reason.strip():
        raise WrongEnquiry("Say why the comparison is taken back.")
    row = one("select enquiry from comparison where id = %s and retracted_by is null", [comparison])
    if row is None:
        raise WrongEnquiry(f"Comparison {comparison} does not stand: it was taken back, or never made.")
    retract_rows(opened, "comparison", [comparison])
    claim_rows(opened, "comparison_taken_back", ["comparison", "reason"], [(comparison, reason.strip())])
    return int(row.enquiry)


def unanswer(opened: OpenAct, answers: Iterable[int], reason: str) -> list[int]:
    """Take answers back with everything that they yielded; the mentions that those statements were about."""
    numbers = list(answers)
    retract_rows(opened, "enquiry_answer", numbers)
    mentions: list[int] = []
    for table in ("resolution", "led_to", "comparison"):
        rows = query(f"select id from {table} where answer = any(%s) and retracted_by is null", [numbers])
        retract_rows(opened, table, [row.id for row in rows])
    said = query(
        "select id, mention from statement where answer = any(%s) and retracted_by is null", [numbers]
    )
    retract_rows(opened, "statement", [row.id for row in said])
    claim_rows(opened, "statement_taken_back", ["statement", "reason"], [(row.id, reason) for row in said])
    mentions += [row.mention for row in said]
    return mentions
