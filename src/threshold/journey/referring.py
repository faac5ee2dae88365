"""A typed referral is a delivery like any other: its document is kept, read, and registered in one way with files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from threshold.acts.access import Actor
from threshold.intake.referral import Typed, check_document, document
from threshold.journey.importing import Incoming, Receipt, take_in
from threshold.journey.scratch import IN_MEMORY, scratch

ROAD = "typed"


def refer(actor: Actor, typed: Typed, received_at: datetime | None) -> Receipt:
    """Take in a referral as it was typed; ``received_at`` is when the force had it.

    :raises WrongReferral: a question is neither answered nor said not to be known
    """
    return _take_in(actor, document(typed), "referral.json", received_at)


def refer_document(actor: Actor, content: bytes, path: Path, received_at: datetime | None) -> Receipt:
    """Take in a referral that comes as the document; it is kept as it came.

    :raises WrongReferral: it is no such document, or a question is neither answered nor said not to be known
    """
    check_document(content)
    return _take_in(actor, content, path.name, received_at, named=str(path))


def _take_in(
    actor: Actor, content: bytes, name: str, received_at: datetime | None, named: str = ""
) -> Receipt:
    with scratch(IN_MEMORY) as folder:
        path = folder / "referral.json"
        path.write_bytes(content)
        incoming = Incoming(name, "", path, len(content), named=named)
        return take_in(actor, [incoming], road=ROAD, received_at=received_at)
