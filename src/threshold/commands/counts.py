"""The commands that count: how many people, and the report of a month."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from threshold.commands.running import As, AsAt, AsJson, as_known, only_files, person, print_json


def add_to(app: typer.Typer) -> None:
    app.command("count")(count)
    app.command("report")(report)


def count(
    as_at: AsAt = None,
    now_known: Annotated[
        bool,
        typer.Option(
            "--now-known",
            help="Of what had reached us by the date, but with the links, ages and identities of today.",
        ),
    ] = False,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Say how many people we are aware of: the sentence, each number with what it is, and the range of doubt."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.oversight.counting import Reading
    from threshold.oversight.printing import count_as_json
    from threshold.oversight.queries import counts
    from threshold.oversight.sentences import sentence

    at = as_known(as_at)
    if now_known and as_at is None:
        raise typer.BadParameter("say the date with --as-at", param_hint="--now-known")
    with look(person(as_user), "command count", Power.COUNT, as_at=at) as seen:
        found = counts(seen, Reading.of("now-known" if now_known else "known-at", at))
    if as_json:
        print_json(count_as_json(found, sentence(found)))
        return
    console = Console()
    console.print(sentence(found))
    table = Table("number", "", "what it is")
    for number in found.numbers.values():
        value = f"{number.value:,}" if number.value is not None else number.state
        table.add_row(number.definition.title, value, number.definition.says)
    console.print(table)
    if found.doubt:
        console.print(
            f"Subjects, with every open question answered: between {found.doubt.at_least:,} "
            f"and {found.doubt.at_most:,}."
        )
    console.print(f"Counted: {found.scope.value}, after act {found.reading.act}.")


def report(
    month: Annotated[str, typer.Option("--month", help="The month, such as 2026-10.")],
    as_at: AsAt = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The file to write.", dir_okay=False, callback=only_files),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="One number a row, for a spreadsheet.")] = False,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a month: the counts, the volumes, what became of what came in, and what is held.

    Without --as-at: as known at the end of the month, or now until it is over. A PDF unless --csv or --json.
    """
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.oversight import printing
    from threshold.oversight.counting import Reading
    from threshold.oversight.months import Month
    from threshold.oversight.report import monthly_report, usual_date

    if output is None and not (as_csv or as_json):
        raise typer.BadParameter("say where the PDF goes, such as -o report.pdf", param_hint="-o")
    if as_csv and as_json:
        raise typer.BadParameter("choose one of --csv and --json")
    asked = Month.of(month)
    at = as_known(as_at) if as_at else usual_date(asked, datetime.now(UTC))
    with look(person(as_user), "command report", Power.COUNT, as_at=at) as seen:
        found = monthly_report(seen, Reading.of("known-at", at), asked)
    if as_json:
        written = (json.dumps(printing.as_json(found), ensure_ascii=False, indent=2) + "\n").encode()
    else:
        written = printing.as_csv(found) if as_csv else printing.as_pdf(found)
    if output is None:
        sys.stdout.buffer.write(written)
        return
    # It holds what only some may know: for this user alone, whatever else may be read in the folder.
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sink:
        sink.write(written)
    typer.echo(found.sentence)
