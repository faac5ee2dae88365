"""The command that writes fictional deliveries."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from threshold.sample import START, write_sample


def add_to(app: typer.Typer) -> None:
    app.command("sample")(sample)


def sample(
    out: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.", file_okay=False)],
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed and number give the same bytes.")] = 1,
    start: Annotated[str, typer.Option(help="The first day (2026-01-05).")] = START.isoformat(),
) -> None:
    """Write fictional deliveries in every format that is read, with the truth apart. Needs no home."""
    try:
        first = date.fromisoformat(start)
    except ValueError:
        raise typer.BadParameter("a date such as 2026-01-05", param_hint="--start") from None
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("people", total=people)
        write_sample(out, people, seed, first, lambda done: progress.update(task, completed=done))
    typer.echo(
        f"{out / 'deliveries'}: to import, with --map for each of sample/maps; the truth: {out / 'truth'}"
    )
