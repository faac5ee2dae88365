"""Signed heads of both chains, appended to a file outside the database.

The signing key lies in the home, not in the database: whoever owns the database but not the home cannot
rewrite the past without the next check saying so. Keep a copy of the heads on another machine.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from threshold.acts.chain import Head, read_heads
from threshold.acts.db import query
from threshold.home import Home, HomeDamaged

_TAIL = 4096


def _key(home: Home) -> Ed25519PrivateKey:
    key = load_pem_private_key(_read(home.head_key), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def public_keys() -> list[bytes]:
    """The raw 32 bytes of every key that heads of this home may be signed with, today's first."""
    keys = [load_pem_public_key(_read(path)) for path in Home.current().head_pubs]
    return [
        key.public_bytes(Encoding.Raw, PublicFormat.Raw) for key in keys if isinstance(key, Ed25519PublicKey)
    ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as missing:
        raise HomeDamaged(path.parent.parent, f"keys/{path.name} is missing") from missing


def sign_heads() -> None:
    """Append the present head of each chain, unless it stands there last. Called after acts and by the sweep."""
    rows = query(
        """select * from (select 'act' as chain, id, hash from act order by id desc limit 1) a
           union all select * from (select 'look', id, hash from look order by id desc limit 1) l"""
    )
    at = datetime.now(UTC).isoformat(timespec="seconds")
    home = Home.current()
    key = _key(home)
    with _alone_with(home.heads) as stream:
        last = _last_heads(stream)
        new = [Head(r.chain, r.id, bytes(r.hash), r.id, at, b"") for r in rows]
        new = [head for head in new if last.get(head.chain) != (head.number, head.hash)]
        stream.write(b"".join(_line(head, key.sign(head.signed)) for head in new))


def newest_heads() -> list[Head]:
    """The last head of each chain in the file, acts first; none where nothing was signed yet."""
    with Home.current().heads.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
        lines = stream.read().decode("ascii", "replace").splitlines()
    found = {head.chain: head for head in read_heads(lines) if isinstance(head, Head)}
    return [found[chain] for chain in sorted(found)]


def _line(head: Head, signature: bytes) -> bytes:
    said = {
        "chain": head.chain,
        "number": head.number,
        "hash": head.hash.hex(),
        "count": head.count,
        "at": head.at,
        "signature": signature.hex(),
    }
    return json.dumps(said).encode("ascii") + b"\n"


@contextmanager
def _alone_with(heads: Path) -> Iterator[BinaryIO]:
    """The file for one process at a time, at its end; on the disk before anybody else has it."""
    descriptor = os.open(heads, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _last_heads(stream: BinaryIO) -> dict[str, tuple[int, bytes]]:
    """The last head of each chain in the last few lines; a line that a power cut broke off is ended first."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    if tail and not tail.endswith(b"\n"):
        stream.write(b"\n")
    found = read_heads(line.decode("ascii", "replace") for line in tail.split(b"\n"))
    return {head.chain: (head.number, head.hash) for head in found if isinstance(head, Head)}
