"""Commands that take deliveries in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from threshold.commands.running import (
    DONE,
    SOMETHING_HELD,
    As,
    AsAt,
    AsJson,
    Number,
    as_known,
    moment,
    only_files,
    outside,
    person,
    print_json,
)
from threshold.times import uk_day

if TYPE_CHECKING:
    from threshold.intake.maps import Map
    from threshold.journey.mending import HeldEntry


Maps = Annotated[
    list[Path] | None,
    typer.Option("--map", help="A map for tables; those in the home are known anyway.", callback=only_files),
]
Why = Annotated[str, typer.Option(help="Why; kept with what you decide.")]


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_paths)
    app.command("refer")(refer)
    app.command("withdraw")(withdraw)
    app.command("held")(held)
    app.command("mend")(mend)
    app.command("set-aside")(set_aside)


def import_paths(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", exists=True)],
    maps: Maps = None,
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
    from threshold.journey.importing import files_under, take_in

    actor = person(as_user)
    known = _known_maps(maps)
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


def _known_maps(paths: list[Path] | None, *, superseded: bool = False) -> list[Map]:
    """The maps named, and those of the home; a map named is used before one of the home for the same columns."""
    from threshold.intake.maps import load_map
    from threshold.intake.queries import maps_in_force

    return maps_in_force([load_map(path) for path in paths or []], superseded=superseded)


def _received(typed: str | None) -> datetime | None:
    """When the force had them, as typed. Today is until now; later would only put clocks off."""
    received_at, now = moment(typed), datetime.now(UTC)
    if received_at is None or received_at <= now:
        return received_at
    if uk_day(received_at) > uk_day(now):
        raise typer.BadParameter("the force cannot have had them in the future", param_hint="--received-at")
    return now


# A typed referral is a page of text; what is larger is none.
_MOST_TYPED = 1_000_000


def refer(
    path: Annotated[
        Path,
        typer.Argument(
            help="The referral as docs/referral.schema.json says.",
            exists=True,
            dir_okay=False,
            callback=only_files,
        ),
    ],
    received_at: Annotated[
        str | None, typer.Option(help="When the force had it, if not now (clocks start there).")
    ] = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Take in a referral typed as a document: every question is answered, or null (not known)."""
    from threshold.journey.referring import refer_document

    actor = person(as_user)
    if path.stat().st_size > _MOST_TYPED:
        raise typer.BadParameter(f"{path} is larger than any typed referral", param_hint="PATH")
    receipt = refer_document(actor, path.read_bytes(), path, _received(received_at))
    told = receipt.told[0]
    if as_json:
        print_json(_as_json(receipt))
    elif told.state == "registered":
        typer.echo(f"registered: report {told.report}")
    elif told.state == "duplicate":
        typer.echo(f"duplicate of report {told.report}. Another call? Give it a “form” of its own.")
    else:
        typer.echo(f"{told.state}: {told.reason}")
    raise typer.Exit(SOMETHING_HELD if receipt.unsettled else DONE)


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


def held(
    entry: Annotated[
        int | None, typer.Argument(min=1, max=2**63 - 1, help="One entry, with what was received for it.")
    ] = None,
    maps: Maps = None,
    page: Annotated[int, typer.Option(min=1, max=1_000_000, help="Which page of the list.")] = 1,
    as_at: AsAt = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """What is held at intake, the oldest first; or one entry with its fields as they were received."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.journey import mending

    if entry is not None and as_at is not None:
        raise typer.BadParameter(
            "an entry is read with the maps and reports of today: only the list can be asked for as known at a date",
            param_hint="--as-at",
        )
    actor = person(as_user)
    with look(actor, "command held", Power.SEE_DELIVERIES, as_at=as_known(as_at)) as opened:
        if entry is not None:
            found = mending.held_entry(opened, entry, _known_maps(maps, superseded=True))
        else:
            rows, total = mending.held_entries(opened, page)
    if entry is not None:
        _print_entry(found, as_json=as_json)
    elif as_json:
        names = ("id", "delivery", "place", "reason", "field")
        entries = [
            {n: getattr(row, n) for n in names} | {"file": in_folder(row.folder, row.name) or None}
            for row in rows
        ]
        print_json({"held": total, "entries": entries})
    else:
        table = Table("entry", "delivery", "place", "reason", "field", title=f"{total} held")
        for row in rows:
            table.add_row(
                *(
                    outside(str(v))
                    for v in (
                        row.id,
                        in_folder(row.folder, row.name),
                        row.place,
                        row.reason,
                        row.field or "",
                    )
                )
            )
        Console().print(table)


def in_folder(folder: str, name: str) -> str:
    """The name of a delivery with the folder that it came in, so that two of one name are told apart."""
    return f"{folder}/{name}" if folder and name else name


def _print_entry(found: HeldEntry, *, as_json: bool) -> None:
    row = found.row
    reason = row.reason
    if as_json:
        print_json(
            {
                "id": row.id,
                "delivery": row.delivery,
                "file": in_folder(row.folder, row.name),
                "place": row.place,
                "reason": reason,
                "settled": found.settled or None,
                "why": found.why or None,
                "against": found.against,
                "hosts": found.hosts,
                "fields": [
                    {"path": f.path, "text": f.text, "stated": f.stated, "at_fault": f.path in found.at_fault}
                    for f in found.leaves
                ],
                "not_shown": found.unread,
            }
        )
        return
    console = Console()
    console.print(f"Delivery {row.delivery}: {outside(in_folder(row.folder, row.name))}")
    for said in (reason, found.settled, found.why):
        if said:
            console.print(outside(said))
    if found.against:
        console.print(f"It contradicts report {found.against}.")
    if found.hosts:
        console.print(f"It may belong to report {' or '.join(map(str, found.hosts))}.")
    table = Table("", "field", "as received", title=f"entry {row.id}, {outside(row.place)}")
    for leaf in found.leaves:
        mark = "at fault" if leaf.path in found.at_fault else ""
        table.add_row(mark, outside(leaf.path), outside(leaf.text) if leaf.stated else "(not given)")
    console.print(table)
    if found.unread:
        console.print(f"... and {found.unread} more; the delivery has them.")


def mend(
    entry: Number,
    reason: Why,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=TEXT", help="A field put right.")
    ] = None,
    out: Annotated[
        list[str] | None, typer.Option("--leave-out", metavar="PATH", help="A field taken as not stated.")
    ] = None,
    later: Annotated[
        int | None, typer.Option("--later-than", help="It is the later version of this report.")
    ] = None,
    own: Annotated[
        bool, typer.Option("--own", help="It is a report of its own, without its reference.")
    ] = False,
    report: Annotated[int | None, typer.Option("--belongs-to", help="It belongs to this report.")] = None,
    maps: Maps = None,
    as_user: As = None,
) -> None:
    """Take a held entry in: fields put right or left out, or by a decision. What it was stays known."""
    from threshold.journey import mending

    actor = person(as_user)
    put_right = dict(map(_path_and_text, changes or [])) | dict.fromkeys(out or [])
    if (bool(put_right), later is not None, own, report is not None).count(True) != 1:
        raise typer.BadParameter("give --set and --leave-out, or one of --later-than, --own and --belongs-to")
    known = _known_maps(maps, superseded=True)
    if later is not None:
        settled = mending.take_as_later(actor, entry, later, reason, known)
    elif own:
        settled = mending.take_as_own(actor, entry, reason, known)
    elif report is not None:
        settled = mending.add_to(actor, entry, report, reason, known)
    else:
        settled = mending.mend(actor, entry, put_right, reason, known)
    typer.echo(f"the entry is {settled.state}" + (f": report {settled.report}" if settled.report else ""))


def _path_and_text(typed: str) -> tuple[str, str]:
    path, sign, text = typed.partition("=")
    if not sign:
        raise typer.BadParameter(f"{typed!r} is not PATH=TEXT", param_hint="--set")
    return path, text


def set_aside(entry: Number, reason: Why, as_user: As = None) -> None:
    """Refuse a held entry, with your name and reason: a total, a test message, the same again."""
    from threshold.journey import mending

    mending.set_aside(person(as_user), entry, reason)
    typer.echo("the entry is set aside: refused, with your name and reason")


def _as_json(receipt: Any) -> dict[str, Any]:
    """The published shape (docs/import.schema.json)."""
    return {
        "received": receipt.received,
        **{state: receipt.counts[state] for state in ("registered", "duplicate", "held", "refused")},
        "entries": [
            {
                "delivery": t.delivery,
                "path": t.path,
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
        table = Table("file", "place", "state", "reason", title="Held or refused")
        for told in receipt.told[:200]:
            table.add_row(*(outside(text or "") for text in (told.path, told.place, told.state, told.reason)))
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
