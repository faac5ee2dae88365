"""An assessment of the past, worked out again before the reader's eyes."""

from __future__ import annotations

from django.http import HttpResponse

from threshold.acts.verbs import OpenLook
from threshold.enquiries import queries as enquiries
from threshold.enquiries import replaying
from threshold.enquiries.replaying import Replay
from threshold.pages.frame import Request, chosen, page
from threshold.pages.views.subjects import around, of_subject


@of_subject
def replayed(request: Request, look: OpenLook, number: int) -> HttpResponse:
    known = [str(each) for each in replaying.of_subject(look, number)]
    wanted = chosen(request, "assessment", known) or next(iter(known), None)
    done = replaying.replay(int(wanted)) if wanted else None
    shown = done if isinstance(done, Replay) else None
    return page(
        request,
        "subject/replay.html",
        **around(request, look, number, "history", enquiries.assessment(look, number)),
        done=shown,
        then=enquiries.explained(shown.row) if shown else None,
        corrections=replaying.corrections(look, shown) if shown else [],
    )
