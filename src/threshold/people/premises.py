"""Premises: what leads to them, and who is there. Writes run inside an act that is open; reads inside a look.

A connection leads to premises, not to a man (design.md section 3, rule 6). So premises are a thing of their own:
several subjects may lead to one home, and nobody there is anybody's subject until an officer says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from threshold.acts.access import NotVisible, only_visible
from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct, OpenLook
from threshold.acts.writing import claim_rows, retract_rows
from threshold.people.normalise import LONGEST_KEY
from threshold.people.normalise import address as address_key

KINDS = ("home", "workplace", "not_known")
AGES = ("adult", "child", "not_known")


class WrongPremises(Exception):
    """What was said about premises cannot be taken. ``str()`` says why and what to do."""


class NoPremises(NotVisible):
    """There are no such premises for this actor. The same answer whether they are hidden or do not exist."""

    def __init__(self, premises: int) -> None:
        super().__init__(premises)
        self.args = (f"There are no premises {premises}.",)


@dataclass(frozen=True, slots=True)
class Dweller:
    """Somebody at premises, as a source says. ``age``: adult, child or not_known; days are UK days."""

    name: str
    age: str
    source: str
    born: date | None = None
    from_day: date | None = None
    to_day: date | None = None
    words: str = ""


def comparable(address: str) -> str:
    """The key by which an address is compared.

    :raises WrongPremises: it cannot be compared
    """
    key = address_key(address.strip())
    if key is None or len(key) > LONGEST_KEY:
        raise WrongPremises("Give the whole address, with its number or name, street and postcode.")
    return key


def put_down(opened: OpenAct, address: str, kind: str = "not_known") -> int:
    """The premises with this address, new where no standing ones compare equal; their number.

    :raises WrongPremises: the address cannot be compared, or there is no such kind
    """
    text = address.strip()
    key = comparable(text)
    if kind not in KINDS:
        raise WrongPremises("Say whether it is a home, a workplace or not known.")
    known = one("select id from premises where key = %s and retracted_by is null", [key])
    if known:
        return int(known.id)
    return claim_rows(opened, "premises", ["address", "key", "kind"], [(text, key, kind)])[0]


def lead(
    opened: OpenAct,
    mention: int,
    premises: int,
    *,
    answer: int | None = None,
    source: str = "",
    words: str = "",
) -> int:
    """Say that a mention leads to premises: by an answer about its connection, or by an officer's source.

    :raises WrongPremises: neither an answer nor a source, or it is said already
    """
    if answer is None and not source.strip():
        raise WrongPremises("Say what leads to this address: who says so, or which record.")
    again = one(
        """select id from led_to where mention = %s and premises = %s and answer is not distinct from %s
           and source = %s and retracted_by is null""",
        [mention, premises, answer, source.strip()],
    )
    if again:
        raise WrongPremises("This is said already, by the same source.")
    row = (mention, premises, answer, source.strip(), words.strip())
    return claim_rows(opened, "led_to", ["mention", "premises", "answer", "source", "words"], [row])[0]


_OCCUPANT = ["premises", "name", "born", "age", "from_day", "to_day", "source", "words"]


def settle(opened: OpenAct, premises: int, who: Dweller, today: date) -> int:
    """Record somebody as being at premises; the number of the occupant.

    :raises WrongPremises: no source, no such word for an age, days out of order, or an age that cannot be
    """
    _check(who, today)
    row = (
        premises,
        who.name.strip(),
        who.born,
        age_now(who.born, who.age, today),
        who.from_day,
        who.to_day,
        who.source.strip(),
        who.words.strip(),
    )
    return claim_rows(opened, "occupant", _OCCUPANT, [row])[0]


def _check(who: Dweller, today: date) -> None:
    if not who.source.strip():
        raise WrongPremises("Say who or what record says so: an occupant needs a source.")
    if who.age not in AGES:
        raise WrongPremises("Say whether this is an adult, a child, or that it is not known.")
    if who.born is not None:
        if who.born > today or who.born.year < 1900:
            raise WrongPremises("That date of birth cannot be right.")
        if who.age != "not_known" and age_now(who.born, who.age, today) != who.age:
            raise WrongPremises("The date of birth and the word (adult or child) do not fit. Which is it?")
    if who.from_day and who.to_day and who.to_day < who.from_day:
        raise WrongPremises("The last day comes before the first. Give them in order.")
    if who.from_day and who.from_day > today:
        raise WrongPremises("The first day is in the future. Record who is there now.")


def age_now(born: date | None, word: str, today: date) -> str:
    """Adult or child by the date of birth where there is one, else as the source said."""
    if born is None:
        return word
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return "adult" if years >= 18 else "child"


def move_out(opened: OpenAct, occupant: int, on: date, source: str) -> int:
    """Say that an occupant left on a day; the number of the row that says so in place of the one before.

    :raises WrongPremises: no such occupant, no source, or a day before the first one
    """
    row = one("select * from occupant where id = %s and retracted_by is null", [occupant])
    if row is None:
        raise does_not_stand(occupant)
    if not source.strip():
        raise WrongPremises("Say who or what record says that they left.")
    if row.from_day and on < row.from_day:
        raise WrongPremises("They cannot have left before they came. Give a later day.")
    retract_rows(opened, "occupant", [occupant])
    words = f"{row.words}\nLeft: {source.strip()}".strip()
    later = (row.premises, row.name, row.born, row.age, row.from_day, on, row.source, words)
    return claim_rows(opened, "occupant", _OCCUPANT, [later])[0]


def take_back(opened: OpenAct, kind: str, number: int, reason: str) -> Any:
    """Take back an occupant or what leads to premises, keeping the reason; the row that it was.

    :raises WrongPremises: no reason, or it does not stand
    """
    if not reason.strip():
        raise WrongPremises("Say why it is taken back.")
    row = one(f"select * from {kind} where id = %s and retracted_by is null", [number])
    if row is None or not retract_rows(opened, kind, [number]):
        raise does_not_stand(number)
    claim_rows(opened, "home_taken_back", ["kind", "row", "reason"], [(kind, number, reason.strip())])
    return row


def does_not_stand(number: int) -> WrongPremises:
    """What is said of a row that was taken back, was never there, or is hidden: the same of each."""
    return WrongPremises(f"Number {number} does not stand: it was taken back already, or never recorded.")


def subjects_led_to(premises: int) -> list[int]:
    """The subjects that lead to premises now."""
    rows = query(
        """select distinct m.subject from led_to l join member m on m.mention = l.mention and m.retracted_by is null
           where l.premises = %s and l.retracted_by is null order by 1""",
        [premises],
    )
    return [row.subject for row in rows]


def premises_of_row(kind: str, number: int) -> int | None:
    """The premises that an occupant or a lead is about, while it stands."""
    assert kind in ("occupant", "led_to")
    row = one(f"select premises from {kind} where id = %s and retracted_by is null", [number])
    return int(row.premises) if row else None


# --- reads


def premises(look: OpenLook, number: int) -> Any:
    """Premises that lead from a subject whom the actor may see; those subjects are noted as shown.

    :raises NoPremises: there are none, or nobody leads there whom this actor may see
    """
    row = one(f"select p.* from premises p where p.id = %s and {standing('p', look.as_at)}", [number])
    if row is None or not leads_to(look, number):
        raise NoPremises(number)
    return row


def leads_to(look: OpenLook, number: int) -> list[Any]:
    """What leads to premises, as far as the actor may see the subject: subject, answer or source, compared or not."""
    rows = query(
        f"""select l.id, l.mention, l.answer, l.source, l.words, m.subject, act.at, o.full_name as by_whom
            from led_to l join member m on m.mention = l.mention and {standing("m", look.as_at)}
            left join act on act.id = l.asserted_by left join officer o on o.id = act.actor
            where l.premises = %s and {standing("l", look.as_at)} order by l.id""",
        [number],
    )
    seen = only_visible(look.actor, sorted({row.subject for row in rows}), look.as_at)
    look.show(sorted(seen - set(look.shown)))
    return [row for row in rows if row.subject in seen]


def of_subject(look: OpenLook, subject: int) -> list[Any]:
    """The premises that a subject leads to, with what leads there (a row for each), oldest first."""
    return query(
        f"""select p.id, p.address, p.kind, l.id as lead, l.answer, l.source, l.words, l.mention,
                   act.at, o.full_name as by_whom
            from member m join led_to l on l.mention = m.mention and {standing("l", look.as_at)}
            join premises p on p.id = l.premises and {standing("p", look.as_at)}
            left join act on act.id = l.asserted_by left join officer o on o.id = act.actor
            where m.subject = %s and {standing("m", look.as_at)} order by l.id""",
        [subject],
    )


@dataclass(frozen=True, slots=True)
class Living:
    """One occupant as read at a day: ``age`` by the date of birth where one is known; ``here``: on that day."""

    id: int
    premises: int
    name: str
    born: date | None
    age: str
    from_day: date | None
    to_day: date | None
    source: str
    words: str
    here: bool


def occupants(look: OpenLook, numbers: Iterable[int], today: date) -> list[Living]:
    """Who is, and who was, at these premises; those who are there first."""
    rows = query(
        f"""select o.* from occupant o where o.premises = any(%s) and {standing("o", look.as_at)}
            order by o.premises, o.to_day nulls first, o.id""",
        [list(numbers)],
    )
    return [living(row, today) for row in rows]


def living(row: Any, today: date) -> Living:
    """An occupant's row as it reads on a day."""
    here = row.to_day is None or row.to_day > today
    age = age_now(row.born, row.age, today)
    return Living(
        row.id, row.premises, row.name, row.born, age, row.from_day, row.to_day, row.source, row.words, here
    )


def household(found: Sequence[Living]) -> str:
    """Who is there now, in one sentence."""
    here = [who for who in found if who.here]
    if not here:
        return "Who is there is not known."
    parts = [
        _counted(sum(who.age == age for who in here), one_word, many)
        for age, one_word, many in (
            ("adult", "adult", "adults"),
            ("child", "child", "children"),
            ("not_known", "person whose age is not known", "people whose age is not known"),
        )
    ]
    said = [part for part in parts if part]
    return f"Known to be there: {', '.join(said)}."


def _counted(number: int, one_word: str, many: str) -> str:
    return f"{number} {one_word if number == 1 else many}" if number else ""


def children_at(look: OpenLook, numbers: Iterable[int], today: date) -> list[Living]:
    """The children known to be at these premises now."""
    return [who for who in occupants(look, numbers, today) if who.here and who.age == "child"]
