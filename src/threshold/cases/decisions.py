"""Decisions: a named officer's choice, in the order of the National Decision Model, with all it rested on.

What may be chosen is what the policy permits on what is known. Another choice is an override: with a reason,
and approved by a second person. Two things are no override at all: a warning that is not permitted, and a
response that does not fit the route (an adult's for a child, say). Writes run inside an act that is open.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows
from threshold.cases.casebook import Standing, WrongCase, check_confirmed, check_live, check_theirs
from threshold.enquiries.queries import Assessed
from threshold.policy import permit
from threshold.policy.expression import facts_of_expression
from threshold.policy.model import Policy, Response
from threshold.policy.permit import Permission


class WrongDecision(WrongCase):
    """The decision cannot be taken so. ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Option:
    """A response that was considered. ``shut``: not even an override chooses it."""

    permission: Permission
    shut: bool

    @property
    def response(self) -> Response:
        return self.permission.response

    @property
    def permitted(self) -> bool:
        return self.permission.permitted

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.response.id,
            "words": self.response.words,
            "permitted": self.permitted,
            "conditions": [
                {"id": f.id, "words": f.words, "holds": f.truth, "waits_for": list(f.open_facts)}
                for f in self.permission.findings
            ],
        }


def options(assessed: Assessed) -> list[Option]:
    """Every response of the policy for this subject, those that are permitted first."""
    found = permit.permitted(assessed.policy, assessed.facts, assessed.row.route)
    made = [Option(permission, _shut(permission)) for permission in found]
    return sorted(made, key=lambda option: (not option.permitted, option.shut))


def _shut(permission: Permission) -> bool:
    fits = all(finding.truth is True for finding in permission.findings if finding.id == permit.ROUTE)
    return not fits or (permission.response.warns and not permission.permitted)


def level_of(response: Response) -> str:
    """Whether a response is a warning visit to a person, to an address as such, or none (empty)."""
    if not (response.warns and response.second_person):
        return ""
    return "address" if response.route == "premises" else "person"


def evidence_facts(policy: Policy, response: Response) -> dict[str, tuple[str, ...]]:
    """For each condition of a response, the facts it rests on, with those of which a yes is a yes to one."""
    return {
        condition.id: tuple(
            dict.fromkeys(
                name
                for fact in facts_of_expression(condition.expression)
                for name in (fact, *policy.facts[fact].yes_from)
            )
        )
        for condition in response.conditions
    }


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What an officer writes. ``seen`` is the assessment that they read: another may stand by now."""

    choice: str
    reason: str
    threat: str
    powers: str
    known: str = ""
    not_known: str = ""
    review_at: datetime | None = None
    seen: int | None = None


_COLUMNS = [
    "case_file", "officer", "subject", "assessment", "policy", "known", "not_known", "threat", "powers", "options",
    "choice", "level", "warns", "reason", "review_at", "override", "second_person", "watched_after",
]  # fmt: skip


def decide(opened: OpenAct, case: Standing, assessed: Assessed | None, reasoning: Reasoning) -> int:
    """Take a decision; its number. It stands at once, or waits for a second person where it needs one.

    :raises WrongDecision: something is missing, has changed since it was read, or cannot be chosen
    """
    check_live(case)
    check_theirs(opened.actor, case)
    check_confirmed(case)
    if assessed is None:
        raise WrongDecision("Nobody here is graded, so that the policy permits nothing yet.")
    if reasoning.seen is not None and reasoning.seen != assessed.row.id:
        raise WrongDecision("What is known has changed since you read it. Read it again, and decide again.")
    option = next((o for o in options(assessed) if o.response.id == reasoning.choice), None)
    if option is None:
        raise WrongDecision("Choose one of the options.")
    if option.shut:
        raise WrongDecision(_why_shut(option))
    if not reasoning.reason.strip():
        raise WrongDecision("Say why you choose this.")
    if not reasoning.threat.strip() or not reasoning.powers.strip():
        raise WrongDecision("Say what the threat and risk are, and which powers and policy apply.")
    if reasoning.review_at is None or reasoning.review_at <= opened.at:
        raise WrongDecision("Say when the decision is looked at again: a day to come.")
    response, override = option.response, not option.permitted
    row = (
        case.id,
        opened.actor.id,
        assessed.row.subject,
        assessed.row.id,
        assessed.row.policy,
        reasoning.known.strip(),
        reasoning.not_known.strip(),
        reasoning.threat.strip(),
        reasoning.powers.strip(),
        json.dumps([o.as_json() for o in options(assessed)], ensure_ascii=False),
        response.id,
        level_of(response),
        response.warns,
        reasoning.reason.strip(),
        reasoning.review_at,
        override,
        response.second_person or override or assessed.facts.get("compromised_account") is True,
        response.watch is not None,
    )
    return claim_rows(opened, "decision", _COLUMNS, [row])[0]


def _why_shut(option: Option) -> str:
    waits = [finding.words for finding in option.permission.not_known]
    fails = [finding.words for finding in option.permission.failing]
    said = []
    if fails:
        said.append(f"This does not hold: {'; '.join(fails)}.")
    if waits:
        said.append(f"This is not known: {'; '.join(waits)}.")
    return f"{option.response.words}: not permitted, and no override makes it so. {' '.join(said)}"


def approve(opened: OpenAct, decision: int, *, approved: bool, reason: str) -> Any:
    """A second person's word; the decision. Never of the one who decided.

    :raises WrongDecision: their own, no reason, none that waits, or something has changed since
    """
    found = one(f"{_DECISIONS} where d.id = %s", [decision])
    if found is None:
        raise WrongDecision(f"There is no decision {decision}.")
    if found.officer == opened.actor.id:
        raise WrongDecision("You took this decision. Another person has to approve it.")
    if not found.second_person or found.outcome is not None:
        raise WrongDecision(f"Decision {decision} does not wait for anybody.")
    if not reason.strip():
        raise WrongDecision("Say why you approve it, or why not.")
    if approved and not _rests_on_today(found):
        raise WrongDecision("What is known has changed since it was decided. It has to be decided again.")
    claim_rows(
        opened,
        "decision_approval",
        ["decision", "decider", "officer", "outcome", "reason"],
        [(decision, found.officer, opened.actor.id, "approved" if approved else "declined", reason.strip())],
    )
    return found


def _rests_on_today(decision: Any) -> bool:
    row = one("select retracted_by is null as stands from assessment where id = %s", [decision.assessment])
    return row is not None and bool(row.stands)


_DECISIONS = """
    select d.*, o.full_name as by_whom, act.at, a.outcome, a.reason as approval_reason, a.officer as approver,
           second.full_name as approved_by, later.at as approved_at
    from decision d
    left join officer o on o.id = d.officer left join act on act.id = d.asserted_by
    left join decision_approval a on a.decision = d.id
    left join officer second on second.id = a.officer left join act later on later.id = a.asserted_by"""


def decisions_of(case: int, as_at: int | None = None) -> list[Any]:
    """The decisions on a case, the newest first, each with the second person's word."""
    limit = "" if as_at is None else f"and d.asserted_by <= {int(as_at)}"
    return query(f"{_DECISIONS} where d.case_file = %s {limit} order by d.id desc", [case])


def decision(number: int) -> Any:
    """:raises WrongDecision: there is none"""
    found = one(f"{_DECISIONS} where d.id = %s", [number])
    if found is None:
        raise WrongDecision(f"There is no decision {number}.")
    return found


def in_force(found: Sequence[Any]) -> Any | None:
    """The latest decision that may be acted on: it needs nobody, or was approved."""
    latest = next(iter(found), None)
    if latest is None or (latest.second_person and latest.outcome != "approved"):
        return None
    return latest


def waiting(found: Sequence[Any]) -> Any | None:
    """The latest decision, where it waits for a second person."""
    latest = next(iter(found), None)
    return latest if latest is not None and latest.second_person and latest.outcome is None else None
