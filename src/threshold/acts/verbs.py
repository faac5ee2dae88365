"""``act`` and ``look``: the only way in or out of the database for a face.

One act, one lock, one chain: the advisory lock is taken, the number drawn, the rows written, then the act
with the digests of those rows; all in one transaction, so that act order is commit order and a process
killed between any two steps leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import psycopg
from django.db import transaction

from threshold.acts.access import Actor, NotVisible, Power, check_visible
from threshold.acts.asat import act_at
from threshold.acts.chain import GENESIS, link_hash
from threshold.acts.db import execute, one, query
from threshold.acts.heads import sign_heads

# The two locks under which the chains grow, and how long an import waits for its turn.
_ACTS, _LOOKS = 1, 2
_PATIENCE = "15min"


class Busy(Exception):
    """Somebody else was writing for too long. Nothing was done."""

    def __init__(self) -> None:
        super().__init__("Somebody else was writing and it took too long. Nothing was changed: try again.")


WAITED_TOO_LONG = (
    "Somebody else's work kept this waiting too long, or it was too much at once. "
    "Nothing was changed: try again."
)


def waited_too_long(failed: BaseException) -> bool:
    """Whether the database ended a statement because it, or its wait for a lock, took too long."""
    too_long = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)
    return isinstance(failed, too_long) or isinstance(failed.__cause__, too_long)


@dataclass
class OpenAct:
    """An act while its rows are being written. ``body`` holds numbers and fixed words only, never content."""

    id: int
    at: datetime
    actor: Actor
    body: dict[str, Any]
    prev: bytes
    drawn: dict[str, int] = field(default_factory=dict)

    def draw(self, table: str, count: int) -> range:
        """The next ``count`` numbers of a table: without gaps, because only one act is open at a time."""
        first = self.drawn.get(table, self._drawn_before[table]) + 1
        self.drawn[table] = first + count - 1
        return range(first, first + count)

    @cached_property
    def _drawn_before(self) -> dict[str, int]:
        # Asked for all at once, and set all at once at the close: a step for each table would cost as much as
        # writing its rows.
        rows = query(
            """select left(sequencename, -length('_id_seq')) as name, coalesce(last_value, 0) as last
               from pg_sequences where schemaname = current_schema"""
        )
        return {row.name: row.last for row in rows}


def moment_text(moment: datetime) -> str:
    """An instant as it stands in the hashed content: UTC, microseconds, always the same width."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def act(actor: Actor, verb: str, power: Power, *, patient: bool = False, **body: Any) -> Iterator[OpenAct]:
    """One write by ``actor``: everything inside commits together with its act, or leaves the trace of an attempt.

    ``patient``: no person waits for it at a page, so that it may wait long for its turn.

    :raises Refused: the actor's roles do not include ``power``
    :raises Busy: the lock could not be had in time
    """
    with attempt(actor, verb, body):
        actor.require(power)
        with transaction.atomic():
            if patient:
                _wait_patiently_for(_ACTS)
            else:
                _wait_for(_ACTS)
            opened = _open(actor, body)
            yield opened
            _close(opened, verb)
    sign_heads()


REFUSED_WRITE = "refused write"


@dataclass
class Attempt:
    """A write that somebody tries. ``of``: the numbers it is about, as the caller and the act inside say them."""

    actor: Actor
    verb: str
    of: list[dict[str, Any]]

    def refused(self, kind: str, subject: int | None = None) -> None:
        """Leave its trace: a look, for nothing was written. Verb, numbers and the kind of reason; no content."""
        of = {name: value for body in self.of for name, value in body.items()}
        traced = OpenLook(self.actor, REFUSED_WRITE, None, datetime.now(UTC))
        traced.body |= {"verb": self.verb, "of": of, "failed": kind}
        subject = subject or of.get("subject")
        if subject is not None:
            traced.body["subject"] = subject
        _write_look(traced)


_attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def attempt(actor: Actor, verb: str, of: dict[str, Any]) -> Iterator[None]:
    """A write from where somebody asks for it. Refused by whatever is inside, or by the database, it leaves a look.

    An act is an attempt by itself; a page, or a verb that checks before its act, begins one around it, and what
    is refused is written down once. A process that is killed leaves none.
    """
    outer = _attempt.get()
    if outer is not None:
        outer.verb = verb
        outer.of.append(of)
        yield
        return
    trying = Attempt(actor, verb, [of])
    before = _attempt.set(trying)
    try:
        yield
    except Exception as failed:
        trying.refused(type(failed).__name__, _subject_of(failed))
        raise
    finally:
        _attempt.reset(before)


def _subject_of(failed: Exception) -> int | None:
    """The subject that was refused; a report or an entry that is not visible is none."""
    return failed.subject if type(failed) is NotVisible else None


def _wait_for(lock: int) -> None:
    try:
        execute("select pg_advisory_xact_lock(%s)", [lock])
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as busy:
        raise Busy from busy


def _wait_patiently_for(lock: int) -> None:
    """Whoever waits for an advisory lock blocks nobody; the usual limits hold again once it is had."""
    had = one("select pg_try_advisory_xact_lock(%s) as at_once", [lock])
    if had is not None and had.at_once:
        return
    execute(
        "select set_config('lock_timeout', %(t)s, true), set_config('statement_timeout', %(t)s, true)",
        {"t": _PATIENCE},
    )
    _wait_for(lock)
    execute("set local lock_timeout to default")
    execute("set local statement_timeout to default")


def _open(actor: Actor, body: dict[str, Any]) -> OpenAct:
    row = one(
        """select id, hash, greatest(clock_timestamp(), at) as at from act order by id desc limit 1"""
    ) or one("select 0::bigint as id, %s::bytea as hash, clock_timestamp() as at", [GENESIS])
    assert row is not None
    number = row.id + 1
    # What is written is always found by an index. Plans are kept for a connection's life, and one made while a
    # table was small would read the whole of it for ever after.
    execute(
        "select set_config('threshold.act', %s, true), set_config('enable_seqscan', 'off', true)",
        [str(number)],
    )
    return OpenAct(number, row.at, actor, body, bytes(row.hash))


def _close(opened: OpenAct, verb: str) -> None:
    if opened.drawn:
        execute(
            "select setval(name || '_id_seq', last) from unnest(%s::text[], %s::bigint[]) as drawn(name, last)",
            [list(opened.drawn), list(opened.drawn.values())],
        )
    manifest = one("select act_rows(%s) as rows", [opened.id])
    assert manifest is not None
    content = {
        "id": opened.id,
        "at": moment_text(opened.at),
        "actor": opened.actor.id,
        "verb": verb,
        "case": None,
        "body": opened.body,
        "rows": manifest.rows,
    }
    execute(
        """insert into act (id, at, actor, verb, "case", body, rows, prev, hash)
           values (%s, %s, %s, %s, null, %s::jsonb, %s::jsonb, %s, %s)""",
        [
            opened.id,
            opened.at,
            opened.actor.id,
            verb,
            json.dumps(opened.body),
            json.dumps(manifest.rows),
            opened.prev,
            link_hash(opened.prev, content),
        ],
    )


@dataclass
class OpenLook:
    """A read while it is being answered: what it asked for, and the numbers of the subjects shown so far."""

    actor: Actor
    route: str
    as_at: int | None
    moment: datetime
    body: dict[str, Any] = field(default_factory=dict)
    shown: list[int] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def show(self, subjects: list[int]) -> None:
        """Record that these subjects are shown. The caller has asked ``visible`` for each."""
        self.shown.extend(subjects)

    def show_one(self, subject: int) -> None:
        """Record that this one subject was opened, after checking that the actor may see it.

        The look names it too where it is refused: who tries again and again is asked why.

        :raises NotVisible: there is no such subject for this actor
        """
        self.body["subject"] = subject
        check_visible(self.actor, subject, self.as_at)
        self.shown.append(subject)

    def asked(self, text: str) -> str:
        """Keep what was searched for in its own erasable row; the look holds its number and digest.

        Gives the text back without what no database can hold or find.
        """
        salt = os.urandom(16)
        clean = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        digest = hashlib.sha256(salt + clean.encode("utf-8")).digest()
        row = one(
            "insert into asked (salt, digest, text) values (%s, %s, %s) returning id", [salt, digest, clean]
        )
        assert row is not None
        self.body |= {"asked": row.id, "asked_digest": digest.hex()}
        return clean


@contextmanager
def look(
    actor: Actor, route: str, power: Power = Power.SIGN_IN, as_at: datetime | None = None, **body: Any
) -> Iterator[OpenLook]:
    """One read by ``actor``, written down before its answer is given; refused and failed reads as well.

    :raises Refused: the actor's roles do not include ``power``
    """
    opened = OpenLook(actor, route, None, as_at or datetime.now(UTC), dict(body))
    try:
        actor.require(power)
        opened.as_at = act_at(as_at)
        if opened.as_at is not None:
            opened.body["as_at"] = opened.as_at
        yield opened
    except BaseException as failed:
        opened.body["failed"] = type(failed).__name__
        if isinstance(failed, NotVisible):
            opened.body.setdefault("subject", failed.subject)
        opened.shown = []
        _write_look(opened)
        raise
    _write_look(opened)


def _write_look(opened: OpenLook) -> None:
    with transaction.atomic():
        _wait_for(_LOOKS)
        # What was read may have moved to another number before the look was written: it was read since then.
        opened.body["took_ms"] = math.ceil((time.monotonic() - opened.begun) * 1000)
        row = one(
            "select id, hash, greatest(clock_timestamp(), at) as at from look order by id desc limit 1"
        ) or one("select 0::bigint as id, %s::bytea as hash, clock_timestamp() as at", [GENESIS])
        assert row is not None
        number, prev = row.id + 1, bytes(row.hash)
        content = {
            "id": number,
            "at": moment_text(row.at),
            "actor": opened.actor.id,
            "route": opened.route,
            "case": None,
            "shown": opened.shown,
            "body": opened.body,
        }
        execute(
            """insert into look (id, at, actor, route, "case", shown, body, prev, hash)
               values (%s, %s, %s, %s, null, %s::bigint[], %s::jsonb, %s, %s)""",
            [
                number,
                row.at,
                opened.actor.id,
                opened.route,
                opened.shown,
                json.dumps(opened.body),
                prev,
                link_hash(prev, content),
            ],
        )
