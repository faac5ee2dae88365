"""What is said of the policy's kinds of enquiry beside it (``kinds.yaml``): about what, authority, retention. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from threshold.policy import fields
from threshold.policy.marks import Place, read_yaml
from threshold.policy.model import EnquiryKind, Policy

About = Literal["connection", "premises", "person", "report"]
_ABOUT: tuple[About, ...] = ("connection", "premises", "person", "report")
_FILE = Path(__file__).with_name("kinds.yaml")


@dataclass(frozen=True, slots=True)
class Retention:
    """After how many days who had a connection may be deleted, and how well that is known."""

    days: int
    source: str
    providers: Mapping[str, int]

    def until(self, at: datetime, provider: str = "") -> datetime:
        """When a provider may delete who had a connection at ``at``."""
        return at + timedelta(days=self.providers.get(provider.strip().casefold(), self.days))


def kind_of(policy: Policy, name: str) -> EnquiryKind | None:
    """The kind of enquiry of that name in a policy."""
    return next((kind for kind in policy.enquiries if kind.id == name), None)


def about(kind: str) -> About:
    """What a kind of enquiry is about; the person, where nothing else is said."""
    return _about().get(kind, "person")


def authority(kind: str) -> str:
    """The authority that a form proposes for a kind of enquiry."""
    found = _authorities()
    return found.get(kind, found["usual"])


@lru_cache(maxsize=1)
def retention() -> Retention:
    found = _top()["retention"].fields(("days", "source", "mark", "providers"))
    providers = {name.casefold(): fields.whole(place) for name, place in found["providers"].entries()}
    return Retention(fields.whole(found["days"]), found["source"].text(), providers)


@lru_cache(maxsize=1)
def _about() -> dict[str, About]:
    return {name: cast(About, place.one_of(_ABOUT)) for name, place in _top()["about"].entries()}


@lru_cache(maxsize=1)
def _authorities() -> dict[str, str]:
    return {name: place.text() for name, place in _top()["authority"].entries()}


@lru_cache(maxsize=1)
def _top() -> dict[str, Place]:
    return read_yaml(str(_FILE), _FILE.read_bytes()).fields(("about", "authority", "retention"))
