"""A typed referral is a delivery like any other: its document is kept, read, and registered in one way with files."""

from __future__ import annotations

from datetime import datetime

from threshold.acts.access import Actor
from threshold.intake.referral import Typed, document
from threshold.journey.importing import Incoming, Receipt, take_in
from threshold.journey.scratch import IN_MEMORY, scratch

ROAD = "typed"


def refer(actor: Actor, typed: Typed, received_at: datetime | None) -> Receipt:
    """Take in a referral as it was typed; ``received_at`` is when the force had it.

    :raises WrongReferral: a question is neither answered nor said not to be known
    """
    content = document(typed)
    with scratch(IN_MEMORY) as folder:
        path = folder / "referral.json"
        path.write_bytes(content)
        incoming = Incoming("referral.json", "", path, len(content))
        return take_in(actor, [incoming], road=ROAD, received_at=received_at)
