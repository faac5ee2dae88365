"""Writes about which policy is in force: proposed by one person, approved by another. Run inside an open act.

Which policy decides at an instant is the one put into force last before it (``assess.policy_in_force``). The
database refuses two from one instant, and one person in both places.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from threshold.acts.db import one
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.policy.model import Policy
from threshold.times import in_uk

_PROPOSAL = ["name", "version", "digest_text", "text", "from_at", "withdraws", "proposed_by"]
_IN_FORCE = ["name", "version", "digest_text", "text", "from_at", "proposed_by", "approved_by"]


class WrongPolicy(Exception):
    """What was asked about a policy cannot be done. ``str()`` says why and what to do."""


def begin_with_policy(opened: OpenAct, policy: Policy) -> None:
    """Put the policy into force that a home begins with; every later one takes two people.

    :raises WrongPolicy: there is one in force already
    """
    if one("select id from policy_in_force where retracted_by is null limit 1"):
        raise WrongPolicy("A policy is in force already: propose another, and let somebody else approve it.")
    document = (policy.name, policy.version, policy.digest, policy.text, opened.at)
    claim_rows(opened, "policy_in_force", _IN_FORCE, [(*document, None, None)])


def propose(opened: OpenAct, policy: Policy, from_at: datetime) -> int:
    """Ask that a policy be put into force from an instant (at its approval, where that is later); the number.

    :raises WrongPolicy: another version begins then, another document bears this version, or this one is
        proposed already
    """
    _refuse_same_instant(from_at)
    _refuse_same_version(policy)
    if row := one(
        "select id from policy_proposal where digest_text = %s and retracted_by is null", [policy.digest]
    ):
        raise WrongPolicy(f"This very document is proposed already: proposal {row.id}.")
    document = (policy.name, policy.version, policy.digest, policy.text, from_at)
    return claim_rows(opened, "policy_proposal", _PROPOSAL, [(*document, None, opened.actor.id)])[0]


def propose_withdrawal(opened: OpenAct, in_force: int) -> int:
    """Ask that a policy be withdrawn; the number of the proposal.

    :raises WrongPolicy: it does not stand, or nothing would be in force without it
    """
    _standing(in_force)
    _refuse_nothing_left(in_force, opened.at)
    if row := one("select id from policy_proposal where withdraws = %s and retracted_by is null", [in_force]):
        raise WrongPolicy(f"Its withdrawal is proposed already: proposal {row.id}.")
    document = (None, None, None, None, None)
    return claim_rows(opened, "policy_proposal", _PROPOSAL, [(*document, in_force, opened.actor.id)])[0]


def approve(opened: OpenAct, number: int) -> int | None:
    """Approve somebody else's proposal; the number of the policy put into force, None where one was withdrawn.

    :raises WrongPolicy: there is none, it is the approver's own, or what it asks cannot be done any more
    """
    proposal = _open_proposal(number)
    if proposal.proposed_by == opened.actor.id:
        raise WrongPolicy("A policy needs a second person: you proposed this yourself. Ask somebody else.")
    retract_rows(opened, "policy_proposal", [number])
    if proposal.withdraws is not None:
        _standing(proposal.withdraws)
        _refuse_nothing_left(proposal.withdraws, opened.at)
        retract_rows(opened, "policy_in_force", [proposal.withdraws])
        return None
    from_at = max(proposal.from_at, opened.at)
    _refuse_same_instant(from_at)
    row = (
        proposal.name,
        proposal.version,
        proposal.digest_text,
        proposal.text,
        from_at,
        proposal.proposed_by,
        opened.actor.id,
    )
    return claim_rows(opened, "policy_in_force", _IN_FORCE, [row])[0]


def decline(opened: OpenAct, number: int) -> None:
    """Decline a proposal, one's own as well: it changes nothing.

    :raises WrongPolicy: there is none
    """
    _open_proposal(number)
    retract_rows(opened, "policy_proposal", [number])


def _open_proposal(number: int) -> Any:
    row = one("select * from policy_proposal where id = %s and retracted_by is null", [number])
    if row is None:
        raise WrongPolicy(f"There is no open proposal {number}.")
    return row


def _standing(in_force: int) -> None:
    if not one("select id from policy_in_force where id = %s and retracted_by is null", [in_force]):
        raise WrongPolicy(
            f"There is no policy {in_force} in force or about to be. See: threshold policy list."
        )


def _refuse_same_instant(from_at: datetime) -> None:
    row = one(
        """select name, version from policy_in_force where from_at = %(at)s and retracted_by is null
           union all
           select name, version from policy_proposal where from_at = %(at)s and retracted_by is null
             and from_at > now()""",
        {"at": from_at},
    )
    if row is not None:
        raise WrongPolicy(
            f"{row.name}, version {row.version}, begins at the same instant, {in_uk(from_at)}. "
            "There is never more than one version in force: choose another time."
        )


def _refuse_same_version(policy: Policy) -> None:
    if one(
        "select id from policy_in_force where name = %s and version = %s and digest_text <> %s limit 1",
        [policy.name, policy.version, policy.digest],
    ):
        raise WrongPolicy(
            f"Another document was in force as {policy.name}, version {policy.version}. Raise the version."
        )


def _refuse_nothing_left(in_force: int, now: datetime) -> None:
    left = one(
        "select id from policy_in_force where retracted_by is null and id <> %s and from_at <= %s limit 1",
        [in_force, now],
    )
    if left is None:
        raise WrongPolicy("No policy would be left in force. Put another into force first.")
