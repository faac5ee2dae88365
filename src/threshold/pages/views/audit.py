"""For auditors: who looked at a subject, what an officer looked at, what looks unusual, and signed heads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse

from threshold.acts.access import Actor
from threshold.acts.chain import Break, read_heads
from threshold.acts.heads import newest_heads
from threshold.acts.record import check_head
from threshold.acts.verbs import OpenLook
from threshold.oversight import looking, unusual, verbs
from threshold.oversight.verbs import WrongAudit
from threshold.pages.frame import Problem, Request, chosen, done, page, pages_of, whole_number, with_query
from threshold.pages.moments import WrongMoment, read_day

_MOST_PAGES = 1_000_000
_SHOWN = 25
_DAYS = {"1": "The last day", "7": "The last 7 days", "28": "The last 28 days"}
# More lines than anybody pastes; a whole file is checked with ``threshold verify --against``.
_MOST_HEADS = 200


def who_looked(request: Request, look: OpenLook) -> HttpResponse:
    subject = whole_number(request.GET.get("subject"), 0, most=2**62)
    if request.GET.get("subject", "").strip() and not subject:
        request.problem = Problem("A subject is a whole number, such as 17.", "who-subject")
    number = whole_number(request.GET.get("page"), most=_MOST_PAGES)
    rows, total = looking.who_looked(look, subject, number) if subject else ([], 0)
    return page(
        request,
        "record/who_looked.html",
        subject=subject,
        typed_subject=request.GET.get("subject", ""),
        rows=rows,
        total=total,
        pagination=pages_of(request.path, number, total, looking.PAGE, subject=subject),
    )


def audits(request: Request, look: OpenLook) -> HttpResponse:
    number = whole_number(request.GET.get("page"), most=_MOST_PAGES)
    rows, total = looking.audits(look, number)
    return page(
        request,
        "record/audits.html",
        rows=rows,
        officers=[("", "Choose an officer"), *((o.username, _named(o)) for o in looking.officers(look))],
        chosen=request.POST.get("officer", request.GET.get("officer", "")),
        pagination=pages_of(request.path, number, total, looking.PAGE),
    )


def _named(officer: Any) -> str:
    return f"{officer.full_name} ({officer.team})" if officer.team else officer.full_name


def begin(request: Request, actor: Actor) -> HttpResponse:
    asked = request.POST
    number = verbs.begin_audit(
        actor,
        asked.get("officer", ""),
        _day(asked.get("from", "")),
        _day(asked.get("until", "")),
        asked.get("reason", ""),
    )
    return done(request, "Your reason is in the record.", "audit", number=number)


def _day(typed: str) -> date | None:
    try:
        return read_day(typed)
    except WrongMoment as wrong:
        raise WrongAudit(str(wrong)) from wrong


def looks_of(request: Request, look: OpenLook, number: int) -> HttpResponse:
    found = looking.audit(look, number)
    if found is None:
        raise Http404
    number_of_page = whole_number(request.GET.get("page"), most=_MOST_PAGES)
    rows, total = looking.looks_of(look, found, number_of_page)
    return page(
        request,
        "record/looks_of.html",
        audit=found,
        rows=rows,
        total=total,
        pagination=pages_of(request.path, number_of_page, total, looking.PAGE),
    )


def unusual_looking(request: Request, look: OpenLook) -> HttpResponse:
    days = chosen(request, "days", _DAYS) or "7"
    kind = chosen(request, "kind", unusual.KINDS)
    look.body["days"] = int(days)
    found = unusual.unusual(look, look.moment - timedelta(days=int(days)))
    asked = [each for each in found.findings if kind in (None, each.kind)]
    number = whole_number(request.GET.get("page"), most=_MOST_PAGES)
    shown = asked[(number - 1) * _SHOWN : number * _SHOWN]
    return page(
        request,
        "record/unusual.html",
        found=found,
        shown=shown,
        total=len(asked),
        behind=unusual.looks_behind(shown),
        most=unusual.MOST_SHOWN,
        limits=unusual.USUAL.says(),
        kinds=unusual.KINDS,
        kind=kind or "",
        periods=_DAYS,
        days=days,
        here=with_query(request.path, days=days),
        pagination=pages_of(request.path, number, len(asked), _SHOWN, days=days, kind=kind),
    )


def heads(request: Request, look: OpenLook) -> HttpResponse:
    typed = request.POST.get("line", "")
    sent = request.FILES.get("file")
    text = sent.read().decode("utf-8", "replace") if sent else typed
    lines = [line for line in text.splitlines() if line.strip()]
    if request.method == "POST" and not lines:
        request.problem = Problem(
            "Paste a line of heads.jsonl, or choose a file of such lines.", "heads-line"
        )
    if len(lines) > _MOST_HEADS:
        request.problem = Problem(
            f"At most {_MOST_HEADS} lines at once. A whole file is checked with: threshold verify --against FILE",
            "heads-line",
        )
        lines = []
    found = list(read_heads(lines))
    look.body["heads"] = len(found)
    return page(
        request,
        "record/heads.html",
        typed_line=typed,
        asked=request.method == "POST",
        checked=[check_head(head) for head in found if not isinstance(head, Break)],
        unreadable=[head.number for head in found if isinstance(head, Break)],
        newest=[check_head(head) for head in newest_heads()],
    )
