"""The chain's arithmetic: whatever is changed, removed, inserted, reordered or cut is found, and placed.

Pure: a small made-up record (acts, looks, two tables, signed heads) is held in lists, spoilt in every way that
Hypothesis thinks of, and checked.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.acts import chain
from threshold.acts.chain import GENESIS, Break, Finding, Head, Link, Row

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
TABLES = ("report", "mention")

# RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@dataclass
class Record:
    """A record in memory; ``acts`` and ``looks`` by number from 1, rows by table."""

    acts: list[Link] = field(default_factory=list)
    looks: list[Link] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLES})
    heads: list[Head | Break] = field(default_factory=list)


def append(links: list[Link], content: dict[str, Any]) -> None:
    number, prev = len(links) + 1, links[-1].hash if links else GENESIS
    content = {"id": number, **content}
    links.append(Link(number, content, prev, chain.link_hash(prev, content)))


def a_row(table: str, number: int, act: int, words: str = "") -> Row:
    text = f'{{"id": {number}, "words": "{words}{number}"}}'.encode()
    salt = hashlib.sha256(f"{table} {number} {act}".encode()).digest()[:16]
    return Row(table, number, act, None, salt, chain.row_digest(salt, text), text)


def manifest(rows: dict[str, list[Row]], act: int) -> dict[str, Any]:
    """As the database's ``act_rows`` writes it."""
    said: dict[str, Any] = {"asserted": {}, "retracted": {}, "erased": {}}
    for table, all_rows in rows.items():
        own = [row for row in all_rows if row.asserted_by == act]
        if own:
            digest = hashlib.sha256(b"".join(row.digest for row in own)).hexdigest()
            said["asserted"][table] = [own[0].number, own[-1].number, len(own), digest]
        for verb, by in (("retracted", "retracted_by"), ("erased", "erased_by")):
            gone = [row.number for row in all_rows if getattr(row, by) == act]
            if gone:
                said[verb][table] = gone
    return {verb: by_table for verb, by_table in said.items() if by_table}


def sign(record: Record, name: str) -> None:
    links = record.acts if name == "act" else record.looks
    head = Head(name, links[-1].number, links[-1].hash, links[-1].number, "2026-11-25T09:00:00", b"")
    record.heads.append(replace(head, signature=KEY.sign(head.signed)))


def a_record(shape: list[int], looks: int = 4, heads: Callable[[int], bool] = lambda _: True) -> Record:
    """Each act asserts so many rows in each table and retracts the first standing row of the act before it."""
    record = Record()
    for act, count in enumerate(shape, start=1):
        for table in TABLES:
            rows = record.rows[table]
            before = next((n for n, row in enumerate(rows) if row.asserted_by == act - 1), None)
            if before is not None:
                rows[before] = replace(rows[before], retracted_by=act)
            rows += [a_row(table, len(rows) + 1 + n, act) for n in range(count)]
        append(record.acts, {"actor": 1, "verb": "register", "rows": manifest(record.rows, act)})
        if heads(act):
            sign(record, "act")
    for _ in range(looks):
        append(record.looks, {"actor": 1, "route": "list", "shown": [1, 2]})
    sign(record, "look")
    return record


def check(record: Record) -> Finding:
    return chain.check(
        record.acts,
        record.looks,
        dict(record.rows.items()),
        record.heads,
        is_signed,
    )


def is_signed(message: bytes, signature: bytes) -> bool:
    """By another implementation, which is quicker; that ours agrees with it is tested below."""
    try:
        KEY.public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True


def places(record: Record) -> set[tuple[str, int]]:
    return {(found.where, found.number) for found in check(record).breaks}


@pytest.fixture
def record() -> Record:
    return a_record([3, 2, 0, 4, 1])


def test_a_record_that_nobody_touched_is_whole(record: Record) -> None:
    finding = check(record)
    assert finding.whole
    assert (finding.acts, finding.looks, finding.rows, finding.heads, finding.erased) == (5, 4, 20, 6, 0)


def test_a_home_without_acts_is_whole() -> None:
    assert check(Record()).whole


# --- signatures


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_ed25519_agrees_with_the_standards_own_examples(public: str, message: str, signature: str) -> None:
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert chain.verify_ed25519(key, text, signed)
    assert not chain.verify_ed25519(key, text + b"\x00", signed)
    assert not chain.verify_ed25519(key, text, signed[:-1])
    assert not chain.verify_ed25519(key[:-1], text, signed)


@settings(max_examples=30, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), bit=st.integers(0, 511))
def test_ed25519_agrees_with_another_implementation(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = key.sign(message)
    assert chain.verify_ed25519(public, message, signature)
    spoilt = bytearray(signature)
    spoilt[bit // 8] ^= 1 << bit % 8
    assert not chain.verify_ed25519(public, message, bytes(spoilt))


def test_a_signature_with_the_group_order_added_is_refused() -> None:
    signature = KEY.sign(b"head")
    s = int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert not chain.verify_ed25519(PUBLIC, b"head", signature[:32] + s.to_bytes(32, "little"))


def test_points_off_the_curve_are_refused() -> None:
    assert not chain.verify_ed25519(b"\x02" + bytes(31), b"", KEY.sign(b""))
    assert not chain.verify_ed25519(PUBLIC, b"", b"\x02" + bytes(31) + KEY.sign(b"")[32:])
    assert not chain.verify_ed25519(b"\xff" * 32, b"", KEY.sign(b""))


# --- canonical text

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(content=st.dictionaries(st.text(), plain, max_size=5))
def test_canonical_text_does_not_depend_on_the_order_of_keys_and_reads_back(content: dict[str, Any]) -> None:
    turned = dict(reversed(content.items()))
    assert chain.canonical(content) == chain.canonical(turned)
    assert json.loads(chain.canonical(content)) == content


@given(one=st.dictionaries(st.text(), plain, max_size=3), other=st.dictionaries(st.text(), plain, max_size=3))
def test_different_content_has_different_canonical_text(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (chain.canonical(one) == chain.canonical(other)) == same


# --- every kind of break


shapes = st.lists(st.integers(0, 4), min_size=2, max_size=6).filter(lambda shape: sum(shape) >= 2)


@settings(max_examples=40, deadline=None)
@given(shape=shapes, which=st.randoms(use_true_random=False))
def test_a_changed_row_is_found_at_its_number(shape: list[int], which: Any) -> None:
    record = a_record(shape)
    table, n = which.choice(TABLES), which.randrange(len(record.rows["report"]))
    row = record.rows[table][n]
    record.rows[table][n] = replace(row, text=(row.text or b"") + b" ")
    assert places(record) == {(table, row.number)}


@settings(max_examples=40, deadline=None)
@given(shape=shapes, which=st.randoms(use_true_random=False))
def test_a_row_replaced_with_its_digest_is_found_where_its_act_begins(shape: list[int], which: Any) -> None:
    record = a_record(shape)
    table, n = which.choice(TABLES), which.randrange(len(record.rows["report"]))
    row = record.rows[table][n]
    new = a_row(table, row.number, row.asserted_by, "other ")
    record.rows[table][n] = replace(new, retracted_by=row.retracted_by)
    first = next(r.number for r in record.rows[table] if r.asserted_by == row.asserted_by)
    assert places(record) == {(table, first)}


@settings(max_examples=40, deadline=None)
@given(shape=shapes, which=st.randoms(use_true_random=False))
def test_a_removed_row_is_found_at_its_number(shape: list[int], which: Any) -> None:
    record = a_record(shape)
    table, n = which.choice(TABLES), which.randrange(len(record.rows["report"]))
    row = record.rows[table].pop(n)
    assert (table, row.number) in places(record)
    assert {where for where, _ in places(record)} == {table}
    assert {number for _, number in places(record)} == {row.number}


@settings(max_examples=40, deadline=None)
@given(shape=shapes, act=st.integers(1, 6))
def test_an_inserted_row_is_found_at_its_number(shape: list[int], act: int) -> None:
    record = a_record(shape)
    number = len(record.rows["report"]) + 1
    record.rows["report"].append(a_row("report", number, act))
    assert places(record) == {("report", number)}


@settings(max_examples=40, deadline=None)
@given(shape=shapes, which=st.randoms(use_true_random=False))
def test_rows_that_change_places_are_found(shape: list[int], which: Any) -> None:
    record = a_record(shape)
    rows = record.rows["mention"]
    n = which.randrange(len(rows) - 1)
    one, other = rows[n], rows[n + 1]
    # Each keeps its salt, digest and text, and says another number; in an export nothing else would show it.
    rows[n], rows[n + 1] = replace(other, number=one.number), replace(one, number=other.number)
    found = places(record)
    assert found
    touched = {one.asserted_by, other.asserted_by}
    numbers = {row.number for row in rows if row.asserted_by in touched}
    assert {where for where, _ in found} == {"mention"}
    assert {number for _, number in found} <= numbers


@pytest.mark.parametrize("table", TABLES)
def test_rows_out_of_order_or_twice_in_an_export_are_found(record: Record, table: str) -> None:
    rows = record.rows[table]
    record.rows[table] = [rows[1], rows[0], *rows[2:]]
    assert places(record) == {(table, 1)}
    record.rows[table] = [rows[0], rows[1], rows[1], *rows[2:]]
    assert places(record) == {(table, 1)}


@settings(max_examples=40, deadline=None)
@given(shape=shapes, which=st.randoms(use_true_random=False))
def test_a_retraction_made_or_unmade_by_another_hand_is_found_at_its_row(
    shape: list[int], which: Any
) -> None:
    record = a_record(shape)
    n = which.randrange(len(record.rows["report"]))
    row = record.rows["report"][n]
    new = None if row.retracted_by else which.randint(row.asserted_by + 1, len(shape) + 1)
    record.rows["report"][n] = replace(row, retracted_by=new)
    assert places(record) == {("report", row.number)}


def test_a_row_said_to_be_of_another_act_is_found(record: Record) -> None:
    rows = record.rows["report"]
    rows[0] = replace(rows[0], asserted_by=2)
    assert ("report", 1) in places(record)


@settings(max_examples=40, deadline=None)
@given(number=st.integers(1, 5), name=st.sampled_from(["act", "look"]), key=st.sampled_from(["actor", "at"]))
def test_a_changed_act_or_look_is_found_at_its_number(number: int, name: str, key: str) -> None:
    record = a_record([3, 2, 0, 4, 1], looks=5)
    links = record.acts if name == "act" else record.looks
    links[number - 1].content[key] = 99
    assert places(record) == {(name, number)}


@pytest.mark.parametrize("name", ["act", "look"])
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_removed_act_or_look_is_found_at_its_number(name: str, number: int) -> None:
    record = a_record([3, 2, 0, 4, 1], looks=5)
    del (record.acts if name == "act" else record.looks)[number - 1]
    assert (name, number) in places(record)


@pytest.mark.parametrize("name", ["act", "look"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_acts_or_looks_that_change_places_are_found(name: str, number: int) -> None:
    record = a_record([3, 2, 0, 4, 1], looks=5)
    links = record.acts if name == "act" else record.looks
    links[number - 1], links[number] = (
        replace(links[number], number=number),
        replace(links[number - 1], number=number + 1),
    )
    assert (name, number) in places(record)


@pytest.mark.parametrize("number", [1, 3, 5])
def test_an_inserted_act_that_pushes_the_others_up_is_found(number: int) -> None:
    record = a_record([3, 2, 0, 4, 1])
    moved = [replace(link, number=link.number + 1) for link in record.acts[number - 1 :]]
    content = {"id": number, "actor": 9, "verb": "take", "rows": {}}
    prev = moved[0].prev
    inserted = Link(number, content, prev, chain.link_hash(prev, content))
    record.acts[number - 1 :] = [inserted, *moved]
    assert ("act", number) in places(record)  # by the head that was signed there
    assert ("act", number + 1) in places(record)  # by what follows


@settings(max_examples=30, deadline=None)
@given(kept=st.integers(0, 4))
def test_a_chain_cut_short_is_found_where_it_was_cut(kept: int) -> None:
    record = a_record([3, 2, 0, 4, 1], looks=5)
    del record.acts[kept:]
    del record.looks[kept:]
    found = places(record)
    assert ("act", kept + 1) in found
    assert ("look", kept + 1) in found


def rewrite(record: Record, since: int) -> None:
    """What an owner of the database can do at most: every act from one on is made anew, fresh salts and all."""
    for table in TABLES:
        record.rows[table] = [
            row
            if row.asserted_by < since
            else replace(
                a_row(table, row.number, row.asserted_by, "rewritten "), retracted_by=row.retracted_by
            )
            for row in record.rows[table]
        ]
    acts = record.acts[since - 1 :]
    del record.acts[since - 1 :]
    for link in acts:
        append(record.acts, {**link.content, "actor": 7, "rows": manifest(record.rows, link.number)})


@settings(max_examples=40, deadline=None)
@given(shape=shapes, since=st.integers(1, 6))
def test_a_whole_rewrite_is_found_at_the_first_head_that_contradicts_it(shape: list[int], since: int) -> None:
    record = a_record(shape)
    since = min(since, len(shape))
    rewrite(record, since)
    assert places(record) == {("act", since)}
    assert "rewritten" in check(record).breaks[0].problem


def test_a_rewrite_between_two_heads_is_placed_between_them() -> None:
    record = a_record([1, 1, 1, 1, 1, 1], heads=lambda act: act in (2, 5))
    rewrite(record, 4)
    (found,) = check(record).breaks
    assert (found.where, found.number) == ("act", 3)
    assert "from here to 5" in found.problem


def test_heads_in_another_order_place_a_rewrite_as_exactly() -> None:
    record = a_record([1, 1, 1, 1, 1, 1])
    record.heads.reverse()
    rewrite(record, 4)
    assert places(record) == {("act", 4)}


def test_a_rewrite_after_the_last_head_cannot_be_seen() -> None:
    record = a_record([1, 1, 1, 1], heads=lambda act: act <= 2)
    rewrite(record, 3)
    assert check(record).whole


def test_a_record_without_one_head_is_not_called_whole(record: Record) -> None:
    record.heads = []
    assert places(record) == {("heads", 0)}


# --- heads


def test_a_head_of_another_key_is_found(record: Record) -> None:
    head = record.heads[2]
    assert isinstance(head, Head)
    record.heads[2] = replace(head, signature=Ed25519PrivateKey.generate().sign(head.signed))
    assert places(record) == {("heads", 3)}


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2},
        {"hash": bytes(32)},
        {"count": 9},
        {"at": "2020-01-01"},
        {"chain": "look"},
        {"chain": "x"},
    ],
)
def test_a_changed_head_is_found(record: Record, change: dict[str, Any]) -> None:
    head = record.heads[0]
    assert isinstance(head, Head)
    record.heads[0] = replace(head, **change)
    assert places(record) == {("heads", 1)}


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "3", "null", '{"chain": "act"}', '{"chain": "act", "number": "x"}', "\ufffd", "[" * 100_000,
     '{"chain": "act", "number": 1e999, "hash": "00", "count": 1, "at": "", "signature": "00"}',
     '{"chain": "act", "number": 1, "hash": 5, "count": 1, "at": "", "signature": "00"}'],
)  # fmt: skip
def test_a_line_of_heads_that_cannot_be_read_is_a_break_and_not_a_crash(line: str) -> None:
    (found,) = chain.read_heads(["\n", line])
    assert isinstance(found, Break)
    assert (found.where, found.number) == ("heads", 2)


# --- what an act says of its rows

wrong_manifests = st.one_of(
    plain,
    st.fixed_dictionaries({"asserted": plain}),
    st.fixed_dictionaries({"asserted": st.dictionaries(st.sampled_from(TABLES), plain, min_size=1)}),
    st.fixed_dictionaries({"retracted": st.dictionaries(st.sampled_from(TABLES), plain, min_size=1)}),
)


@settings(max_examples=100, deadline=None)
@given(said=wrong_manifests)
def test_whatever_an_act_says_of_its_rows_the_check_ends_and_finds_it(said: Any) -> None:
    record = a_record([2, 2])
    content = {**record.acts[1].content, "rows": said}
    prev = record.acts[1].prev
    record.acts[1] = Link(2, content, prev, chain.link_hash(prev, content))
    assert ("act", 2) in places(record)


def test_a_stretch_without_end_does_not_keep_the_check_busy(record: Record) -> None:
    said = {"asserted": {"report": [1, 10**18, 10**18, "00"]}}
    assert chain.read_manifest(said) is None


# --- erased rows


def erase(record: Record, table: str, number: int, act: int) -> None:
    row = record.rows[table][number - 1]
    record.rows[table][number - 1] = replace(row, salt=None, text=None, erased_by=act)


def test_a_row_erased_by_an_act_is_counted_and_no_break(record: Record) -> None:
    for table in TABLES:
        erase(record, table, 2, 6)
    append(record.acts, {"actor": 1, "verb": "erase", "rows": manifest(record.rows, 6)})
    finding = check(record)
    assert finding.whole
    assert finding.erased == 2


@pytest.mark.parametrize("act", [5, 6, 99])
def test_a_row_erased_by_no_act_is_found(record: Record, act: int) -> None:
    append(record.acts, {"actor": 1, "verb": "take", "rows": {}})
    erase(record, "report", 2, act)
    assert places(record) == {("report", 2)}


def test_an_erased_row_that_is_back_is_found(record: Record) -> None:
    before = copy.deepcopy(record.rows)
    erase(record, "report", 2, 6)
    append(record.acts, {"actor": 1, "verb": "erase", "rows": manifest(record.rows, 6)})
    record.rows = before
    assert places(record) == {("report", 2)}


def test_a_table_that_is_gone_is_found(record: Record) -> None:
    del record.rows["mention"]
    assert ("mention", 0) in places(record)
