"""The command ``threshold``: a thin face over the same verbs and queries as the site."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from threshold import __version__
from threshold.commands import (
    accounts,
    casework,
    counts,
    enquiries,
    homes,
    intake,
    policy,
    record,
    samples,
    work,
)
from threshold.commands.running import COULD_NOT_RUN, told_plainly

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Puts the gravest first when referrals outnumber the officers there are. Metadata only, ever.",
)
for part in (homes, intake, samples, work, enquiries, casework, counts, policy, record, accounts):
    part.add_to(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """Every command runs as an enrolled person: by THRESHOLD_TOKEN, or in a demo home as the demo user."""


def run() -> None:
    """The entry point: every known error is told plainly, on standard error, with exit code 2."""
    try:
        with told_plainly():
            app()
    except KeyboardInterrupt:
        typer.echo("\nStopped. What was done is done; run the same command again to go on.", err=True)
        sys.exit(COULD_NOT_RUN)
