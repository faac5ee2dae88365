"""The two chains, checked with nothing but Python: no database, no package, no network.

What is checked, and how a break is placed:

* every **act** carries ``hash = sha256(prev || canonical JSON of its content)`` and ``prev`` is the hash
  before it, so that a changed, removed, inserted or reordered act shows at its number;
* every **row** carries ``digest = sha256(salt || its canonical text)``, and its act carries, for each table,
  first and last number, count and the digest over all digests in order, so that a changed, removed or
  inserted row shows at its table and number;
* every **look** stands in a second chain of the same shape;
* **heads** (number, hash, count) are signed with a key that the database's owner has not, and kept outside
  the database: an owner who rewrites both rows and chain is contradicted by the first head he cannot sign.

A whole rewrite *after* the last head cannot be seen; nothing here claims otherwise.

This file is copied into every export: ``python chain.py FOLDER [HEADS]`` checks an export anywhere.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GENESIS = b"\x00" * 32


@dataclass(frozen=True)
class Link:
    """One act or look as stored. ``content`` is everything that is hashed; ``rows`` is its manifest (acts only)."""

    number: int
    content: dict[str, Any]
    prev: bytes
    hash: bytes


@dataclass(frozen=True)
class Row:
    """One claim row: its table, number, acts, salt, digest and canonical text (salt and text None once erased)."""

    table: str
    number: int
    asserted_by: int
    retracted_by: int | None
    salt: bytes | None
    digest: bytes
    text: bytes | None


@dataclass(frozen=True)
class Break:
    """Where something does not fit: which chain or table, which number, and what is wrong in plain words."""

    where: str
    number: int
    problem: str

    def __str__(self) -> str:
        return f"{self.where} {self.number}: {self.problem}"


@dataclass
class Finding:
    """The result of a check: how much was read, and every break found (none: the record is whole)."""

    acts: int = 0
    looks: int = 0
    rows: int = 0
    heads: int = 0
    erased: int = 0
    breaks: list[Break] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.breaks


def canonical(content: dict[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces; only text, whole numbers, booleans, null, lists and objects occur."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def link_hash(prev: bytes, content: dict[str, Any]) -> bytes:
    return hashlib.sha256(prev + canonical(content)).digest()


def row_digest(salt: bytes, text: bytes) -> bytes:
    return hashlib.sha256(salt + text).digest()


def numbers_digest(numbers: Iterable[int]) -> str:
    """SHA-256 over numbers written in base ten, comma between: how an act binds the rows that it retracts."""
    return hashlib.sha256(",".join(str(n) for n in numbers).encode("ascii")).hexdigest()


def check_chain(name: str, links: Iterable[Link], keep: Callable[[Link], None]) -> Iterator[Break]:
    """Walk a chain in order of number, yielding every break; ``keep`` is called with each link."""
    expected, prev = 1, GENESIS
    for link in links:
        if link.number != expected:
            yield Break(name, expected, f"missing: the next one stored is {link.number}")
        if link.prev != prev:
            yield Break(
                name, link.number, "does not follow the one before it: removed, inserted or reordered"
            )
        if link_hash(link.prev, link.content) != link.hash:
            yield Break(name, link.number, "content does not match its hash: changed after it was written")
        keep(link)
        expected, prev = link.number + 1, link.hash


@dataclass
class _Group:
    """The rows that one act asserted in one table, gathered while they stream by."""

    numbers: list[int] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def summary(self) -> list[Any]:
        return [self.numbers[0], self.numbers[-1], len(self.numbers), self.digest.hexdigest()]


def check_rows(
    table: str, rows: Iterable[Row], manifests: dict[int, dict[str, Any]], finding: Finding
) -> Iterator[Break]:
    """Check one table's rows (in order of number) against the manifests of the acts they claim."""
    groups: dict[int, _Group] = {}
    retracted: dict[int, list[int]] = {}
    for row in rows:
        finding.rows += 1
        if row.salt is None or row.text is None:
            finding.erased += 1
        elif row_digest(row.salt, row.text) != row.digest:
            yield Break(table, row.number, f"row was changed after act {row.asserted_by} wrote it")
        group = groups.setdefault(row.asserted_by, _Group())
        group.numbers.append(row.number)
        group.digest.update(row.digest)
        if row.retracted_by is not None:
            retracted.setdefault(row.retracted_by, []).append(row.number)
    for number, manifest in manifests.items():
        written = manifest.get("asserted", {}).get(table)
        yield from _compare_group(table, number, written, groups.pop(number, None))
        gone = manifest.get("retracted", {}).get(table)
        yield from _compare_retracted(table, number, gone, retracted.pop(number, []))
    for act, group in groups.items():
        yield Break(table, group.numbers[0], f"row says act {act} wrote it, but there is no such act")
    for act, numbers in retracted.items():
        yield Break(table, numbers[0], f"row says act {act} retracted it, but there is no such act")


def _compare_group(table: str, act: int, written: list[Any] | None, found: _Group | None) -> Iterator[Break]:
    if written is None and found is None:
        return
    if found is None:
        assert written is not None
        yield Break(table, written[0], f"{written[2]} rows of act {act} are missing (from this number on)")
        return
    if written is None:
        yield Break(table, found.numbers[0], f"row was inserted: act {act} wrote none in this table")
        return
    if found.summary() == written:
        return
    first, last, count, _ = written
    # All rows of an act are drawn under one lock, so the numbers between first and last have no gaps.
    stored = set(found.numbers)
    if count == last - first + 1:
        for number in range(first, last + 1):
            if number not in stored:
                yield Break(table, number, f"row of act {act} is missing")
        for number in found.numbers:
            if not first <= number <= last:
                yield Break(table, number, f"row was inserted into act {act} afterwards")
    if len(found.numbers) == count and found.numbers[0] == first and found.numbers[-1] == last:
        yield Break(
            table, first, f"a row of act {act} (numbers {first} to {last}) was replaced, digest and all"
        )
    elif count != last - first + 1:
        yield Break(table, first, f"act {act} wrote {count} rows, {len(found.numbers)} are stored")


def _compare_retracted(table: str, act: int, written: list[Any] | None, found: list[int]) -> Iterator[Break]:
    if written is None and not found:
        return
    if written is None:
        yield Break(table, found[0], f"row says act {act} retracted it; that act retracted none here")
    elif [len(found), numbers_digest(found)] != written:
        where = found[0] if found else 0
        yield Break(table, where, f"act {act} retracted {written[0]} rows, {len(found)} say so, or others")


@dataclass(frozen=True)
class Head:
    """A signed statement that a chain had this hash at this number."""

    chain: str
    number: int
    hash: bytes
    count: int
    at: str
    signature: bytes

    @property
    def signed(self) -> bytes:
        return canonical(
            {
                "at": self.at,
                "chain": self.chain,
                "count": self.count,
                "hash": self.hash.hex(),
                "number": self.number,
            }
        )


def read_heads(lines: Iterable[str]) -> Iterator[Head | Break]:
    """Heads from their file, one JSON object a line; an unreadable line is a break at its line number."""
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            yield Head(
                raw["chain"],
                int(raw["number"]),
                bytes.fromhex(raw["hash"]),
                int(raw["count"]),
                raw["at"],
                bytes.fromhex(raw["signature"]),
            )
        except (ValueError, KeyError, TypeError):
            yield Break("heads", place, "line cannot be read")


def check_heads(
    heads: Iterable[Head | Break],
    hashes: dict[str, dict[int, bytes]],
    verify: Callable[[bytes, bytes], bool],
    finding: Finding,
) -> Iterator[Break]:
    """Hold each chain against its heads. ``hashes[chain][number]`` are the hashes stored now."""
    agreed = dict.fromkeys(hashes, 0)
    contradicted: set[str] = set()
    last = dict.fromkeys(hashes, 0)
    for head in heads:
        if isinstance(head, Break):
            yield head
            continue
        finding.heads += 1
        if not verify(head.signed, head.signature):
            yield Break(
                "heads", finding.heads, "signature is not of this key: the heads were forged or changed"
            )
            continue
        stored = hashes.get(head.chain, {}).get(head.number)
        last[head.chain] = max(last.get(head.chain, 0), head.number)
        if stored == head.hash:
            agreed[head.chain] = max(agreed[head.chain], head.number)
        elif stored is not None and head.chain not in contradicted:
            contradicted.add(head.chain)
            since = agreed[head.chain] + 1
            yield Break(
                head.chain, since, f"rewritten somewhere from here to {head.number} (head of {head.at})"
            )
    for chain, number in last.items():
        end = max(hashes.get(chain, {}), default=0)
        if number > end:
            yield Break(chain, end + 1, f"cut short: {end + 1} to {number} were there when a head was signed")


# Ed25519 (RFC 8032, section 5.1.7), verification only, so that an export needs no package. Slow, and enough.
_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _recover_x(y: int, sign: int) -> int | None:
    x2 = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _I % _P
    if (x * x - x2) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _add(a: _Point, b: _Point) -> _Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    c, d = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    return ((f - e) * (d - c) % _P, (d + c) * (f + e) % _P, (d - c) * (d + c) % _P, (f - e) * (f + e) % _P)


def _multiply(scalar: int, point: _Point) -> _Point:
    result: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _point(encoded: bytes) -> _Point | None:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = _recover_x(y, sign) if y < _P else None
    return None if x is None else (x, y, 1, x * y % _P)


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = _recover_x(_BASE_Y, 0) or 0
_BASE: _Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """True if ``signature`` (64 bytes) is of ``message`` under the 32-byte public key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= _Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _Q
    left, right = _multiply(s, _BASE), _add(r, _multiply(h, key))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % _P or (left[1] * right[2] - right[1] * left[2]) % _P
    )


def check(
    acts: Iterable[Link],
    looks: Iterable[Link],
    tables: dict[str, Iterable[Row]],
    heads: Iterable[Head | Break],
    verify: Callable[[bytes, bytes], bool],
) -> Finding:
    """Check everything and say what was read and where it breaks. Memory: a few hundred bytes an act."""
    finding = Finding()
    manifests: dict[int, dict[str, Any]] = {}
    hashes: dict[str, dict[int, bytes]] = {"act": {}, "look": {}}

    def keep_act(link: Link) -> None:
        finding.acts += 1
        hashes["act"][link.number] = link.hash
        manifests[link.number] = link.content["rows"]

    def keep_look(link: Link) -> None:
        finding.looks += 1
        hashes["look"][link.number] = link.hash

    finding.breaks.extend(check_chain("act", acts, keep_act))
    finding.breaks.extend(check_chain("look", looks, keep_look))
    for table, rows in tables.items():
        finding.breaks.extend(check_rows(table, rows, manifests, finding))
    named = {t for m in manifests.values() for part in m.values() for t in part}
    finding.breaks.extend(
        Break(t, 0, "acts wrote rows here, but the table is missing") for t in named - set(tables)
    )
    finding.breaks.extend(check_heads(heads, hashes, verify, finding))
    return finding


# --- an export: a folder with acts.jsonl, looks.jsonl, rows/<table>.jsonl, heads.jsonl, and head.pub (each key as hex)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="ascii") as stream:
        for line in stream:
            yield json.loads(line)


def _exported_links(path: Path) -> Iterator[Link]:
    for raw in _lines(path):
        prev, own = bytes.fromhex(raw.pop("prev")), bytes.fromhex(raw.pop("hash"))
        yield Link(raw["id"], raw, prev, own)


def _exported_rows(path: Path) -> Iterator[Row]:
    for raw in _lines(path):
        erased = raw["salt"] is None
        yield Row(
            path.stem,
            raw["id"],
            raw["asserted_by"],
            raw["retracted_by"],
            None if erased else bytes.fromhex(raw["salt"]),
            bytes.fromhex(raw["digest"]),
            None if erased else raw["text"].encode("utf-8"),
        )


def check_export(folder: Path, heads_file: Path | None = None) -> Finding:
    """Check an exported folder; ``heads_file`` is a copy of the heads kept elsewhere (the one to trust)."""
    keys = [bytes.fromhex(line) for line in (folder / "head.pub").read_text("ascii").split()]
    with (heads_file or folder / "heads.jsonl").open(encoding="utf-8") as heads:
        return check(
            _exported_links(folder / "acts.jsonl"),
            _exported_links(folder / "looks.jsonl"),
            {path.stem: _exported_rows(path) for path in sorted((folder / "rows").glob("*.jsonl"))},
            read_heads(heads),
            lambda message, signature: any(verify_ed25519(key, message, signature) for key in keys),
        )


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print("usage: python chain.py FOLDER [HEADS]")
        return 2
    finding = check_export(Path(arguments[0]), Path(arguments[1]) if len(arguments) == 2 else None)
    for found in finding.breaks:
        print(f"BROKEN  {found}")
    state = "whole" if finding.whole else f"{len(finding.breaks)} breaks"
    counts = f"{finding.acts} acts, {finding.looks} looks, {finding.rows} rows ({finding.erased} erased)"
    print(f"{counts}, {finding.heads} heads: {state}")
    return 0 if finding.whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
