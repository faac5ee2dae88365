"""Commands about the record: verify, export, sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from threshold.commands.running import (
    COULD_NOT_RUN,
    DONE,
    SOMETHING_HELD,
    As,
    AsJson,
    NoPerson,
    only_files,
    person,
    print_json,
    start,
)


def add_to(app: typer.Typer) -> None:
    app.command("verify")(verify)
    app.command("export-record")(export_record)
    app.command("sweep")(sweep)


def verify(
    against: Annotated[
        Path | None,
        typer.Option(
            help="A copy of the heads kept elsewhere.", exists=True, dir_okay=False, callback=only_files
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--export", help="Check an exported folder instead.", exists=True)
    ] = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Check that the record is whole, and say where it is not."""
    if folder is not None:
        from threshold.acts.chain import check_export

        finding = check_export(folder, against)
    else:
        actor = person(as_user)
        from threshold.acts.access import Power
        from threshold.acts.record import verify as check
        from threshold.acts.verbs import look

        with look(actor, "command verify", Power.VERIFY):
            finding = check(against, None if as_json else _tell)
    _print(finding, as_json)
    raise typer.Exit(DONE if finding.whole else SOMETHING_HELD)


def _tell(table: str) -> None:
    Console(stderr=True).print(f"checking {table}", style="dim")


def _print(finding: Any, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "whole": finding.whole,
                "acts": finding.acts,
                "looks": finding.looks,
                "rows": finding.rows,
                "erased": finding.erased,
                "erased_under": [
                    {"act": act, "rows": rows} for act, rows in sorted(finding.erased_under.items())
                ],
                "withheld": finding.withheld,
                "heads": finding.heads,
                "breaks": [
                    {"where": b.where, "number": b.number, "problem": b.problem} for b in finding.breaks
                ],
            }
        )
        return
    for found in finding.breaks:
        typer.echo(f"BROKEN  {found}")
    typer.echo(finding.says)


def export_record(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    content: Annotated[
        bool,
        typer.Option("--content", help="With what every row says: personal data. Needs the role disclosure."),
    ] = False,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Write the record, numbers and digests only, to a folder that `python chain.py` can check anywhere."""
    if folder.exists():
        typer.echo(f"threshold: {folder} exists already. Name a new folder.", err=True)
        raise typer.Exit(COULD_NOT_RUN)
    actor = person(as_user)
    from threshold.acts.access import Power
    from threshold.acts.record import export
    from threshold.acts.verbs import look

    power = Power.EXPORT_CONTENT if content else Power.SEE_ALL_ACTS
    with look(actor, "command export record", power, content=content) as seen:
        finding = export(actor, folder, None if as_json else _tell, content=content)
        seen.body |= {"acts": finding.acts, "looks": finding.looks, "rows": finding.rows}
    _print(finding, as_json)
    raise typer.Exit(DONE if finding.whole else SOMETHING_HELD)


def sweep() -> None:
    """Let the calendar move bands now, and sign the heads. The server does this every minute."""
    from threshold.journey import calendar

    start()
    actor = calendar.sweeper()
    if actor is None:
        raise NoPerson("This home has no accounts yet. Make it with: threshold init")
    typer.echo(f"{calendar.sweep(actor)} worked out again")
