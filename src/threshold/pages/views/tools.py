"""Published risk tools of one subject: behind the case, beside our own band, for established adults only."""

from __future__ import annotations

from django.http import HttpResponse

from threshold.acts.access import Actor
from threshold.acts.verbs import OpenLook
from threshold.enquiries import queries as enquiries
from threshold.enquiries import tools as room
from threshold.journey import tools as journey
from threshold.journey.tools import Asked
from threshold.pages.frame import Request, chosen, done, page, whole_number
from threshold.pages.moments import read_moment
from threshold.pages.views.subjects import around, of_subject
from threshold.policy.tools.scoring import in_plain_words


@of_subject
def tools(request: Request, look: OpenLook, number: int) -> HttpResponse:
    known = room.tools()
    assessed = enquiries.assessment(look, number)
    adult = assessed is not None and assessed.row.route == "adult"
    named = request.POST.get("tool", "") if request.problem else chosen(request, "tool", known)
    tool = known.get(named or "")
    return page(
        request,
        "subject/tools.html",
        **around(request, look, number, "tools", assessed),
        adult=adult,
        known=sorted(known.values(), key=lambda each: each.title),
        chosen_tool=tool,
        plain=in_plain_words(tool) if tool else "",
        results=room.results(look, number) if adult else [],
        by_name=known,
    )


def work_out(request: Request, actor: Actor, number: int) -> HttpResponse:
    typed = request.POST
    items = {
        name.removeprefix("item-"): str(value) for name, value in typed.items() if name.startswith("item-")
    }
    asked = Asked(typed.get("sex", ""), typed.get("convicted", ""), items, typed.get("source", "")[:500])
    journey.work_out(actor, number, typed.get("tool", ""), asked)
    return done(request, "Worked out and kept with its answers. No band moved.", "tools", number=number)


def bring(request: Request, actor: Actor, number: int) -> HttpResponse:
    typed = request.POST
    journey.bring(
        actor,
        number,
        typed.get("tool", ""),
        typed.get("band", ""),
        typed.get("assessor", "")[:200],
        typed.get("source", "")[:500],
        read_moment(typed.get("as-of", "")),
    )
    return done(
        request,
        "Recorded as brought. Where it is graver than our band, its clock runs too.",
        "tools",
        number=number,
    )


def take_back(request: Request, actor: Actor, number: int) -> HttpResponse:
    journey.take_back(actor, number, whole_number(request.POST.get("result"), 0))
    return done(request, "Taken back. It stays in the record.", "tools", number=number)
