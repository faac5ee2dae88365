"""How a command runs: its home and database, its person, its errors, and what it prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from threshold.embedded import DatabaseError
from threshold.home import Home, HomeError
from threshold.times import NotATime, moment_of
from threshold.visible import visible

if TYPE_CHECKING:
    from threshold.acts.access import Actor

DONE, SOMETHING_HELD, COULD_NOT_RUN = 0, 1, 2
DEMO_USER = "demo"

# A record's number, as a person types it: no larger than the database can hold.
Number = Annotated[int, typer.Argument(min=1, max=2**63 - 1)]
As = Annotated[
    str | None, typer.Option("--as", help="In a demo home: run as this account instead of 'demo'.")
]
AsAt = Annotated[
    str | None,
    typer.Option(
        "--as-at", help="As known at this date (end of the UK day) or time, such as 2026-11-24T09:30."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs instead of text.")]


def outside(text: object) -> str:
    """Text from outside as Rich prints it: no markup, and no command to the terminal, whatever a sender wrote."""
    return escape(visible(str(text)))


class NoPerson(Exception):
    """The command does not know on whose behalf it runs."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Known errors end the command with code 2 and one sentence; anything else is a defect and shows itself."""
    try:
        yield
    except (HomeError, DatabaseError, NoPerson, NotATime) as known:
        _end(known)
    except BrokenPipeError:
        # Whoever read our output has enough of it (``threshold list act | head``).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(COULD_NOT_RUN)
    except OSError as failed:
        _end(f"{failed.filename}: {failed.strerror}." if failed.filename else f"{failed}.")
    except Exception as failed:
        if type(failed).__module__.startswith("threshold."):
            _end(failed)
        if type(failed).__module__.startswith("psycopg"):
            from threshold.acts.verbs import WAITED_TOO_LONG, waited_too_long

            if waited_too_long(failed):
                _end(WAITED_TOO_LONG)
        if type(failed).__name__ == "OperationalError":
            _end(f"The database did not answer: {str(failed).splitlines()[0]}")
        raise


def _end(error: Exception | str) -> None:
    typer.echo(f"threshold: {error}", err=True)
    sys.exit(COULD_NOT_RUN)


_started: list[Home] = []


def start(home: Home | None = None) -> Home:
    """Open the current home once: database started or found, Django set up."""
    from threshold.boot import start as boot

    opened = home or Home.current()
    if opened not in _started:
        boot(opened)
        _started.append(opened)
    return opened


def person(named: str | None) -> Actor:
    """The person on whose behalf this command runs.

    :raises NoPerson: no token, it is nobody's, or somebody else is named beside it
    """
    from threshold.acts.access import actor_by_name
    from threshold.acts.officers import actor_by_token

    home = start()
    token = os.environ.get("THRESHOLD_TOKEN")
    if named and (token or not home.is_demo):
        raise NoPerson(
            "--as names an account in a demo home only, where no token is set. Take away --as, or THRESHOLD_TOKEN."
        )
    if token:
        actor = actor_by_token(token)
        if actor is None:
            raise NoPerson("THRESHOLD_TOKEN belongs to nobody here. Ask an administrator for a new one.")
        return actor
    if not home.is_demo:
        raise NoPerson(
            "Say who you are: put your token into THRESHOLD_TOKEN. "
            "Make it on the site's page Your account, or ask an administrator for it."
        )
    actor = actor_by_name(named or DEMO_USER)
    if actor is None:
        raise NoPerson(f"There is no account {named or DEMO_USER} in this demo home.")
    return actor


def as_known(text: str | None) -> datetime | None:
    """The date of --as-at; None for the present, and for what is still to come, which is said."""
    asked = moment(text)
    if asked is not None and asked > datetime.now(UTC):
        typer.echo(f"threshold: {text} is still to come: this is what is known now.", err=True)
        return None
    return asked


def moment(text: str | None) -> datetime | None:
    return moment_of(text) if text else None


def only_files(named: Path | list[Path] | None) -> Path | list[Path] | None:
    """Check of an option that names files: a pipe or device would be read for ever."""
    for path in [named] if isinstance(named, Path) else named or []:
        if path.exists() and not path.is_file():
            raise typer.BadParameter(f"{path} is not a file (but a folder, a pipe, a device or the like)")
    return named


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
