"""The command that counts."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from threshold.commands.running import As, AsAt, AsJson, moment, person, print_json


def add_to(app: typer.Typer) -> None:
    app.command("count")(count)


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
    from threshold.oversight.queries import counts
    from threshold.oversight.sentences import sentence

    at = moment(as_at)
    if now_known and at is None:
        raise typer.BadParameter("say the date with --as-at", param_hint="--now-known")
    with look(person(as_user), "command count", Power.COUNT, as_at=at) as seen:
        found = counts(seen, Reading.of("now-known" if now_known else "known-at", at))
    if as_json:
        print_json(_as_json(found, sentence(found)))
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


def _as_json(found: Any, said: str) -> dict[str, Any]:
    """The published shape (docs/count.schema.json)."""
    reading, ranged = found.reading, found.doubt
    return {
        "sentence": said,
        "reading": reading.name,
        "act": reading.act,
        "about": reading.about.isoformat(),
        "counted": found.scope.value,
        "numbers": [
            {
                "key": number.definition.key,
                "title": number.definition.title,
                "definition": number.definition.says,
                "value": number.value,
                "state": number.state,
            }
            for number in found.numbers.values()
        ],
        "subjects_if_questions_are_answered": ranged
        and {"at_least": ranged.at_least, "reached": ranged.reached, "at_most": ranged.at_most},
    }
