"""Signed heads of both chains, appended to a file outside the database.

The signing key lies in the home, not in the database: whoever owns the database but not the home cannot
rewrite the past without the next check saying so. Keep a copy of the heads on another machine.
"""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from threshold.acts.chain import Head
from threshold.acts.db import query
from threshold.home import Home


def _key() -> Ed25519PrivateKey:
    key = load_pem_private_key(Home.current().head_key.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def public_keys() -> list[bytes]:
    """The raw 32 bytes of every key that heads of this home may be signed with, today's first."""
    keys = [load_pem_public_key(path.read_bytes()) for path in Home.current().head_pubs]
    return [
        key.public_bytes(Encoding.Raw, PublicFormat.Raw) for key in keys if isinstance(key, Ed25519PublicKey)
    ]


def sign_heads() -> None:
    """Append the present head of each chain, unless it stands already. Called after acts and by the sweep."""
    rows = query(
        """select * from (select 'act' as chain, id, hash from act order by id desc limit 1) a
           union all select * from (select 'look', id, hash from look order by id desc limit 1) l"""
    )
    at = datetime.now(UTC).isoformat(timespec="seconds")
    key = _key()
    lines = []
    for row in rows:
        head = Head(row.chain, row.id, bytes(row.hash), row.id, at, b"")
        lines.append(
            json.dumps(
                {
                    "chain": head.chain,
                    "number": head.number,
                    "hash": head.hash.hex(),
                    "count": head.count,
                    "at": head.at,
                    "signature": key.sign(head.signed).hex(),
                }
            )
            + "\n"
        )
    _append(lines)


def _append(lines: list[str]) -> None:
    descriptor = os.open(Home.current().heads, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())
