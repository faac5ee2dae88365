"""``threshold demo``: a home marked *demo*, a fictional week in it, both lists printed, the site served."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
import yaml

from threshold.commands.running import DEMO_USER, start
from threshold.home import Home, private_file

# How many days before the first run each day of the sample week came in.
DAYS = {"monday": 6, "tuesday": 5, "wednesday": 4, "thursday": 3, "friday": 2, "saturday": 1, "sunday": 0}


def demonstrate(bind: str, *, serve_site: bool, people: int = 0) -> None:
    home = _home()
    start(home)
    accounts = home.path / "demo-accounts.txt"
    if not accounts.exists():
        private_file(accounts, _make_accounts())
    week = home.path / "demo-week-taken-in"
    if not week.exists():
        # In the home, so that what is held can be mended on the page, too.
        for each in sorted((_shipped() / "maps").glob("*.yaml")):
            shutil.copy(each, home.maps)
        if people:
            _take_in_sample(people)
        _take_in_week()
        private_file(week, "")
    _print_lists()
    typer.echo("\nAccounts of this demonstration (user name, password, roles):")
    typer.echo(accounts.read_text(encoding="utf-8"))
    typer.echo("For the command line in this home (it then acts as the account demo):")
    typer.echo(f"  export THRESHOLD_HOME={home.path}\n")
    if serve_site:
        from threshold.commands.serving import serve

        typer.echo(f"The site is at http://{bind} - stop it with Ctrl-C.")
        serve(home, bind, workers=2)


def _home() -> Home:
    """THRESHOLD_HOME, or ``var/demo`` in the checkout."""
    if "THRESHOLD_HOME" not in os.environ:
        from threshold.journey.beginning import SHIPPED

        os.environ["THRESHOLD_HOME"] = str(SHIPPED / "var" / "demo")
    path = Home.default_path()
    home = Home.at(path) if Home.exists(path) else Home.create(path, "demo", "Fictional Constabulary")
    if not home.is_demo:
        typer.echo(
            f"threshold: {path} is a real home; the demonstration runs only in one of its own.", err=True
        )
        raise typer.Exit(2)
    return home


def _make_accounts() -> str:
    from threshold.acts.access import GIVEN, Role
    from threshold.journey.beginning import begin_with

    people: list[tuple[str, str, str, Sequence[Role]]] = [(DEMO_USER, "Dee Demo", "Team A", list(GIVEN))]
    people += [
        (role.value, f"Sam {role.value.replace('_', ' ').title()}", "Team A", [role]) for role in GIVEN
    ]
    people.append(("administrator2", "Alex Administrator", "", [Role.ADMINISTRATOR]))
    people.append(("investigator_b", "Bo Investigator", "Team B", [Role.INVESTIGATOR]))
    roles = {username: ", ".join(roles) for username, _, _, roles in people} | {DEMO_USER: "all"}
    made = begin_with(people)
    return "".join(f"  {each.username:<16} {each.password}   {roles[each.username]}\n" for each in made)


def _take_in_sample(people: int) -> None:
    """Import made-up deliveries about so many people as received over the year before the week."""
    from threshold.sample import write_sample
    from threshold.sample.deliveries import DAYS as SPREAD

    now = datetime.now(UTC)
    with TemporaryDirectory() as out:
        # Each deck is received some days after what it tells of, and what comes later still later.
        write_sample(Path(out), people, seed=1, start=(now - timedelta(days=SPREAD + 20)).date())
        decks = sorted((Path(out) / "deliveries").glob("*/*"))
        for number, deck in enumerate(decks):
            received_at = now - timedelta(days=SPREAD * (1 - number / len(decks)) + 15)
            _take_in(f"{received_at:%B %Y}", deck / "1-first", received_at)
            _take_in(f"{received_at:%B %Y}, later", deck / "2-later", received_at + timedelta(days=5))


def _take_in_week() -> None:
    """Import each day's folder as received on its day, then give the answers that officers found."""
    week = _shipped() / "week"
    now = datetime.now(UTC)
    for day, before in DAYS.items():
        _take_in(day, week / day, now - timedelta(days=before, hours=2))
    _answer(week / "answers.yaml")


def _take_in(what: str, folder: Path, received_at: datetime) -> None:
    from threshold.acts.access import actor_by_name
    from threshold.intake.queries import maps_in_force
    from threshold.journey.importing import files_under, take_in

    if not folder.is_dir():
        return
    actor = actor_by_name(DEMO_USER)
    assert actor is not None
    receipt = take_in(actor, files_under([folder]), maps_in_force(), received_at=received_at)
    if not receipt.received:
        return
    counts = ", ".join(f"{count} {state}" for state, count in sorted(receipt.counts.items()))
    typer.echo(f"{what}: {receipt.received} received: {counts}")


def _shipped() -> Path:
    from threshold.journey.beginning import SHIPPED

    return SHIPPED / "sample"


def _answer(file: Path) -> None:
    from threshold.acts.access import Power, actor_by_name
    from threshold.acts.verbs import look
    from threshold.journey.subjects import Answer, state
    from threshold.people.queries import search

    actor = actor_by_name(DEMO_USER)
    assert actor is not None
    for found in yaml.safe_load(file.read_text(encoding="utf-8")):
        with look(actor, "demonstration", Power.SEE_SUBJECTS) as seen:
            subject = search(seen, found["who"])[0].subject
        for fact, value in found["answers"].items():
            state(actor, subject, Answer(fact, str(value), found["mark"], found["source"]))


def _print_lists() -> None:
    from threshold.commands.work import show_list

    for name in ("act", "find-out", "children"):
        show_list(name, limit=10)
