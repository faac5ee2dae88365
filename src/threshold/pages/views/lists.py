"""The three lists, and search."""

from __future__ import annotations

from typing import cast, get_args

from django.http import HttpResponse

from threshold.acts.verbs import OpenLook
from threshold.cases import queries as cases
from threshold.cases.queries import PAGE, Filters, ListName, Taken
from threshold.enquiries.assess import policy_in_force
from threshold.pages import questions, words
from threshold.pages.frame import Request, chosen, page, pages_of, whole_number
from threshold.people import queries as people
from threshold.policy.model import RANKS


def listing(request: Request, look: OpenLook, name: ListName) -> HttpResponse:
    asked = request.GET
    filters = Filters(
        band=chosen(request, "band", [*RANKS, "not_graded"]),
        route=chosen(request, "route", words.ROUTES),
        taken=cast(Taken | None, chosen(request, "taken", get_args(Taken))),
        breached=chosen(request, "breached", ["yes"]) is not None,
    )
    number = whole_number(asked.get("page"), most=1_000_000)
    rows, total = cases.listed(look, name, filters, number)
    policy = policy_in_force(look.moment) if rows else None
    worded = {route: policy.worded_for(route) if policy else None for route in words.ROUTES}
    return page(
        request,
        "list.html",
        name=name,
        rows=rows,
        total=total,
        first=(number - 1) * PAGE + 1,
        filters=filters,
        reasons={
            row.subject: [questions.clause_reason(worded[row.route], c) for c in row.clauses] for row in rows
        },
        checks={
            row.subject: [questions.check_words(worded[row.route], f) for f in row.checks] for row in rows
        },
        now=look.moment,
        as_at=look.moment if look.as_at is not None else None,
        pagination=pages_of(
            request.path,
            number,
            total,
            PAGE,
            band=filters.band,
            route=filters.route,
            taken=filters.taken,
            breached="yes" if filters.breached else None,
            as_at=asked.get("as-at"),
        ),
    )


def searching(request: Request, look: OpenLook) -> HttpResponse:
    typed = request.POST.get("q", "").strip()[:500]
    hits = people.search(look, typed) if request.method == "POST" and typed else None
    return page(
        request, "search.html", q=typed, hits=hits, as_at=look.moment if look.as_at is not None else None
    )
