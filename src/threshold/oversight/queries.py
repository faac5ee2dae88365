"""Reads of the oversight room: the numbers, the rows behind each, saved answers, and what changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from threshold.acts.access import Refused
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.oversight import counting
from threshold.oversight.changes import changes
from threshold.oversight.counting import Count, Reading, Scope
from threshold.oversight.definitions import ALL, EVERYTHING, SUMS, Definition
from threshold.oversight.sentences import Change
from threshold.people.queries import called

PAGE = 25


def counts(look: OpenLook, reading: Reading) -> Count:
    """Every number at a reading."""
    note(look, reading)
    return counting.count(look.actor, reading, with_doubt=True)


def aware(look: OpenLook) -> Count:
    """The numbers of the sentence, as of now."""
    reading = Reading.of("today", None)
    note(look, reading)
    own = Scope.of(look.actor) is Scope.DELIVERIES
    return counting.count(look.actor, reading, what=EVERYTHING if own else ("subjects",))


def note(look: OpenLook, reading: Reading) -> None:
    """The look says which reading was shown, so that the numbers can be worked out again."""
    look.body |= {"reading": reading.name, "at_act": reading.act}
    if reading.received_by is not None:
        look.body["received_by"] = reading.received_by.isoformat()


@dataclass(frozen=True, slots=True)
class Behind:
    """One page of the rows behind a number, and how many there are: as many as the number says."""

    definition: Definition
    rows: list[Any]
    names: dict[int, str]
    total: int


def behind(look: OpenLook, reading: Reading, definition: Definition, page: int = 1) -> Behind:
    """The rows that a number counts, as far as this reader may see each.

    :raises Refused: the reader is given numbers only, or not this one
    """
    refused = Refused("see who or what is behind this number")
    if Scope.of(look.actor) is Scope.FORCE:
        raise refused
    number = counting.count(look.actor, reading, what=(definition.what,)).numbers[definition.key]
    if number.value is None:
        raise refused
    note(look, reading)
    look.body["number"] = definition.key
    given = {**counting.parameters(look.actor, reading), "skip": (page - 1) * PAGE}
    rows = query(_rows(look, reading, definition), given)
    subjects = [row.subject for row in rows if definition.what in ("subjects", "roles")]
    look.show(subjects)
    return Behind(definition, rows, called(subjects, reading.act), number.value)


def _rows(look: OpenLook, reading: Reading, definition: Definition) -> str:
    scope = Scope.of(look.actor)
    some = f"limit {PAGE} offset %(skip)s"
    graded = "a.subject, a.ladder, a.route, a.known, a.could_be, a.first_received"
    match definition.what:
        case "subjects":
            cells = ", ".join(f"({rung}, '{route}')" for rung, route in sorted(definition.cells))
            return f"""select {graded} from assessment a
                where {counting.counted(reading, scope)} and (a.ladder, a.route) in ({cells})
                order by a.subject {some}"""
        case "roles":
            return f"""select named.subject, {graded.partition(", ")[2]}
                from ({counting.in_role(reading, scope, definition.role)}) named
                left join assessment a on a.subject = named.subject and {counting.counted(reading, scope)}
                order by named.subject {some}"""
        case "reports":
            found = counting.reports(look.actor, reading)
            return f"select r.id, r.delivery, r.received_at {found} order by r.id {some}"
    found = counting.deliveries(look.actor, reading)
    return f"select d.id, d.name, d.received_at {found} order by d.id {some}"


# An answer is found again by whoever gave it; one about the whole force by everybody who is told that.
_FOUND = "n.retracted_by is null and n.scope = %(scope)s and (n.officer = %(officer)s or n.scope = %(force)s)"


def answers(look: OpenLook, page: int = 1) -> tuple[list[Any], int]:
    """Saved answers, newest first, and how many there are."""
    given = {**_who(look), "skip": (page - 1) * PAGE}
    rows = query(
        f"""{_ANSWERS} where {_FOUND} order by n.id desc limit {PAGE} offset %(skip)s""",
        given,
    )
    total = one(f"select count(*) as n from answer n where {_FOUND}", given)
    assert total is not None
    return rows, total.n


def answer(look: OpenLook, number: int) -> Any | None:
    """One saved answer; None where there is none for this reader."""
    look.body["answer"] = number
    return one(f"{_ANSWERS} where {_FOUND} and n.id = %(number)s", {**_who(look), "number": number})


_ANSWERS = """select n.*, act.at as given_at, o.full_name as by_whom
    from answer n join act on act.id = n.asserted_by left join officer o on o.id = n.officer"""


def _who(look: OpenLook) -> dict[str, Any]:
    actor = look.actor
    return {"officer": actor.id, "scope": Scope.of(actor).value, "force": Scope.FORCE.value}


def reading_of(answer: Any) -> Reading:
    """The reading that a saved answer was given at."""
    return Reading(answer.reading, answer.at_act, answer.about, answer.received_by)


@dataclass(frozen=True, slots=True)
class Difference:
    """One number then and now. ``shown_otherwise``: what a change of what the reader may see did to it."""

    definition: Definition
    then: int | None
    now: int | None
    shown_otherwise: int

    @property
    def by(self) -> int | None:
        return None if self.then is None or self.now is None else self.now - self.then


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since an answer: each number, and each subject that entered, left or moved, with its reason.

    Whoever is given numbers only gets no subjects, and the reasons counted where the total is shown.
    """

    differences: list[Difference]
    changes: list[Change]
    reasons: list[tuple[str, int, int]]
    rows_shown: bool


def since(look: OpenLook, answer: Any, other: Any | None = None) -> Since:
    """From a saved answer to now, or to a later answer."""
    before = reading_of(answer)
    if other is None:
        today = Reading.of("today", None)
        later = Reading(before.name, today.act, today.about, before.received_by)
        numbers = counting.count(look.actor, later).numbers
        given = {key: number.value for key, number in numbers.items()}
    else:
        later, given = reading_of(other), other.numbers["numbers"]
    note(look, later)
    found = changes(look.actor, before, later)
    differences = _differences(look, before, answer.numbers["numbers"], given)
    total = next((each for each in differences if each.definition.key == "subjects"), None)
    if Scope.of(look.actor) is Scope.FORCE:
        told = total is not None and total.by is not None
        return Since(differences, [], _reasons(found) if told else [], rows_shown=False)
    return Since(differences, found, _reasons(found), rows_shown=True)


def _differences(
    look: OpenLook, before: Reading, saved: dict[str, int | None], given: dict[str, int | None]
) -> list[Difference]:
    """Each number then and now. What one of them was then is counted again, as this reader may see it today."""
    again = counting.count(look.actor, before).numbers
    return [
        Difference(definition, then, given.get(key), _otherwise(again[key].value, then))
        for key, definition in ALL.items()
        if (then := saved.get(key)) is not None or given.get(key) is not None
    ]


def _otherwise(again: int | None, then: int | None) -> int:
    return 0 if then is None or again is None else again - then


def _reasons(found: Sequence[Change]) -> list[tuple[str, int, int]]:
    """For each kind of reason, how many subjects came into the total by it, and how many went."""
    came = Counter(change.why for change in found if change.before is None)
    went = Counter(change.why for change in found if change.after is None)
    return [(why, came[why], went[why]) for why in sorted({*came, *went})]


def change_of(definition: Definition, found: Sequence[Change]) -> int:
    """What the changes add up to for one sum of cells."""
    assert definition in SUMS
    return sum((c.after in definition.cells) - (c.before in definition.cells) for c in found)
