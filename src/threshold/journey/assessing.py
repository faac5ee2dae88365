"""Work subjects out again: what they are to watched cases first, their bands then, and which answers lapsed by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from threshold.acts.verbs import OpenAct
from threshold.cases import verbs as cases
from threshold.cases import watching
from threshold.enquiries import assess as room
from threshold.enquiries.lapsing import lapsed_by


def assess(
    opened: OpenAct, subjects: Iterable[int], before: Mapping[int, frozenset[int]] | None = None
) -> int:
    """Work these subjects out again (``enquiries.assess.assess``); how many changed.

    Watched cases that one of them is new to are opened again before, so that a breach counts at once.
    """
    wanted = set(subjects)
    changed = room.assess(opened, wanted | set(watching.look_again(opened, wanted)), before)
    cases.tell_of_enquiries(opened, "answer lapsed", lapsed_by(opened.id))
    return changed
