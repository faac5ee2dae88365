"""Writes of the oversight room: an answer is saved, and an auditor says into whose looking they look, and why."""

from __future__ import annotations

from datetime import date

from threshold.acts.access import Actor, Power
from threshold.acts.db import one
from threshold.acts.verbs import act, attempt
from threshold.acts.writing import as_json, claim_rows, storable
from threshold.oversight.counting import Count, Reading, count
from threshold.oversight.sentences import sentence
from threshold.times import end_of_uk_day, start_of_uk_day

_COLUMNS = [
    "officer", "scope", "reading", "at_act", "about", "received_by", "sentence", "numbers", "given_for",
]  # fmt: skip
LONGEST = 500


class WrongAnswer(Exception):
    """The answer cannot be saved so. ``str()`` says why."""


def save_answer(actor: Actor, reading: Reading, given_for: str) -> int:
    """Save the numbers at a reading, as this officer gives them; the number of the answer.

    They are worked out before the lock is taken: at one act they are always the same.

    :raises WrongAnswer: it is not said to whom, or for what
    """
    with attempt(actor, "save answer", {}):
        actor.require(Power.COUNT)
        if not given_for.strip():
            raise WrongAnswer("Say to whom the answer was given, or for what.")
        if len(given_for) > LONGEST:
            raise WrongAnswer(f"Say it in at most {LONGEST} characters.")
        found = count(actor, reading, with_doubt=True)
    with act(actor, "save answer", Power.COUNT) as opened:
        row = (
            actor.id,
            found.scope.value,
            reading.name,
            reading.act,
            reading.about,
            reading.received_by,
            sentence(found),
            as_json(as_numbers(found)),
            storable(given_for.strip()),
        )
        number = claim_rows(opened, "answer", _COLUMNS, [row])[0]
        opened.body["answer"] = number
    return number


def as_numbers(found: Count) -> dict[str, object]:
    """All numbers as they are kept: None where one was not given."""
    ranged = found.doubt
    return {
        "numbers": {key: number.value for key, number in found.numbers.items()},
        "doubt": {"at_least": ranged.at_least, "reached": ranged.reached, "at_most": ranged.at_most}
        if ranged
        else None,
    }


class WrongAudit(Exception):
    """An officer's looks are not shown so. ``str()`` says why."""


def begin_audit(actor: Actor, username: str, first: date | None, last: date | None, reason: str) -> int:
    """Say why one officer's looks, from one day to another, are looked into; the number of the audit.

    :raises WrongAudit: no such officer, no days, or no reason
    """
    with attempt(actor, "begin audit", {}):
        actor.require(Power.SEE_ALL_ACTS)
        officer = one("select id from officer where username = %s", [username])
        if officer is None:
            raise WrongAudit("Choose whose looks you need to see.")
        if first is None or last is None or last < first:
            raise WrongAudit("Say from which day to which day, the first day first.")
        if not reason.strip():
            raise WrongAudit("Say why you need to see this officer's looks.")
        if len(reason) > LONGEST:
            raise WrongAudit(f"Say why in at most {LONGEST} characters.")
    with act(actor, "begin audit", Power.SEE_ALL_ACTS) as opened:
        row = (officer.id, start_of_uk_day(first), end_of_uk_day(last), storable(reason.strip()))
        number = claim_rows(opened, "audit", ["officer", "from_at", "until_at", "reason"], [row])[0]
        opened.body |= {"audit": number, "officer": officer.id}
    return number
