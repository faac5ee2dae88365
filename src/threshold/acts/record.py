"""The record checked where it stands, and exported so that anybody can check it with nothing but Python."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from threshold.acts import chain
from threshold.acts.access import Actor, Power
from threshold.acts.chain import Break, Finding, Head, Link, Row
from threshold.acts.db import connection_block, execute, one, query, stream
from threshold.acts.heads import public_keys
from threshold.acts.models import Claim
from threshold.acts.verbs import moment_text
from threshold.home import Home

# Written here and not called as a function: whoever owns the database could change what a function says.
_ROWS = """
    select id, asserted_by, retracted_by, salt, digest, null::bigint as erased_by,
           jsonb_strip_nulls(to_jsonb(t) - '{{salt,digest,retracted_by}}'::text[])::text as text
    from {table} t
    union all
    select "row", act, retracted_by, null, digest, erased_by, null from stone where kind = '{table}'
    order by id"""
_ACTS = "select * from act order by id"
_LOOKS = "select * from look order by id"


def claim_tables() -> list[str]:
    """Every table whose rows are bound into acts."""
    return sorted(model._meta.db_table for model in Claim.__subclasses__())


def verify(heads_file: Path | None = None, progress: Callable[[str], None] | None = None) -> Finding:
    """Check both chains and every row against the heads; ``heads_file`` is a copy kept elsewhere.

    The caller has an actor with the power to verify. Reads one snapshot; memory stays flat but for a few
    hundred bytes an act.
    """
    keys = [Ed25519PublicKey.from_public_bytes(raw) for raw in public_keys()]
    with connection_block():
        execute("set transaction isolation level repeatable read, read only")
        execute("set local timezone = 'UTC'")
        finding = chain.check(
            _links(_ACTS, act_content),
            _links(_LOOKS, look_content),
            {table: _rows(table, progress) for table in claim_tables()},
            _heads(heads_file or Home.current().heads),
            lambda message, signature: any(_signed(key, message, signature) for key in keys),
        )
        finding.breaks.extend(_asked())
        finding.breaks.extend(_accounts())
    return finding


@dataclass(frozen=True, slots=True)
class CheckedHead:
    """One head held against this home's keys and against the chain at that number.

    ``chain``: *agrees*, *contradicts*, *missing* (no such number), *cut short* (beyond the end).
    """

    head: Head
    signed: bool
    chain: str

    @property
    def good(self) -> bool:
        return self.signed and self.chain == "agrees"


def check_head(head: Head) -> CheckedHead:
    """Whether a head was signed with a key of this home, and whether its chain has that hash at that number."""
    keys = [Ed25519PublicKey.from_public_bytes(raw) for raw in public_keys()]
    signed = any(_signed(key, head.signed, head.signature) for key in keys)
    return CheckedHead(head, signed, _agrees(head))


def _agrees(head: Head) -> str:
    if head.chain not in ("act", "look") or not 0 < head.number < 2**63:
        return "missing"
    stored = one(f"select hash from {head.chain} where id = %s", [head.number])
    last = one(f"select coalesce(max(id), 0) as id from {head.chain}")
    assert last is not None
    if stored is None:
        return "cut short" if head.number > last.id else "missing"
    # Numbers have no gaps, so that the count of a head is its number.
    return "agrees" if bytes(stored.hash) == head.hash and head.count == head.number else "contradicts"


def _heads(path: Path) -> Iterator[Head | Break]:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from chain.read_heads(lines)
    except OSError as missing:
        yield Break("heads", 0, f"the file cannot be read: {missing.strerror}")


def _signed(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def act_content(row: Any) -> dict[str, Any]:
    """What is hashed of an act."""
    return {
        "id": row.id,
        "at": moment_text(row.at),
        "actor": row.actor,
        "verb": row.verb,
        "case": row.case,
        "body": row.body,
        "rows": row.rows,
    }


def look_content(row: Any) -> dict[str, Any]:
    """What is hashed of a look."""
    return {
        "id": row.id,
        "at": moment_text(row.at),
        "actor": row.actor,
        "route": row.route,
        "case": row.case,
        "shown": row.shown,
        "body": row.body,
    }


def _links(sql: str, content: Callable[[Any], dict[str, Any]]) -> Iterator[Link]:
    with stream(sql) as rows:
        for row in rows:
            yield Link(row.id, content(row), bytes(row.prev), bytes(row.hash))


def _rows(table: str, progress: Callable[[str], None] | None) -> Iterator[Row]:
    if progress:
        progress(table)
    with stream(_ROWS.format(table=table)) as rows:
        for row in rows:
            salt = None if row.salt is None else bytes(row.salt)
            text = None if row.text is None else row.text.encode("utf-8")
            yield Row(
                table, row.id, row.asserted_by, row.retracted_by, salt, bytes(row.digest), text, row.erased_by
            )


def _asked() -> Iterator[Break]:
    """What was searched for must still be what the look says was asked, unless it was erased."""
    for row in query(
        """select l.id, a.id is null as missing
           from look l
           left join asked a on a.id::text = l.body->>'asked'
           where l.body ? 'asked'
             and not exists (select from act where (act.rows->'erased'->'asked') @> (l.body->'asked'))
             and encode(sha256(a.salt || convert_to(a.text, 'UTF8')), 'hex')
                 is distinct from l.body->>'asked_digest'
           order by l.id"""
    ):
        what = "is missing" if row.missing else "was changed afterwards"
        yield Break("look", row.id, f"the text that was searched for {what}")


def _accounts() -> Iterator[Break]:
    """Accounts must be what the record says of them: their names, their team, and whether they are open."""
    for row in query(
        """select coalesce(o.id, a.officer) as id, a.id is null as unsaid, o.id is null as gone,
                  array_remove(array[
                      case when o.username is distinct from a.username then 'user name' end,
                      case when o.full_name is distinct from a.full_name then 'full name' end,
                      case when o.team is distinct from a.team then 'team' end,
                      case when o.is_active is distinct from a.is_active then 'being open or closed' end],
                      null) as changed
           from officer o
           full join (select * from account where retracted_by is null) a on a.officer = o.id
           where (o.username, o.full_name, o.team, o.is_active)
                 is distinct from (a.username, a.full_name, a.team, a.is_active)
           order by 1"""
    ):
        if row.unsaid:
            yield Break("officer", row.id, "no act made this account")
        elif row.gone:
            yield Break("officer", row.id, "the account is missing")
        else:
            yield Break("officer", row.id, f"its {' and '.join(row.changed)} changed without an act")


class ClosedToYou(Exception):
    """The whole record is not written out for somebody to whom a part of it is closed."""

    def __init__(self) -> None:
        super().__init__(
            "Some records are closed to you, so that the content of the record cannot be written out for you. "
            "Whoever may open them has to name you first."
        )


def export(
    actor: Actor, folder: Path, progress: Callable[[str], None] | None = None, *, content: bool = False
) -> Finding:
    """Write both chains, every row, the heads and the checker into a new folder; what it then finds there.

    Of each row only numbers and its digest, unless ``content`` is asked for: then everything that was ever
    recorded. The folder is made for this user only, and marked.

    :raises Refused: the actor's roles do not include seeing all acts, or writing out content
    :raises ClosedToYou: content is asked for, and some of it is closed to the actor
    """
    actor.require(Power.EXPORT_CONTENT if content else Power.SEE_ALL_ACTS)
    if content and one("select from closed_to(%s) limit 1", [actor.id]) is not None:
        raise ClosedToYou
    folder.mkdir(mode=0o700)
    (folder / "rows").mkdir()
    home = Home.current()
    (folder / "MARKING.txt").write_text("OFFICIAL-SENSITIVE\n", encoding="ascii")
    with connection_block():
        execute("set transaction isolation level repeatable read, read only")
        execute("set local timezone = 'UTC'")
        _write(folder / "acts.jsonl", map(_exported, _links(_ACTS, act_content)))
        _write(folder / "looks.jsonl", map(_exported, _links(_LOOKS, look_content)))
        for table in claim_tables():
            rows = _rows(table, progress)
            _write(
                folder / "rows" / f"{table}.jsonl",
                map(_exported_row, rows if content else map(_withhold, rows)),
            )
    shutil.copyfile(home.heads, folder / "heads.jsonl")
    (folder / "head.pub").write_text("\n".join(key.hex() for key in public_keys()) + "\n", encoding="ascii")
    shutil.copyfile(chain.__file__, folder / "chain.py")
    return chain.check_export(folder)


def _write(path: Path, objects: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="ascii") as sink:
        for each in objects:
            sink.write(json.dumps(each) + "\n")


def _exported(link: Link) -> dict[str, Any]:
    return {**link.content, "prev": link.prev.hex(), "hash": link.hash.hex()}


def _withhold(row: Row) -> Row:
    """The row without what it says; one that is erased says nothing."""
    if row.erased_by is not None:
        return row
    return replace(row, salt=None, text=None, withheld=True, agreed=row.agrees)


def _exported_row(row: Row) -> dict[str, Any]:
    withheld = {"withheld": True, "agreed": row.agreed} if row.withheld else {}
    return withheld | {
        "id": row.number,
        "asserted_by": row.asserted_by,
        "retracted_by": row.retracted_by,
        "salt": None if row.salt is None else row.salt.hex(),
        "digest": row.digest.hex(),
        "text": None if row.text is None else row.text.decode("utf-8"),
        "erased_by": row.erased_by,
    }
