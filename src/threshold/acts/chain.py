"""The two chains, checked with nothing but Python: no database, no package, no network.

What is checked, and how a break is placed:

* every **act** carries ``hash = sha256(prev || canonical JSON of its content)`` and ``prev`` is the hash
  before it, so that a changed, removed, inserted or reordered act shows at its number;
* every **row** carries ``digest = sha256(salt || its canonical text)``, and its act carries, for each table,
  first and last number, count and the digest over all digests in order, so that a changed, removed or
  inserted row shows at its table and number (a row replaced together with its digest: at its act's stretch);
* the act that **retracts** or **erases** rows carries their numbers, so that nothing goes by another hand;
* every **look** stands in a second chain of the same shape;
* **heads** (number, hash, count) are signed with a key that the database's owner has not, and kept outside
  the database: an owner who rewrites both rows and chain is contradicted by the first head he cannot sign.

A whole rewrite *after* the last head cannot be seen; nothing here claims otherwise.

An export may *withhold* what rows say, for whoever may check the record and not read it. Salt and text are then
left out. The digests still show that no row was added, removed, moved or retracted by another hand; that a row's
content agrees with its digest was looked at when the export was made, and is its maker's word.

This file is copied into every export: ``python chain.py`` beside it checks that export anywhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GENESIS = b"\x00" * 32
# No act of ours comes near it; a forged one must not keep the checker busy for ever.
MOST_ROWS_OF_AN_ACT = 10_000_000


@dataclass(frozen=True)
class Link:
    """One act or look as stored. ``content`` is everything that is hashed."""

    number: int
    content: dict[str, Any]
    prev: bytes
    hash: bytes


@dataclass(frozen=True)
class Row:
    """One claim row: its table, number, acts, salt, digest and canonical text.

    Salt and text are None once it is erased, and where an export withholds them: it then says whether they
    agreed with the digest when it was made.
    """

    table: str
    number: int
    asserted_by: int
    retracted_by: int | None
    salt: bytes | None
    digest: bytes
    text: bytes | None
    erased_by: int | None = None
    withheld: bool = False
    agreed: bool = True

    @property
    def agrees(self) -> bool:
        """Whether the content is what its act wrote; what is not there to be checked was checked before, or is gone."""
        if self.salt is None or self.text is None:
            return self.agreed
        return row_digest(self.salt, self.text) == self.digest


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
    withheld: int = 0
    # By act: how many rows were erased under it.
    erased_under: dict[int, int] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.breaks

    @property
    def says(self) -> str:
        """What was read and what was found, on one line."""
        rows = f"{self.rows} rows ({self.erased} erased"
        rows += "".join(f", {count} under act {act}" for act, count in sorted(self.erased_under.items()))
        rows += f", {self.withheld} withheld: digests only)" if self.withheld else ")"
        state = "whole" if self.whole else f"{len(self.breaks)} breaks"
        return f"{self.acts} acts, {self.looks} looks, {rows}, {self.heads} heads: {state}"


def canonical(content: dict[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces; only text, whole numbers, booleans, null, lists and objects occur."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def link_hash(prev: bytes, content: dict[str, Any]) -> bytes:
    return hashlib.sha256(prev + canonical(content)).digest()


def row_digest(salt: bytes, text: bytes) -> bytes:
    return hashlib.sha256(salt + text).digest()


@dataclass(frozen=True)
class Manifest:
    """What an act did to rows. By table: first, last, count and digest of those asserted; numbers of the others."""

    asserted: dict[str, list[Any]] = field(default_factory=dict)
    retracted: dict[str, list[int]] = field(default_factory=dict)
    erased: dict[str, list[int]] = field(default_factory=dict)


def read_manifest(raw: Any) -> Manifest | None:
    """The manifest in an act's content; None if it is not one, which no act of ours ever wrote."""
    if not isinstance(raw, dict) or set(raw) - {"asserted", "retracted", "erased"}:
        return None
    if not all(isinstance(by_table, dict) for by_table in raw.values()):
        return None
    asserted = raw.get("asserted", {})
    numbered = [raw.get("retracted", {}), raw.get("erased", {})]
    if not all(_is_stretch(written) for written in asserted.values()):
        return None
    if not all(_are_numbers(numbers) for by_table in numbered for numbers in by_table.values()):
        return None
    return Manifest(asserted, *numbered)


def _is_stretch(written: Any) -> bool:
    return (
        isinstance(written, list)
        and len(written) == 4
        and _are_numbers(written[:3])
        and 1 <= written[2] <= min(written[1] - written[0] + 1, MOST_ROWS_OF_AN_ACT)
        and isinstance(written[3], str)
    )


def _are_numbers(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int for value in values)


def check_chain(name: str, links: Iterable[Link], keep: Callable[[Link], None]) -> Iterator[Break]:
    """Walk a chain in order of number, yielding every break; ``keep`` is called with each link."""
    expected, prev = 1, GENESIS
    for link in links:
        if link.number > expected:
            yield Break(name, expected, f"missing: the next one stored is {link.number}")
        elif link.number < expected:
            yield Break(name, link.number, "stands twice, or out of its order")
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
    table: str, rows: Iterable[Row], manifests: dict[int, Manifest], finding: Finding
) -> Iterator[Break]:
    """Check one table's rows (in order of number) against the manifests of the acts they claim."""
    groups: dict[int, _Group] = {}
    retracted: dict[int, list[int]] = {}
    erased: dict[int, list[int]] = {}
    for row in rows:
        finding.rows += 1
        if row.withheld:
            finding.withheld += 1
        elif row.salt is None or row.text is None:
            finding.erased += 1
            if row.erased_by is not None:
                finding.erased_under[row.erased_by] = finding.erased_under.get(row.erased_by, 0) + 1
            erased.setdefault(row.erased_by or 0, []).append(row.number)
        if not row.agrees:
            yield Break(table, row.number, f"row was changed after act {row.asserted_by} wrote it")
        group = groups.setdefault(row.asserted_by, _Group())
        group.numbers.append(row.number)
        group.digest.update(row.digest)
        if row.retracted_by is not None:
            retracted.setdefault(row.retracted_by, []).append(row.number)
    for number, manifest in manifests.items():
        yield from _compare_group(table, number, manifest.asserted.get(table), groups.pop(number, None))
        for verb, written, found in (
            ("retracted", manifest.retracted, retracted),
            ("erased", manifest.erased, erased),
        ):
            yield from _compare_numbers(table, number, verb, written.get(table, []), found.pop(number, []))
    for act, group in groups.items():
        for number in group.numbers:
            yield Break(table, number, f"row says act {act} wrote it, but there is no such act")
    for verb, found in (("retracted", retracted), ("erased", erased)):
        for act, numbers in found.items():
            for number in numbers:
                yield Break(table, number, f"row says act {act} {verb} it, but there is no such act")


def _compare_group(table: str, act: int, written: list[Any] | None, found: _Group | None) -> Iterator[Break]:
    if written is None:
        for number in found.numbers if found else ():
            yield Break(table, number, f"row was inserted: act {act} wrote none in this table")
        return
    first, last, count, _ = written
    if found is None:
        yield Break(table, first, f"all {count} rows of act {act} ({first} to {last}) are missing")
        return
    if found.summary() == written:
        return
    stored = set(found.numbers)
    # All rows of an act are drawn under one lock, so the numbers between first and last have no gaps.
    gapless = count == last - first + 1
    missing = [number for number in range(first, last + 1) if number not in stored] if gapless else []
    foreign = [number for number in found.numbers if not first <= number <= last]
    for number in missing:
        yield Break(table, number, f"row of act {act} is missing")
    for number in foreign:
        yield Break(table, number, f"row was inserted into act {act} afterwards")
    if missing or foreign:
        return
    what = f"act {act} wrote {count} rows from {first} to {last}"
    if len(found.numbers) != count:
        yield Break(table, first, f"{what}, but {len(found.numbers)} are stored")
    elif found.numbers != sorted(found.numbers):
        yield Break(table, first, f"{what}; they are no longer in order")
    else:
        yield Break(table, first, f"{what}; one or more were replaced, digest and all")


def _compare_numbers(
    table: str, act: int, verb: str, written: list[int], found: list[int]
) -> Iterator[Break]:
    if written == found:
        return
    for number in sorted(set(found) - set(written)):
        yield Break(table, number, f"row says act {act} {verb} it; that act did not")
    for number in sorted(set(written) - set(found)):
        yield Break(table, number, f"act {act} {verb} this row, which no longer says so")


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
                str(raw["chain"]),
                int(raw["number"]),
                bytes.fromhex(raw["hash"]),
                int(raw["count"]),
                str(raw["at"]),
                bytes.fromhex(raw["signature"]),
            )
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            yield Break("heads", place, "line cannot be read")


def check_heads(
    heads: Iterable[Head | Break],
    hashes: dict[str, dict[int, bytes]],
    verify: Callable[[bytes, bytes], bool],
    finding: Finding,
) -> Iterator[Break]:
    """Hold each chain against its heads. ``hashes[chain][number]`` are the hashes stored now."""
    agreed: dict[str, list[int]] = {chain: [0] for chain in hashes}
    contradicted: dict[str, Head] = {}
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
            agreed[head.chain].append(head.number)
        elif stored is not None:
            earliest = contradicted.get(head.chain)
            if earliest is None or head.number < earliest.number:
                contradicted[head.chain] = head
    for chain, head in contradicted.items():
        since = max(number for number in agreed[chain] if number < head.number) + 1
        yield Break(chain, since, f"rewritten somewhere from here to {head.number} (head of {head.at})")
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
    manifests: dict[int, Manifest] = {}
    unreadable: list[Break] = []
    hashes: dict[str, dict[int, bytes]] = {"act": {}, "look": {}}

    def keep_act(link: Link) -> None:
        finding.acts += 1
        hashes["act"][link.number] = link.hash
        manifest = read_manifest(link.content.get("rows"))
        if manifest is None:
            unreadable.append(Break("act", link.number, "what it says of its rows cannot be read"))
        manifests[link.number] = manifest or Manifest()

    def keep_look(link: Link) -> None:
        finding.looks += 1
        hashes["look"][link.number] = link.hash

    finding.breaks.extend(check_chain("act", acts, keep_act))
    finding.breaks.extend(check_chain("look", looks, keep_look))
    finding.breaks.extend(unreadable)
    for table, rows in tables.items():
        finding.breaks.extend(check_rows(table, rows, manifests, finding))
    named = {t for m in manifests.values() for part in (m.asserted, m.retracted) for t in part}
    finding.breaks.extend(
        Break(t, 0, "acts wrote rows here, but the table is missing") for t in sorted(named - set(tables))
    )
    finding.breaks.extend(check_heads(heads, hashes, verify, finding))
    if finding.acts and not finding.heads:
        finding.breaks.append(Break("heads", 0, "there are acts, but not one signed head"))
    return finding


# --- an export: a folder with acts.jsonl, looks.jsonl, rows/<table>.jsonl, heads.jsonl, and head.pub (each key as hex)


class NotAnExport(Exception):
    """A file of the folder is missing or cannot be read. ``str()`` says which, and where."""


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="ascii") as stream:
            for place, line in enumerate(stream, start=1):
                try:
                    raw = json.loads(line)
                except (ValueError, RecursionError) as broken:
                    raise NotAnExport(f"{path.name}, line {place} cannot be read: {broken}") from broken
                if not isinstance(raw, dict):
                    raise NotAnExport(f"{path.name}, line {place} is not a record")
                yield raw
    except OSError as missing:
        raise NotAnExport(f"{path.name} cannot be read: {missing.strerror}") from missing
    except UnicodeDecodeError as broken:
        raise NotAnExport(f"{path.name} cannot be read: it is not plain text") from broken


def _exported_links(path: Path) -> Iterator[Link]:
    for place, raw in enumerate(_lines(path), start=1):
        try:
            prev, own = bytes.fromhex(raw.pop("prev")), bytes.fromhex(raw.pop("hash"))
            yield Link(_number(raw["id"]), raw, prev, own)
        except (KeyError, TypeError, ValueError) as broken:
            raise NotAnExport(f"{path.name}, line {place} is not a record of a chain") from broken


def _exported_rows(path: Path) -> Iterator[Row]:
    for place, raw in enumerate(_lines(path), start=1):
        try:
            gone = raw["salt"] is None
            withheld = gone and raw["erased_by"] is None and raw.get("withheld") is True
            yield Row(
                path.stem,
                _number(raw["id"]),
                _number(raw["asserted_by"]),
                None if raw["retracted_by"] is None else _number(raw["retracted_by"]),
                None if gone else bytes.fromhex(raw["salt"]),
                bytes.fromhex(raw["digest"]),
                None if gone else raw["text"].encode("utf-8"),
                None if raw["erased_by"] is None else _number(raw["erased_by"]),
                withheld,
                not withheld or raw.get("agreed") is True,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as broken:
            raise NotAnExport(f"{path.name}, line {place} is not a row") from broken


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def check_export(folder: Path, heads_file: Path | None = None) -> Finding:
    """Check an exported folder; ``heads_file`` is a copy of the heads kept elsewhere (the one to trust).

    :raises NotAnExport: a file is missing or cannot be read
    """
    heads = heads_file or folder / "heads.jsonl"
    try:
        keys = [bytes.fromhex(line) for line in (folder / "head.pub").read_text("ascii").split()]
        with heads.open(encoding="utf-8", errors="replace") as lines:
            return check(
                _exported_links(folder / "acts.jsonl"),
                _exported_links(folder / "looks.jsonl"),
                {path.stem: _exported_rows(path) for path in sorted((folder / "rows").glob("*.jsonl"))},
                read_heads(lines),
                lambda message, signature: any(verify_ed25519(key, message, signature) for key in keys),
            )
    except OSError as missing:
        raise NotAnExport(f"{missing.filename} cannot be read: {missing.strerror}") from missing
    except ValueError as broken:
        raise NotAnExport("head.pub is not a list of keys") from broken


def main(arguments: list[str]) -> int:
    """0: whole; 1: broken, and where; 2: this cannot be checked."""
    parser = argparse.ArgumentParser(
        prog="chain.py",
        description="Check an exported record: every act, look and row, and the signed heads.",
        epilog="Ends with 0 when the record is whole, 1 when it is not (and says where), 2 when it cannot be checked.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(__file__).resolve().parent,
        help="the exported folder; the one that this file lies in when not said",
    )  # fmt: skip
    parser.add_argument(
        "heads", nargs="?", type=Path,
        help="a copy of heads.jsonl that was kept elsewhere, which is the one to trust",
    )  # fmt: skip
    asked = parser.parse_args(arguments)
    try:
        finding = check_export(asked.folder, asked.heads)
    except NotAnExport as problem:
        print(f"This folder cannot be checked: {problem}")
        return 2
    for found in finding.breaks:
        print(f"BROKEN  {found}")
    print(finding.says)
    return 0 if finding.whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
