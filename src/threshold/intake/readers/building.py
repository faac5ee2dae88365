"""A mention while it is being read: lists to append to, and one ``finish``."""

from __future__ import annotations

from dataclasses import dataclass, field

from threshold.intake.reading import (
    Activity,
    Age,
    Claim,
    Connection,
    Identifier,
    IdentifierKind,
    Moment,
    Origin,
    ReadMention,
    Role,
)
from threshold.intake.texts import clean


@dataclass(slots=True)
class MentionInProgress:
    role: Role
    place: str
    identifiers: list[Identifier] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    ages: list[Age] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    compromised: bool = False
    prior_references: list[str] = field(default_factory=list)

    def identify(
        self,
        kind: IdentifierKind,
        received: str | None,
        place: str,
        *,
        service: str = "",
        verified: bool | None = None,
        origin: Origin = "self",
    ) -> None:
        text = clean(received)
        if text:
            self.identifiers.append(Identifier(kind, text, place, service, verified, origin))

    def connect(
        self,
        address: str | None,
        place: str,
        *,
        port: str | None = None,
        at: Moment | None = None,
        event: str = "",
        possible_proxy: bool | None = None,
    ) -> None:
        text = clean(address)
        if text:
            self.connections.append(Connection(text, place, clean(port) or None, at, event, possible_proxy))

    def claim(self, fact: str, value: bool | int | str | None, place: str, words: str = "") -> None:
        """The same thing said twice is one claim; two different answers both stand."""
        if not any(said.fact == fact and said.value == value for said in self.claims):
            self.claims.append(Claim(fact, value, place, words=clean(words)))

    def add_prior(self, reference: str | None) -> None:
        text = clean(reference)
        if text and text not in self.prior_references:
            self.prior_references.append(text)

    def finish(self) -> ReadMention:
        return ReadMention(
            self.role,
            self.place,
            tuple(self.identifiers),
            tuple(self.connections),
            tuple(self.ages),
            tuple(self.activities),
            tuple(self.claims),
            self.compromised,
            tuple(self.prior_references),
        )
