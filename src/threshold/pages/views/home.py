"""The first page: what waits, and where to begin."""

from __future__ import annotations

from django.http import HttpResponse

from threshold.acts.access import Power
from threshold.acts.verbs import OpenLook
from threshold.cases import queries as cases
from threshold.intake import queries as intake
from threshold.pages.frame import Request, page


def health(request: Request) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def home(request: Request, look: OpenLook) -> HttpResponse:
    counts = breached = None
    held = None
    if look.actor.may(Power.SEE_SUBJECTS):
        counts, breached = cases.counts(look), cases.breached(look)
    if look.actor.may(Power.SEE_DELIVERIES):
        _, held = intake.held(look)
    return page(request, "home.html", counts=counts, breached=breached, held=held)
