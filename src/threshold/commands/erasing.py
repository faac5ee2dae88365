"""Commands to erase what must not be kept: asked for by one person, approved by another."""

from __future__ import annotations

from typing import Annotated

import typer

from threshold.commands.running import As, AsJson, Number, person, print_json

erase = typer.Typer(no_args_is_help=True, help="Erase what must not be kept. It needs a second person.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(erase, name="erase")


@erase.command("ask")
def ask(
    kind: Annotated[str, typer.Argument(help="statement, or closure")],
    number: Number,
    rule: Annotated[str, typer.Option(help="review, right, court or unlawful")],
    reason: Annotated[str, typer.Option(help="Why; without what is to be erased.")],
    as_user: As = None,
) -> None:
    """Ask that a row which no longer stands be erased; somebody else approves it."""
    from threshold.acts.erasing import ask_to_erase

    typer.echo(f"request {ask_to_erase(person(as_user), kind, number, rule, reason)}")


@erase.command("approve")
def approve(request: Number, as_user: As = None) -> None:
    """Erase what somebody else asked for. It cannot be undone."""
    from threshold.acts.erasing import approve_erasure

    typer.echo(f"erased under act {approve_erasure(person(as_user), request)}")


@erase.command("decline")
def decline(request: Number, as_user: As = None) -> None:
    """Decline a request; nothing is erased."""
    from threshold.acts.erasing import decline_erasure

    decline_erasure(person(as_user), request)


@erase.command("list")
def show(as_user: As = None, as_json: AsJson = False) -> None:
    """What is asked for and waits for a second person."""
    from threshold.acts.access import Power
    from threshold.acts.erasing import RULES, erasures_asked
    from threshold.acts.verbs import look

    actor = person(as_user)
    with look(actor, "command erase list", Power.ERASE) as seen:
        rows = erasures_asked(seen)
    if as_json:
        print_json([row._asdict() for row in rows])
        return
    for row in rows:
        typer.echo(f"{row.id}  {row.kind} {row.row}  {RULES[row.rule]}: {row.reason}  ({row.asked_by})")
