"""What may be done about somebody: the obvious reference, which ``sql_permit.py`` says again in SQL.

A response is permitted only when its route, its bands and every one of its conditions are true. What is not
known is never permission. So learning can open a response or shut it, and only a fact that is taken back can
shut one without anything having been learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from threshold.policy.combine import FactValue
from threshold.policy.interpret import Judgement, Truth, evaluate, judge, open_facts_of
from threshold.policy.model import RANKS, For, Policy, Response
from threshold.policy.route import Route

ROUTE, AT_LEAST, AT_MOST = "route", "at_least", "at_most"
_FOR_WORDS: dict[For, str] = {
    "adult": "an officer has established that this person is an adult",
    "premises": "nothing shows that this person is a child",
    "child": "this person is a child, or there are signs of one",
    "anyone": "",
}
# What an officer may always be asked, whatever the policy asks, and what the route waits for.
_ROUTE_ASKS: dict[For, tuple[str, ...]] = {"adult": ("adult_established",), "child": ("sign_of_child",)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition: it holds (True), fails (False) or is not known (None).

    ``open_facts`` are the facts whose answers it waits for. The conditions that every response may have beside
    its own are ``route``, ``at_least`` and ``at_most``.
    """

    id: str
    truth: Truth
    words: str
    open_facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """A response, and what was found of each of its conditions, in the document's order."""

    response: Response
    findings: tuple[Finding, ...]

    @property
    def permitted(self) -> bool:
        return all(finding.truth is True for finding in self.findings)

    @property
    def failing(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.truth is False)

    @property
    def not_known(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.truth is None)


def permitted(policy: Policy, facts: Mapping[str, FactValue], route: Route) -> tuple[Permission, ...]:
    """Every response of the policy, for one subject, in the document's order."""
    judgement = judge(policy, facts)
    return tuple(
        Permission(response, _findings(policy, response, facts, route, judgement))
        for response in policy.responses
    )


def _findings(
    policy: Policy,
    response: Response,
    facts: Mapping[str, FactValue],
    route: Route,
    judgement: Judgement,
) -> tuple[Finding, ...]:
    beside = []
    if response.route != "anyone":
        truth = fits(response.route, route)
        asks = () if truth is not None else _ROUTE_ASKS[response.route]
        beside.append(Finding(ROUTE, truth, _FOR_WORDS[response.route], asks))
    if response.at_least:
        truth = _at_least(judgement, RANKS[response.at_least])
        words = f"the band is {_words(response.at_least)} or graver"
        beside.append(Finding(AT_LEAST, truth, words, () if truth is not None else judgement.open_facts))
    if response.at_most:
        above = _at_least(judgement, RANKS[response.at_most] + 1)
        words = f"the band is {_words(response.at_most)} or milder, and could not be graver"
        beside.append(Finding(AT_MOST, _not(above), words, () if above is not None else judgement.open_facts))
    own = [
        Finding(
            condition.id,
            evaluate(policy, condition.expression, facts),
            condition.words,
            tuple(dict.fromkeys(open_facts_of(policy, condition.expression, facts))),
        )
        for condition in response.conditions
    ]
    return (*beside, *own)


def fits(response_for: For, route: Route) -> Truth:
    """Whether somebody on this route may be answered so. A home may be answered while an age is not
    established, when what is known of the home rules a child out; that stands in the response's conditions.
    """
    match response_for, route:
        case ("anyone", _) | ("premises", "adult" | "age_not_established"):
            return True
        case _, "age_not_established":
            return None
        case "premises", _:
            return False
        case _:
            return response_for == route


def _at_least(judgement: Judgement, rank: int) -> Truth:
    return True if judgement.known >= rank else None if judgement.could_be >= rank else False


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _words(band: str) -> str:
    return band.replace("_", " ")
