"""Commands that take deliveries in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from threshold.commands.running import (
    DONE,
    SOMETHING_HELD,
    As,
    AsJson,
    Number,
    moment,
    only_files,
    person,
    print_json,
)
from threshold.home import Home
from threshold.times import uk_day


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_paths)
    app.command("withdraw")(withdraw)


def import_paths(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", exists=True)],
    maps: Annotated[
        list[Path] | None,
        typer.Option(
            "--map", help="A map for tables; those in the home are known anyway.", callback=only_files
        ),
    ] = None,
    received_at: Annotated[
        str | None, typer.Option(help="When the force had them, if not now (clocks start there).")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="These are old cases: they are known, and no clock starts.")
    ] = False,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Take in referrals: every entry is registered, duplicate, held or refused, with its reason."""
    from threshold.intake.maps import load_map, load_maps
    from threshold.journey.importing import files_under, take_in

    actor = person(as_user)
    named = [load_map(path) for path in maps or []]
    # A map named here is used before one of the home for the same columns.
    layouts = {(each.header, each.sheet) for each in named}
    in_home = load_maps(Home.current().maps)
    known = [*named, *(each for each in in_home if (each.header, each.sheet) not in layouts)]
    files = list(files_under(paths))
    with _progress(sum(f.size for f in files), shown=not as_json) as advance:
        receipt = take_in(
            actor,
            files,
            known,
            received_at=_received(received_at),
            history=history,
            keep_told=as_json,
            ahead=True,
            progress=lambda incoming, done: advance(_on_disk(incoming), done),
        )
    if as_json:
        print_json(_as_json(receipt))
    else:
        _print(receipt)
    if receipt.went_on:
        # Beside the JSON it goes to standard error: the published shape is the sum of this run.
        typer.echo(receipt.going_on, err=as_json)
    raise typer.Exit(SOMETHING_HELD if receipt.unsettled else DONE)


def _on_disk(incoming: Any) -> int:
    """Of the bytes that lie there, how many are done with this file; a member of an archive is part of another."""
    return 0 if incoming.inside else incoming.path.stat().st_size if incoming.size else 0


def _received(typed: str | None) -> datetime | None:
    """When the force had them, as typed. Today is until now; later would only put clocks off."""
    received_at, now = moment(typed), datetime.now(UTC)
    if received_at is None or received_at <= now:
        return received_at
    if uk_day(received_at) > uk_day(now):
        raise typer.BadParameter("the force cannot have had them in the future", param_hint="--received-at")
    return now


def withdraw(
    report: Number,
    source: Annotated[str, typer.Option(help="Who says so, and how you were told.")],
    words: Annotated[str, typer.Option(help="In their words.")] = "",
    as_user: As = None,
) -> None:
    """Record that its sender withdrew a report; it stays, marked, and what it said still counts."""
    from threshold.journey import subjects

    subjects.withdraw(person(as_user), report, source, words)
    typer.echo(f"report {report} is marked as withdrawn")


def _as_json(receipt: Any) -> dict[str, Any]:
    """The published shape (docs/import.schema.json)."""
    return {
        "received": receipt.received,
        **{state: receipt.counts[state] for state in ("registered", "duplicate", "held", "refused")},
        "entries": [
            {
                "delivery": t.delivery,
                "place": t.place,
                "state": t.state,
                "reason": t.reason,
                "report": t.report,
            }
            for t in receipt.told
        ],
    }


def _print(receipt: Any) -> None:
    console = Console()
    if receipt.told:
        table = Table("delivery", "place", "state", "reason", title="Held or refused")
        for told in receipt.told[:200]:
            table.add_row(told.delivery, told.place, told.state, told.reason or "")
        console.print(table)
        if len(receipt.told) > 200:
            console.print(f"... and {len(receipt.told) - 200} more; the site shows them all.")
    counts = receipt.counts
    console.print(
        f"received {receipt.received} = registered {counts['registered']} + duplicate {counts['duplicate']}"
        f" + held {counts['held']} + refused {counts['refused']}"
    )


@contextmanager
def _progress(total: int, *, shown: bool) -> Iterator[Any]:
    """A bar over the bytes of all files, with the rate of entries and the time left."""
    with Progress(
        TextColumn("reading"),
        BarColumn(),
        TextColumn("{task.fields[entries]} entries"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not shown,
        transient=True,
    ) as progress:
        task = progress.add_task("reading", total=total or 1, entries=0, rate="")
        seen = 0

        def advance(size: int, done: int) -> None:
            nonlocal seen
            seen += done
            elapsed = progress.tasks[0].elapsed or 0
            rate = f"{seen / elapsed:,.0f} a second" if elapsed > 0.5 else ""
            progress.update(task, advance=size, entries=seen, rate=rate)

        yield advance
