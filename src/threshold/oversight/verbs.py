"""Writes of the oversight room: an answer is saved under the name of who gave it."""

from __future__ import annotations

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import act
from threshold.acts.writing import as_json, claim_rows, storable
from threshold.oversight.counting import Count, Reading, count
from threshold.oversight.sentences import sentence

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
