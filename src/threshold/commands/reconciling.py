"""The command that accounts for everything that came in a period, as the page Reconciliation does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from threshold.commands.running import DONE, SOMETHING_HELD, As, AsJson, outside, person, print_json
from threshold.times import uk_day

if TYPE_CHECKING:
    from threshold.acts.verbs import OpenLook

_STATES = ("received", "registered", "duplicate", "held", "refused")
# A longer period is told by month, as on the page.
_MOST_DAYS = 62


def add_to(app: typer.Typer) -> None:
    app.command("reconciliation")(reconciliation)


def reconciliation(
    first: Annotated[
        str | None, typer.Option("--from", help="First day, such as 2026-11-18; else seven days until --to.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day; else today.")] = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Account for everything that came in a period: received = registered + duplicate + held + refused."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look

    actor = person(as_user)
    today = uk_day(datetime.now(UTC))
    end = _day(last, "--to") or today
    begin = _day(first, "--from") or end - timedelta(days=6)
    if begin > end:
        raise typer.BadParameter("the first day is after the last", param_hint="--from")
    with look(actor, "command reconciliation", Power.SEE_DELIVERIES) as opened:
        told = _told(opened, begin, min(end, today))
    if as_json:
        print_json(told)
    else:
        _print(told)
    raise typer.Exit(DONE if told["holds"] else SOMETHING_HELD)


def _day(typed: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as wrong:
        raise typer.BadParameter(f"{typed!r} is not a day such as 2026-11-18", param_hint=option) from wrong


def _told(opened: OpenLook, first: date, last: date) -> dict[str, Any]:
    """The published shape (docs/reconciliation.schema.json)."""
    from threshold.intake import reconciling

    period = reconciling.period_of(first, last)
    per = "day" if (last - first).days < _MOST_DAYS else "month"
    whole = reconciling.whole(opened, period)
    held, held_total = reconciling.unseen(opened)
    begun, begun_total = reconciling.unread(opened)
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "deliveries": whole.deliveries,
        **{state: getattr(whole, state) for state in _STATES},
        "found": whole.found,
        "not_read_to_the_end": whole.unread,
        "holds": whole.holds,
        "per": per,
        "by_time": [_sum(row) for row in reconciling.sums(opened, period, per)],
        "by_sender": [_sum(row) for row in reconciling.sums(opened, period, "sender")],
        "by_road": [_sum(row) for row in reconciling.sums(opened, period, "road")],
        "hand_overs": [
            {
                "stretch": each.words,
                "known": each.known,
                "not_known": each.not_known,
                "backwards": each.backwards,
                "median_seconds": each.median.total_seconds() if each.median is not None else None,
                "longest_seconds": each.longest.total_seconds() if each.longest is not None else None,
            }
            for each in reconciling.hand_overs(opened, period)
        ],
        "silent": [
            {"sender": each.sender, "last": each.last.isoformat(), "days": each.days, "longest": each.longest}
            for each in reconciling.silent_senders(opened)
        ],
        "held_unseen": {
            "total": held_total,
            "oldest": [{"entry": row.id, "delivery": row.delivery} for row in held],
        },
        "begun": {"total": begun_total, "oldest": [{"delivery": row.id} for row in begun]},
    }


def _sum(row: Any) -> dict[str, Any]:
    key = row.key.isoformat() if isinstance(row.key, date) else row.key
    return {
        "key": key,
        "deliveries": row.deliveries,
        **{state: getattr(row, state) for state in _STATES},
    }


def _print(told: dict[str, Any]) -> None:
    console = Console()
    parts = " + ".join(f"{told[state]} {state}" for state in _STATES[1:])
    console.print(
        f"{told['from']} to {told['to']}: {told['received']} received in {told['deliveries']} deliveries = {parts}"
    )
    if not told["holds"]:
        console.print("The sum does not hold. Tell whoever looks after Threshold.")
    elif told["not_read_to_the_end"]:
        console.print(f"{told['not_read_to_the_end']} not read to the end yet; for all others the sum holds.")
    else:
        console.print(f"The sum holds: reading to the end found {told['found']}.")
    for each in told["silent"]:
        console.print(f"{outside(each['sender'])}: nothing for {each['days']} days, since {each['last']}.")
    if told["held_unseen"]["total"]:
        console.print(f"Held for more than a day, and nobody has looked: {told['held_unseen']['total']}.")
    if told["begun"]["total"]:
        console.print(f"Begun more than a day ago, and not read to the end: {told['begun']['total']}.")
    for title, name in ((told["per"], "by_time"), ("sender", "by_sender"), ("road", "by_road")):
        table = Table(title, *_STATES)
        for row in told[name]:
            key = outside(row["key"]) if row["key"] is not None else "not read"
            table.add_row(key, *(str(row[state]) for state in _STATES))
        console.print(table)
