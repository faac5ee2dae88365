"""What is known of one subject: a summary that fits on a screen, and a page for each thing behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpResponse

from threshold.acts import queries as record
from threshold.acts.access import NotVisible, Power
from threshold.acts.verbs import OpenLook
from threshold.cases import queries as cases
from threshold.cases.casebook import live_cases_of
from threshold.enquiries import asked
from threshold.enquiries import queries as enquiries
from threshold.enquiries.assess import policy_in_force
from threshold.enquiries.kinds import authority
from threshold.enquiries.queries import Assessed
from threshold.pages import questions
from threshold.pages.frame import Request, page, pages_of, whole_number
from threshold.people import premises
from threshold.people import queries as people
from threshold.policy import grounds, reasons
from threshold.policy.model import Policy
from threshold.times import uk_day

TABS = [
    ("subject", "Summary"),
    ("activity", "Activity"),
    ("identity", "Identity and links"),
    ("enquiries", "Enquiries"),
    ("said", "Statements"),
    ("reports", "Reports"),
    ("history", "History"),
]

# Of identifiers, activities, connections and reports, as many as stand on one page: a sender may give thousands.
ROWS = 200

View = Callable[[Request, OpenLook, int], HttpResponse]


def of_subject(view: View) -> View:
    """The view of a subject that the actor may see; a number that now belongs to another says so."""

    @wraps(view)
    def checked(request: Request, look: OpenLook, number: int) -> HttpResponse:
        held = _holder(look, number)
        if held != number:
            return page(request, "subject/moved.html", number=number, held=held, as_at=_as_at(look))
        return view(request, look, number)

    return checked


def _holder(look: OpenLook, number: int) -> int:
    """The subject that holds the mention with this number, checked and noted as shown.

    :raises NotVisible: there is none for this actor
    """
    holder = people.holder_of(look, number)
    if holder is None:
        raise NotVisible(number)
    try:
        look.show_one(holder)
    except NotVisible as hidden:
        raise NotVisible(number, hidden.held_by) from hidden
    return holder


@of_subject
def overview(request: Request, look: OpenLook, number: int) -> HttpResponse:
    assessed = enquiries.assessment(look, number)
    explained = _explained(assessed, enquiries.statements(look, number)) if assessed else {}
    if assessed:
        out = asked.of_subject(look, number)
        offers = asked.next_best(look, number, assessed, out, asked.reached(look, number, out))
        explained["offer"] = next((offer for offer in offers if offer.can_be_asked), None)
        explained["out"] = [each for each in out if each.waits]
    return page(
        request,
        "subject/overview.html",
        **around(request, look, number, "subject", assessed),
        **explained,
        identifiers=people.identifiers(look, number),
        together=people.together_with(look, number),
        possible=[link for link in people.links(look, number) if link.strength == "possible"],
        changed=_changed(request, look, number),
        authority=authority,
    )


def _explained(assessed: Assessed, statements: list[Any]) -> dict[str, Any]:
    why = reasons.why(assessed.policy, assessed.judgement, assessed.facts)
    higher = reasons.could_be_higher_if(assessed.policy, assessed.judgement, assessed.facts)
    outstanding, answered = questions.checks(assessed.policy, assessed.judgement, assessed.facts, higher)
    checks = {q.fact for q in outstanding}
    return {
        "why": questions.grounds(assessed.policy, why),
        "higher": [sentence for sentence in higher if sentence.about not in checks],
        "outstanding": outstanding,
        "answered": answered,
        "could_because": grounds.could_because(assessed.policy, assessed.judgement),
        "rests_on": grounds.grounds(assessed.policy, assessed.judgement, statements),
        "contradictions": grounds.contradictions(assessed.policy, statements),
    }


def _policy(look: OpenLook, assessed: Assessed | None) -> Policy:
    """In whose words facts are asked about; of whoever is not graded nobody has established an adult."""
    return assessed.policy if assessed else policy_in_force(look.moment).worded_for("age_not_established")


def _as_at(look: OpenLook) -> Any:
    return look.moment if look.as_at is not None else None


def around(
    request: Request, look: OpenLook, number: int, tab: str, assessed: Assessed | None
) -> dict[str, Any]:
    """What stands at the head of every page of a subject."""
    actor = look.actor
    now = look.as_at is None
    return {
        "number": number,
        "called": people.called([number], look.as_at)[number],
        "roles": people.roles(look, number),
        "tab": tab,
        "tabs": TABS,
        "assessed": assessed,
        "policy": _policy(look, assessed),
        "headline": reasons.headline(assessed.judgement) if assessed else None,
        "taken": cases.taken_by(look, number),
        "cases": live_cases_of(number) if now else [],
        "may_decide": now and actor.may(Power.DECIDE),
        "as_at": _as_at(look),
        "now": look.moment,
        "seen_act": enquiries.last_change(number) if now else None,
        "may_state": now and actor.may(Power.STATE),
        "may_link": now and actor.may(Power.LINK),
        "may_take": now and actor.may(Power.TAKE),
    }


def _changed(request: Request, look: OpenLook, number: int) -> list[Any]:
    """What others did since the officer's page was drawn, where that stopped them."""
    if request.problem is None or request.problem.status != 409:
        return []
    return cases.changes(look, number, whole_number(request.POST.get("seen-act"), 0))


def _part_of(request: Request, **lists: Sequence[Any]) -> dict[str, Any]:
    """The part of each list that this page of the tab shows, how many each has in all, and the way to the rest."""
    number = whole_number(request.GET.get("page"), most=1_000_000)
    begin = ROWS * (number - 1)
    longest = max(len(rows) for rows in lists.values())
    return {
        **{name: rows[begin : begin + ROWS] for name, rows in lists.items()},
        "in_all": {name: len(rows) for name, rows in lists.items()},
        "pagination": pages_of(request.path, number, longest, ROWS, as_at=request.GET.get("as-at")),
    }


@of_subject
def activity(request: Request, look: OpenLook, number: int) -> HttpResponse:
    return page(
        request,
        "subject/activity.html",
        **around(request, look, number, "activity", enquiries.assessment(look, number)),
        **_part_of(
            request,
            activities=people.activities(look, number),
            connections=people.connections(look, number),
        ),
    )


@of_subject
def identity(request: Request, look: OpenLook, number: int) -> HttpResponse:
    links = people.links(look, number)
    return page(
        request,
        "subject/identity.html",
        **around(request, look, number, "identity", enquiries.assessment(look, number)),
        **_part_of(request, identifiers=people.identifiers(look, number)),
        links=links,
        names=people.called({link.other for link in links}, look.as_at),
        together=people.together_with(look, number),
        **_homes(look, number),
    )


def _homes(look: OpenLook, number: int) -> dict[str, Any]:
    """The premises to which the subject leads, who is there, and what the ladder could rest on."""
    leads = premises.of_subject(look, number)
    homes = list(dict.fromkeys(lead.id for lead in leads))
    living = premises.occupants(look, homes, uk_day(look.moment))
    answers, occupants = asked.rungs(look, number)
    return {
        "homes": [(home, [lead for lead in leads if lead.id == home]) for home in homes],
        "uncompared": {home: asked.uncompared(look, number, home) for home in homes},
        "households": {home: premises.household([w for w in living if w.premises == home]) for home in homes},
        "rung_answers": answers,
        "rung_occupants": occupants,
    }


@of_subject
def said(request: Request, look: OpenLook, number: int) -> HttpResponse:
    assessed = enquiries.assessment(look, number)
    policy = _policy(look, assessed)
    about = request.POST.get("fact") or request.GET.get("about", "")
    return page(
        request,
        "subject/said.html",
        **around(request, look, number, "said", assessed),
        statements=enquiries.statements(look, number),
        facts=questions.all_facts(policy),
        question=questions.question(policy, about) if about else None,
        changed=_changed(request, look, number),
    )


@of_subject
def reports(request: Request, look: OpenLook, number: int) -> HttpResponse:
    mentions = people.mentions(look, number)
    came_in = {mention.delivery for mention in mentions if mention.delivery}
    return page(
        request,
        "subject/reports.html",
        **around(request, look, number, "reports", enquiries.assessment(look, number)),
        **_part_of(request, mentions=mentions),
        # The sender's words may speak of somebody else in the report, who is closed to this officer.
        hides={delivery for delivery in came_in if people.hides_somebody(look, delivery)},
    )


@of_subject
def history(request: Request, look: OpenLook, number: int) -> HttpResponse:
    assessed = enquiries.assessment(look, number)
    return page(
        request,
        "subject/history.html",
        **around(request, look, number, "history", assessed),
        assessments=enquiries.history(look, number),
        changes=cases.changes(look, number),
        may_close=look.as_at is None and look.actor.may(Power.CLOSE_ACCESS),
        named=record.closed_to_all_but(look, number),
    )
