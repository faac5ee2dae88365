"""Reads of the enquiries room: what is said, what the policy made of it, and how that came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.enquiries.assess import policy_of
from threshold.policy.combine import Facts
from threshold.policy.interpret import Judgement
from threshold.policy.model import Policy
from threshold.policy.sql import facts_from_row


@dataclass(frozen=True, slots=True)
class Assessed:
    """One assessment with the policy it was made under, ready to be explained."""

    row: Any
    policy: Policy
    facts: Facts
    judgement: Judgement


def assessment(look: OpenLook, subject: int) -> Assessed | None:
    """The assessment that stands (or stood as at the look's date); None for who is never graded."""
    row = one(f"select * from assessment a where a.subject = %s and {standing('a', look.as_at)}", [subject])
    return _explained(row) if row else None


def assessed_now(subject: int) -> Assessed | None:
    """The same inside an act, as it stands; whoever asks has checked that the actor may see the subject."""
    row = one("select * from assessment where subject = %s and retracted_by is null", [subject])
    return _explained(row) if row else None


def _explained(row: Any) -> Assessed:
    document = one(
        "select text from policy_in_force where digest_text = %s order by id limit 1", [row.policy]
    )
    assert document is not None, "every assessment's policy is in the record"
    policy = policy_of(document.text)
    judgement = Judgement(
        known=row.known,
        could_be=row.could_be,
        deciding=tuple(row.deciding),
        could=tuple(row.could),
        holding=tuple(row.holding),
        open_facts=tuple(row.open_facts),
        outstanding=tuple(row.checks),
    )
    return Assessed(row, policy, facts_from_row(policy, row.facts), judgement)


def history(look: OpenLook, subject: int) -> list[Any]:
    """Every assessment of this subject number so far, newest first, with the act that made it."""
    limit = "" if look.as_at is None else f"and a.asserted_by <= {int(look.as_at)}"
    return query(
        f"""select a.id, a.known, a.could_be, a.deciding, a.route, a.due, a.asserted_by, a.retracted_by,
                   act.at, act.verb, o.full_name as by_whom
            from assessment a left join act on act.id = a.asserted_by left join officer o on o.id = act.actor
            where a.subject = %s {limit} order by a.id desc limit 50""",
        [subject],
    )


def statements(look: OpenLook, subject: int) -> list[Any]:
    """What is said of the subject, newest first, with who took it back (if somebody did)."""
    limit = "s.retracted_by is null" if look.as_at is None else standing("s", look.as_at)
    return query(
        f"""select s.*, act.at as recorded_at, o.full_name as by_whom
            from member m join statement s on s.mention = m.mention and {limit}
            left join act on act.id = s.asserted_by left join officer o on o.id = s.officer
            where m.subject = %s and {standing("m", look.as_at)} order by s.id desc""",
        [subject],
    )


def policies(look: OpenLook) -> list[Any]:
    """Every policy put into force or about to be, newest first, with the two who adopted it.

    ``by_whom`` is who put it there: the second of the two, or who made the home.
    """
    return query(
        f"""select p.id, p.name, p.version, p.digest_text, p.text, p.from_at, o.full_name as by_whom,
                   first.full_name as proposed_by
            from policy_in_force p left join act on act.id = p.asserted_by
            left join officer o on o.id = act.actor left join officer first on first.id = p.proposed_by
            where {standing("p", look.as_at)} order by p.from_at desc, p.id desc"""
    )


def policy_proposals(look: OpenLook) -> list[Any]:
    """What is proposed and neither approved nor declined, oldest first."""
    return query(
        f"""select p.id, coalesce(p.name, w.name) as name, coalesce(p.version, w.version) as version,
                   p.digest_text, p.text, p.from_at, p.withdraws, p.proposed_by as proposer,
                   o.full_name as proposed_by
            from policy_proposal p left join officer o on o.id = p.proposed_by
            left join policy_in_force w on w.id = p.withdraws
            where {standing("p", look.as_at)} order by p.id"""
    )


def last_change(subject: int) -> int:
    """The last act that changed who the subject is, what is said of it, or what was made of that."""
    row = one(
        """select greatest(
               (select max(greatest(a.asserted_by, a.retracted_by)) from assessment a where a.subject = %(s)s),
               (select max(greatest(m.asserted_by, m.retracted_by)) from member m where m.subject = %(s)s),
               (select max(greatest(s.asserted_by, s.retracted_by)) from member m
                join statement s on s.mention = m.mention where m.subject = %(s)s and m.retracted_by is null)
           ) as act""",
        {"s": subject},
    )
    return int(row.act or 0) if row else 0
