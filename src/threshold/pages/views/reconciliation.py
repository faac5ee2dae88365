"""One page on which everything that came in a period is accounted for."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse

from threshold.acts.verbs import OpenLook
from threshold.intake import reconciling
from threshold.intake.queries import PAGE
from threshold.intake.reconciling import Period
from threshold.intake.silence import RULE
from threshold.pages.frame import Problem, Request, chosen, page, pages_of, whole_number, with_query
from threshold.pages.moments import WrongMoment, read_day
from threshold.times import uk_day

USUAL = timedelta(days=6)
EARLIEST = date(1990, 1, 1)
# A longer period is told by month.
MOST_DAYS = 62


def reconciliation(request: Request, look: OpenLook) -> HttpResponse:
    today = uk_day(look.moment)
    first, last = _days(request, today)
    per = chosen(request, "per", ("day", "month")) or ("day" if (last - first).days < MOST_DAYS else "month")
    road = request.GET.get("road", "").replace("\x00", "")[:100] or None
    sender_of = whole_number(request.GET.get("sender-of"), 0, most=10**17) or None
    period = reconciling.period_of(first, last, road, sender_of)
    number = whole_number(request.GET.get("page"), most=1_000_000)
    rows, total = reconciling.deliveries_in(look, period, number)
    held, held_total = reconciling.unseen(look)
    begun, begun_total = reconciling.unread(look)
    here = {"from": first.isoformat(), "to": last.isoformat()}
    return page(
        request,
        "reconciliation.html",
        first=first,
        last=last,
        per=per,
        road=road,
        sender_of=sender_of,
        everything=with_query(request.path, **here),
        whole=reconciling.whole(look, Period(period.start, period.end)),
        times=[(_span(row.key, per), row) for row in reconciling.sums(look, period, per)],
        roads=reconciling.sums(look, period, "road"),
        senders=reconciling.sums(look, period, "sender"),
        link=lambda **values: with_query(request.path, **(here | values)),
        hand_overs=reconciling.hand_overs(look, period),
        silent=reconciling.silent_senders(look),
        rule=RULE,
        held=held,
        held_total=held_total,
        begun=begun,
        begun_total=begun_total,
        now=look.moment,
        rows=rows,
        total=total,
        pagination=pages_of(
            request.path, number, total, PAGE, **here, per=per, road=road, sender_of=sender_of
        ),
    )


def _days(request: Request, today: date) -> tuple[date, date]:
    """The first and the last day that are asked for; the last seven where none are, or none that can be read."""
    try:
        last = read_day(request.GET.get("to", "")) or today
        first = read_day(request.GET.get("from", "")) or last - USUAL
        if first > last:
            raise WrongMoment("The first day is after the last: write the earlier one first")
    except (WrongMoment, OverflowError) as wrong:
        request.problem = Problem(f"{wrong}. The last seven days are shown.", "period")
        return today - USUAL, today
    # Nothing has come since today, or before there was a database to keep it.
    return min(max(first, EARLIEST), today), max(min(last, today), EARLIEST)


def _span(start: date, per: str) -> tuple[date, date]:
    """The first and the last day of a day or a month."""
    if per == "day":
        return start, start
    return start, (start.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
