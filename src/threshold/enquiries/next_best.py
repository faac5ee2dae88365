"""Which enquiry to ask next: the one that settles most for the least time. Pure.

What an enquiry settles is counted in outstanding checks that it can answer and nobody has been asked about yet; a
check that could make the band graver than another counts before it. Officer minutes are the price, and where two
settle as much a minute, the answer that usually comes sooner goes first. It proposes; an officer asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from threshold.enquiries.kinds import About
from threshold.policy.model import EnquiryKind

# A check that could reach the gravest band weighs as much as two that could reach the next one, and so on.
_WEIGHT = {0: 1, 1: 1, 2: 2, 3: 4, 4: 8}


@dataclass(frozen=True, slots=True)
class Offer:
    """One enquiry that could be asked: what it settles, what it costs, and why it stands here.

    ``missing``: what it would be about is not known, so it cannot be asked ("": it can). ``asked``: it is out
    already, and how many there are. ``tied``: as good as the one before it.
    """

    kind: EnquiryKind
    about: About
    settles: tuple[str, ...]
    worth: Fraction
    missing: str = ""
    asked: int = 0
    tied: str = ""

    @property
    def can_be_asked(self) -> bool:
        return not self.missing and not self.asked


def offers(
    kinds: Iterable[EnquiryKind],
    about: Mapping[str, About],
    reach: Mapping[str, int],
    have: Collection[About],
    out: Mapping[str, int],
    answering: Collection[str] = (),
    unresolved: int = 0,
) -> list[Offer]:
    """Every enquiry that would settle something, the best first; what cannot be asked or is out comes last.

    ``reach``: the outstanding checks, each with the gravest band it could lead to. ``have``: what there is to ask
    about. ``out``: how many of each kind are asked and not answered; ``answering``: the checks that those can answer.
    ``unresolved``: connections that could be resolved and are not asked about: whose line it was leads to premises,
    without which nothing about a home can be asked, so it weighs like one gravest check.
    """
    left = {fact: rank for fact, rank in reach.items() if fact not in answering}
    found = []
    for kind in kinds:
        what = about[kind.id]
        if out.get(kind.id):
            settles = tuple(fact for fact in kind.answers if fact in reach)
        else:
            settles = tuple(fact for fact in kind.answers if fact in left)
        weight = sum(_WEIGHT[reach[fact]] for fact in settles)
        if what == "connection" and unresolved:
            weight += _WEIGHT[4]
        if weight:
            missing = "" if what in have else _MISSING[what]
            worth = Fraction(weight, kind.officer_minutes)
            found.append(Offer(kind, what, settles, worth, missing, out.get(kind.id, 0)))
    found.sort(key=lambda o: (not o.can_be_asked, bool(o.missing), -o.worth, o.kind.usual_days, o.kind.id))
    return [
        replace(offer, tied=_tied(before, offer))
        for before, offer in zip([None, *found], found, strict=False)
    ]


_MISSING: dict[About, str] = {
    "connection": "no connection can be resolved to one subscriber",
    "premises": "no premises are known",
    "person": "no name is known",
    "report": "there is no report to ask about",
}


def _tied(before: Offer | None, offer: Offer) -> str:
    """Why an offer that is worth as much as the one before it stands after it ("": it is worth less)."""
    if before is None or before.can_be_asked != offer.can_be_asked or before.worth != offer.worth:
        return ""
    if before.kind.usual_days < offer.kind.usual_days:
        return f"Settles as much a minute as {before.kind.words}, whose answer usually comes sooner."
    return f"As good as {before.kind.words}: either may be asked first."
