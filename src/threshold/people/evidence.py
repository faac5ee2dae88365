"""Which evidence joins two mentions, and which only asks a question (design section 3, rule 5). Pure.

There are two rules by which the system joins by itself, and no third:

1. the **same account** on the same service of the same sender, unless reported compromised, or perhaps damaged
   on its way (two long numbers that lost their last figures are one, as are two names that lost a letter);
2. **two independent strong identifiers**: verified, of different kinds, and not both from one account's own
   description. Strong are e-mail, telephone, device, account, and name with date of birth (as one). A fixed line is
   a household's, so it is not strong: two adults of one family would be joined by it and a device they share.

A rule that holds becomes a *link key*; equal link keys join. Everything else that two mentions share is a
*question*: a possible link, with its reason, for an officer. So is a sender's word that an earlier report is
about the same account; it is kept as a key too, because the earlier report may come later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from threshold.intake.reading import Identifier, ReadMention, ReadReport
from threshold.people import normalise

SAME_ACCOUNT = "same account"
TWO_STRONG = "two independent strong identifiers"
AUTOMATIC = (SAME_ACCOUNT, TWO_STRONG)
SENDER_SAYS = "the sender says so"
ACCOUNT_COMPROMISED = "same account, reported compromised or perhaps damaged on its way"

# What sharing a value of each kind asks, in plain words. Kinds not named here are too weak to ask anything.
QUESTIONS = {
    "account": ACCOUNT_COMPROMISED,
    "email": "same e-mail",
    "phone": "same telephone",
    "device": "same device",
    "profile_url": "same profile address",
    "name_dob": "same name and date of birth",
    "connection": "same address and port within the hour",
}


@dataclass(frozen=True, slots=True)
class Strong:
    """A strong identifier of one mention: its kind, comparable key, and where it comes from."""

    kind: str
    key: str
    verified: bool
    own_description: bool


# An index entry has a largest size. Two identifiers that are longer together join nobody, and only ask.
LONGEST_PAIR = 600


class LinkKey(NamedTuple):
    """Equal keys of the two automatic rules join two mentions; a key of *sender says* names a report."""

    rule: str
    key: str


def keys_of(sender: str, mention: ReadMention) -> list[str | None]:
    """The comparable key of each identifier, in order; None where it cannot be compared."""
    return [normalise.identifier(i.kind, i.received, sender, i.service) for i in mention.identifiers]


def strong_identifiers(mention: ReadMention, keys: list[str | None]) -> list[Strong]:
    """The strong identifiers of a mention, each once, at its best where it was given several times."""
    given = [
        Strong(i.kind, key, _is_verified(i), i.origin == "self" and i.kind != "account")
        for i, key in zip(mention.identifiers, keys, strict=True)
        if key and i.kind in ("account", "email", "phone", "device")
        if not (i.kind == "phone" and normalise.is_fixed_line(key))
        if not (i.kind != "phone" and normalise.may_be_damaged(i.received))
    ]
    given += _names_with_birth(mention)
    given.sort(key=lambda s: (s.verified, not s.own_description))
    return list({s.key: s for s in given}.values())


def _is_verified(identifier: Identifier) -> bool:
    """An account or a device is known to its service first hand; the rest only by the sender's word."""
    if identifier.kind in ("account", "device"):
        return identifier.verified is not False
    return identifier.verified is True or (identifier.origin == "official" and identifier.verified is None)


def _names_with_birth(mention: ReadMention) -> Iterator[Strong]:
    names = [i for i in mention.identifiers if i.kind == "name" and not normalise.may_be_damaged(i.received)]
    for age in mention.ages:
        if age.earliest is None or age.earliest != age.latest:
            continue
        for name in names:
            key = normalise.name_and_birth(name.received, age.earliest)
            official = name.origin == "official" and age.origin == "official"
            if key and len(key) <= normalise.LONGEST_KEY:
                yield Strong("name_dob", key, official, not official)


def link_keys(mention: ReadMention, strong: list[Strong]) -> list[LinkKey]:
    """The keys by which this mention is joined automatically."""
    if mention.role == "reporter" or mention.compromised:
        return []
    # Where neither sender nor service is stated, equal account names are of nobody knows which service.
    keys = [
        LinkKey(SAME_ACCOUNT, s.key)
        for s in strong
        if s.kind == "account" and not s.key.startswith(normalise.NOWHERE)
    ]
    usable = sorted((s for s in strong if s.verified), key=lambda s: s.key)
    for one, other in combinations(usable, 2):
        pair = f"{one.key}&{other.key}"
        independent = one.kind != other.kind and not (one.own_description and other.own_description)
        if independent and len(pair) <= LONGEST_PAIR:
            keys.append(LinkKey(TWO_STRONG, pair))
    return keys


def batched_link_keys(mention: ReadMention, strong: list[Strong]) -> list[LinkKey]:
    """In a bundled report only the account itself is known; nothing else about it may join anybody."""
    return [key for key in link_keys(mention, strong) if key.rule == SAME_ACCOUNT]


def report_link_keys(report: ReadReport, mention: ReadMention, strong: list[Strong]) -> list[LinkKey]:
    joining = batched_link_keys(mention, strong) if report.batched else link_keys(mention, strong)
    return joining + [
        LinkKey(SENDER_SAYS, key) for key in map(earlier_report, mention.prior_references) if key
    ]


def earlier_report(reference: str) -> str | None:
    """The key under which a sender's word about an earlier report is kept."""
    return f"earlier report {reference}" if len(reference) <= normalise.LONGEST_KEY else None
