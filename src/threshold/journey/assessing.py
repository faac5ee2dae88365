"""Work subjects out again, and tell whoever has taken one on which answers lapsed by what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from threshold.acts.verbs import OpenAct
from threshold.cases import verbs as cases
from threshold.enquiries import assess as room
from threshold.enquiries.lapsing import lapsed_by


def assess(
    opened: OpenAct, subjects: Iterable[int], before: Mapping[int, frozenset[int]] | None = None
) -> int:
    """Work these subjects out again (``enquiries.assess.assess``); how many changed."""
    changed = room.assess(opened, subjects, before)
    cases.tell_of_enquiries(opened, "answer lapsed", lapsed_by(opened.id))
    return changed
