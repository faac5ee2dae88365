"""What a reader hands over: one entry of a delivery, as it was received, before anybody is matched.

A *reader* turns the bytes of one delivery into a stream of entries. An entry is a ``ReadReport`` (can be
registered), a ``ReadAddition`` (belongs to a report that is named by its reference), or a ``Rejected``
(held or refused, with its reason). Readers are pure: they know no table, they link nobody, they judge
nothing, and they never fall over: whatever cannot be read becomes a ``Rejected`` with its place.

Text is kept as received. Normalising (lower case, +44, ...) is the people room's work, so that what came
and what was made of it always stand side by side. A file's digest is never put into any of these values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Role = Literal["reported", "harmed", "recipient", "associated", "reporter"]
IdentifierKind = Literal[
    "account", "email", "phone", "device", "screen_name", "display_name", "profile_url", "name", "address"
]
Origin = Literal["self", "captured", "official"]
ActivityKind = Literal[
    "viewed", "downloaded", "shared", "produced", "solicited", "groomed", "contact", "not_stated"
]

# The longest text kept for one field or one unknown element, in characters; the delivery keeps the rest.
LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a sender gave it.

    ``utc`` is None whenever the instant is not certain: no zone stated, order of day and month unclear,
    a 12-hour clock without AM or PM, or not a time at all. ``problem`` then says which, in plain words.
    Nothing is ever guessed (formats.md section 7, rule 3). ``day`` is the day that it names all the same, where
    that is plain: enough to say how old somebody was, and never an instant.
    """

    received: str
    utc: datetime | None
    problem: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifying text. ``service`` scopes an account or screen name ("" where the sender names none).

    ``verified`` is the sender's own word (None: not said). ``origin`` is where the sender had it from:
    *self* (the account's own description: profile e-mail, stated name), *captured* (the sender's systems:
    a device id, an address in a log), *official* (a police or government record).
    """

    kind: IdentifierKind
    received: str
    place: str
    service: str = ""
    verified: bool | None = None
    origin: Origin = "self"


@dataclass(frozen=True, slots=True)
class Connection:
    """An internet address with what is needed to resolve it; ``port`` None where the sender gave none."""

    address: str
    place: str
    port: str | None = None
    at: Moment | None = None
    event: str = ""
    possible_proxy: bool | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """How many files a sender reports at one grade of one model, as said; never converted between models."""

    model: str
    grade: str
    count: int | None = None
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What is said to have been done. *not_stated*: material was there, the report does not say what was done."""

    kind: ActivityKind
    place: str
    at: Moment | None = None
    words: str = ""
    grades: tuple[Grade, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Something the sender says about a person, by the policy's fact name.

    ``value`` is True or False, a whole number (at least), a text (one of a list), or None: the sender says
    that it is not known, which is kept and is not the same as saying nothing. ``high`` is the most that a
    number can be (None: no upper end said).
    """

    fact: str
    value: bool | int | str | None
    place: str
    high: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Age:
    """A stated age or date of birth, as received; born between ``earliest`` and ``latest`` (None: unreadable)."""

    received: str
    place: str
    earliest: date | None
    latest: date | None
    origin: Origin = "self"


@dataclass(frozen=True, slots=True)
class ReadMention:
    """One person as this report describes them."""

    role: Role
    place: str
    identifiers: tuple[Identifier, ...] = ()
    connections: tuple[Connection, ...] = ()
    ages: tuple[Age, ...] = ()
    activities: tuple[Activity, ...] = ()
    claims: tuple[Claim, ...] = ()
    compromised: bool = False
    prior_references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """An element that this version does not know: kept and shown, never acted on. Text is capped."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadReport:
    """One report: a place in its delivery, who sent it, and the people it speaks of.

    ``reference`` is the sender's or clearing house's number for it (None where none was given).
    ``batched``: one viral file with many accounts; the people in it are never linked because of it.
    ``package`` groups rows that a sender delivered as one package (its covering grade is in the claims).
    ``urgency`` is the sender's own claim in the sender's own words. ``history``: an old case, for which no
    clock starts. ``sender_keeps_until``: the last day on which the sender is sure to have what it reported on.
    """

    place: str
    sender: str
    mentions: tuple[ReadMention, ...]
    service: str = ""
    reference: str | None = None
    package: str | None = None
    batched: bool = False
    urgency: str | None = None
    happened: Moment | None = None
    reached_clearing_house: Moment | None = None
    reached_agency: Moment | None = None
    incident: str = ""
    words: str = ""
    unknown: tuple[Kept, ...] = ()
    history: bool = False
    sender_keeps_until: date | None = None


@dataclass(frozen=True, slots=True)
class ReadAddition:
    """More about a report that has its own entry elsewhere (the clearing house's ``fileDetails``).

    ``reference`` names the report. ``about`` holds what is to be added to each *reported* mention of it. ``file``
    tells files apart of which the same is said; it goes into the content key and is kept nowhere, because some
    senders number a file by its digest.
    """

    place: str
    sender: str
    reference: str
    about: ReadMention
    unknown: tuple[Kept, ...] = ()
    file: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that cannot be registered. *held*: a person can mend it; *refused*: must not or cannot be taken."""

    place: str
    state: Literal["held", "refused"]
    reason: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ControlPart:
    """A part of a sender's conversation that holds no report (a log-in, a receipt, an upload).

    ``reference`` where it names the report that the conversation is about.
    """

    place: str
    note: str
    reference: str | None = None


Entry = ReadReport | ReadAddition | Rejected | ControlPart
Entries = Iterator[Entry]


@dataclass(frozen=True, slots=True)
class Cut:
    """Media that was cut unread: where it stood (byte offset in the container), what it seemed to be, how long."""

    offset: int
    kind: str
    length: int


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a delivery as a reader meets it: a cleaned copy on disk, media already cut.

    ``name`` is the name as the sender gave it, ``folder`` the folder it came in ("" when alone).
    """

    name: str
    path: str
    folder: str = ""
    hints: dict[str, str] = field(default_factory=dict)
