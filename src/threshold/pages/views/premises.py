"""Premises: who is there, what leads there, and what was said of them; the ladder that rests on them."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenLook
from threshold.enquiries import asked
from threshold.journey import identifying
from threshold.journey import premises as journey
from threshold.journey.subjects import Seen
from threshold.pages.frame import Request, done, page, whole_number
from threshold.pages.moments import read_day
from threshold.people import premises as room
from threshold.people import queries as people
from threshold.people.premises import Dweller, WrongPremises
from threshold.times import uk_day


def premises(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """One home or workplace, with everybody who is or was there and every subject that leads there."""
    found = room.premises(look, number)
    leads = room.leads_to(look, number)
    subjects = sorted({lead.subject for lead in leads})
    living = room.occupants(look, [number], uk_day(look.moment))
    return page(
        request,
        "premises.html",
        number=number,
        found=found,
        leads=leads,
        names=people.called(subjects, look.as_at),
        uncompared={subject: asked.uncompared(look, subject, number) for subject in subjects},
        living=living,
        household=room.household(living),
        children=[who for who in living if who.here and who.age == "child"],
        warned=asked.warned(look, subjects),
        enquiries=asked.of_premises(look, number),
        now=look.moment,
        may_state=look.actor.may(Power.STATE),
    )


def add(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Say that a subject leads to premises."""
    typed = request.POST
    home, _ = journey.add(
        actor,
        number,
        typed.get("address", "")[:500],
        typed.get("source", "")[:500],
        kind=typed.get("kind") or "not_known",
        words=typed.get("words", "")[:2_000],
    )
    return done(request, "Recorded: this subject leads there.", "premises", number=home)


def take_back_lead(request: Request, actor: Actor, number: int) -> HttpResponse:
    journey.take_back_lead(
        actor, whole_number(request.POST.get("lead"), 0), request.POST.get("reason", "")[:1_000]
    )
    return done(request, "Taken back.", "identity", "premises", number=number)


def settle(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Record who is there."""
    typed = request.POST
    who = Dweller(
        typed.get("name", "")[:200],
        typed.get("age", ""),
        typed.get("source", "")[:500],
        read_day(typed.get("born", "")),
        read_day(typed.get("from", "")),
        read_day(typed.get("to", "")),
        typed.get("words", "")[:2_000],
    )
    journey.settle(actor, number, who)
    return done(request, "Recorded.", "premises", "living", number=number)


def left(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Say that somebody left."""
    on: date | None = read_day(request.POST.get("on", ""))
    if on is None:
        raise WrongPremises("Give the day on which they left, such as 31/1/2026.")
    journey.move_out(
        actor, whole_number(request.POST.get("occupant"), 0), on, request.POST.get("source", "")[:500]
    )
    return done(request, "Recorded.", "premises", "living", number=number)


def take_back_occupant(request: Request, actor: Actor, number: int) -> HttpResponse:
    journey.take_back_occupant(
        actor, whole_number(request.POST.get("occupant"), 0), request.POST.get("reason", "")[:1_000]
    )
    return done(request, "Taken back. It stays in the record.", "premises", "living", number=number)


def climb(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Put a subject on a rung of the identity ladder, by its evidence."""
    rung, _, evidence = request.POST.get("rung", "").partition("-")
    identifying.climb(
        actor,
        number,
        rung,
        answer=whole_number(evidence, 0) or None if rung == "2" else None,
        occupant=whole_number(evidence, 0) or None if rung == "3" else None,
        source=request.POST.get("source", "")[:500],
        words=request.POST.get("words", "")[:2_000],
        seen=Seen(number, whole_number(request.POST.get("seen-act"), 0)),
    )
    return done(request, "Recorded. The band was worked out again.", "identity", "ladder", number=number)
