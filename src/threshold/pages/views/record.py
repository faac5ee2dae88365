"""The policy in force, and the record of acts and looks."""

from __future__ import annotations

from django.http import HttpResponse

from threshold.acts import queries as record
from threshold.acts.access import Power
from threshold.acts.verbs import OpenLook
from threshold.enquiries import queries as enquiries
from threshold.enquiries.assess import policy_of
from threshold.pages.frame import Request, page, whole_number


def policy(request: Request, look: OpenLook) -> HttpResponse:
    rows = enquiries.policies(look)
    in_force = next((row for row in rows if row.from_at <= look.moment), None)
    return page(
        request,
        "policy.html",
        policy=policy_of(in_force.text) if in_force else None,
        row=in_force,
        earlier=[row for row in rows if row is not in_force],
        as_at=look.moment if look.as_at is not None else None,
    )


def acts(request: Request, look: OpenLook) -> HttpResponse:
    before = whole_number(request.GET.get("before"), 0) or None
    return page(
        request,
        "record.html",
        what="acts",
        found=record.acts(look, before),
        before=before,
        everybody=look.actor.may(Power.SEE_ALL_ACTS),
    )


def looks(request: Request, look: OpenLook) -> HttpResponse:
    before = whole_number(request.GET.get("before"), 0) or None
    return page(
        request,
        "record.html",
        what="looks",
        found=record.looks(look, before),
        before=before,
        everybody=look.actor.may(Power.SEE_ALL_ACTS),
    )
