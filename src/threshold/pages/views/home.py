"""The first page: what waits, and where to begin."""

from __future__ import annotations

from django.http import HttpResponse

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenLook
from threshold.cases import queries as cases
from threshold.intake import reconciling
from threshold.intake.silence import Silence
from threshold.journey import mending
from threshold.journey import subjects as journey
from threshold.oversight import queries as oversight
from threshold.oversight.sentences import sentence
from threshold.pages.frame import Request, done, page, whole_number


def health(request: Request) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def home(request: Request, look: OpenLook) -> HttpResponse:
    counts = breached = None
    held = None
    notices = []
    silent: list[Silence] = []
    if look.actor.may(Power.SEE_SUBJECTS):
        counts, breached = cases.counts(look), cases.breached(look)
        notices = cases.notices(look)
    if look.actor.may(Power.SEE_DELIVERIES):
        _, held = mending.held_entries(look)
        silent = reconciling.silent_senders(look)
    aware = None
    if look.actor.may(Power.COUNT):
        aware = sentence(oversight.aware(look))
    return page(
        request,
        "home.html",
        counts=counts,
        breached=breached,
        held=held,
        silent=silent,
        notices=notices,
        aware=aware,
    )


def see_notice(request: Request, actor: Actor) -> HttpResponse:
    journey.see_notice(actor, whole_number(request.POST.get("notice"), 0))
    return done(request, "Noted: you have seen it.", "home")
