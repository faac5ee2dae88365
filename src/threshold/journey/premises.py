"""An officer's acts on premises: say what leads there and who is there. Each works bands out again."""

from __future__ import annotations

from datetime import date

from threshold.acts.access import Actor, NotVisible, Power, check_visible
from threshold.acts.verbs import act
from threshold.journey.assessing import assess
from threshold.journey.subjects import visible_subject
from threshold.people import premises as homes
from threshold.people.premises import Dweller, NoPremises, WrongPremises
from threshold.times import uk_day


def add(
    actor: Actor, subject: int, address: str, source: str, *, kind: str = "not_known", words: str = ""
) -> tuple[int, int]:
    """Say that a subject leads to the premises at an address; the numbers of premises and of what leads there.

    :raises WrongPremises: no source, or an address that cannot be compared
    :raises NotVisible: there is no such subject for this actor
    """
    with act(actor, "lead to premises", Power.STATE, subject=subject) as opened:
        holder = visible_subject(actor, subject)
        number = homes.put_down(opened, address, kind)
        lead = homes.lead(opened, subject, number, source=source, words=words)
        assess(opened, [holder])
    return number, lead


def take_back_lead(actor: Actor, lead: int, reason: str) -> None:
    """Take back what leads to premises. What an answer leads to goes with the answer, not by itself.

    :raises WrongPremises: no reason, it does not stand, or it rests on an answer
    """
    with act(actor, "take back lead", Power.STATE, lead=lead) as opened:
        _of_row(actor, "led_to", lead)
        row = homes.take_back(opened, "led_to", lead, reason)
        if row.answer is not None:
            raise WrongPremises("An answer leads there. Take the answer back, and this goes with it.")
        assess(opened, [visible_subject(actor, row.mention)])


def settle(actor: Actor, premises: int, who: Dweller) -> int:
    """Record who is at premises, by which source; the number of the occupant.

    :raises NoPremises: there are none for this actor
    :raises WrongPremises: no source, or days and ages that cannot be
    """
    with act(actor, "record occupant", Power.STATE, premises=premises) as opened:
        subjects = _visible_premises(actor, premises)
        number = homes.settle(opened, premises, who, uk_day(opened.at))
        assess(opened, subjects)
    return number


def move_out(actor: Actor, occupant: int, on: date, source: str) -> int:
    """Say that an occupant left on a day."""
    with act(actor, "occupant left", Power.STATE, occupant=occupant) as opened:
        subjects = _of_row(actor, "occupant", occupant)
        number = homes.move_out(opened, occupant, on, source)
        assess(opened, subjects)
    return number


def take_back_occupant(actor: Actor, occupant: int, reason: str) -> None:
    """Take an occupant back who was recorded wrongly. It stays in the record, as retracted."""
    with act(actor, "take back occupant", Power.STATE, occupant=occupant) as opened:
        subjects = _of_row(actor, "occupant", occupant)
        homes.take_back(opened, "occupant", occupant, reason)
        assess(opened, subjects)


def _of_row(actor: Actor, kind: str, number: int) -> list[int]:
    """The subjects that lead to the premises of a row. What is hidden and what does not stand are answered alike.

    :raises WrongPremises: it does not stand for this actor
    """
    try:
        return _visible_premises(actor, homes.premises_of_row(kind, number) or 0)
    except NoPremises:
        raise homes.does_not_stand(number) from None


def _visible_premises(actor: Actor, premises: int) -> list[int]:
    """All subjects that lead to premises, where the actor may see one of them.

    :raises NoPremises: there are none for this actor
    """
    subjects = homes.subjects_led_to(premises)
    if not any(_sees(actor, subject) for subject in subjects):
        raise NoPremises(premises)
    return subjects


def _sees(actor: Actor, subject: int) -> bool:
    try:
        check_visible(actor, subject)
    except NotVisible:
        return False
    return True
