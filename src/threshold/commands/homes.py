"""Commands that make, serve, keep and bring back a home; and the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from threshold.commands.running import COULD_NOT_RUN, DONE, only_files, start
from threshold.home import Home, HomeInUse

ADDRESS = "127.0.0.1:8000"


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("serve")(serve)
    app.command("demo")(demo)
    app.command("backup")(backup)
    app.command("restore")(restore)


Bind = Annotated[str, typer.Option("--bind", help="Address and port to serve on.")]


def init(
    name: Annotated[str | None, typer.Option(help="Name of the force.")] = None,
    administrator: Annotated[str | None, typer.Option(help="User name of the first administrator.")] = None,
    second: Annotated[
        str | None, typer.Option(help="User name of a second administrator (roles need two).")
    ] = None,
) -> None:
    """Make a home for real use: keys, database, policy, first administrators. No default password."""
    from threshold.acts.officers import check_names
    from threshold.journey.beginning import begin, first_token, unfinished

    name = name or _asked("Name of the force", "--name")
    administrators = [
        administrator or _asked("First administrator's user name", "--administrator"),
        second or _asked("Second administrator's user name", "--second"),
    ]
    for each in administrators:
        check_names(each, each, "")
    path = Home.default_path()
    if Home.exists(path) and Home.at(path).kind == "real":
        home = start(Home.at(path))
        if not unfinished():
            raise HomeInUse(path, "a home")
    else:
        home = start(Home.create(path, "real", name))
    made = begin(administrators)
    typer.echo(f"Home made in {home.path}. Shown once: each password, and each token for the command line:")
    for account in made:
        typer.echo(f"  {account.username}  {account.password}  THRESHOLD_TOKEN={first_token(account)}")
    typer.echo("Next: threshold serve")


def _asked(question: str, option: str) -> str:
    """What is typed in answer; without anybody to answer, how to say it is told instead."""
    try:
        return str(typer.prompt(question))
    except typer.Abort:
        raise typer.BadParameter("nobody answered the question: say it here", param_hint=option) from None


def serve(bind: Bind = ADDRESS, workers: Annotated[int, typer.Option(min=1)] = 2) -> None:
    """Serve the site (gunicorn), and sweep every minute, until stopped."""
    from threshold.commands.serving import serve as run

    try:
        run(Home.current(), bind, workers)
    except SystemExit as ended:  # gunicorn has said why
        raise typer.Exit(COULD_NOT_RUN if ended.code else DONE) from None


def demo(
    bind: Bind = ADDRESS,
    serve_site: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the site afterwards.")] = True,
    people: Annotated[
        int, typer.Option(min=0, max=10_000, help="Also a made-up year about so many people, the first time.")
    ] = 0,
) -> None:
    """A fictional week: imported once, both lists printed, then the site until stopped."""
    from threshold.commands.demonstration import demonstrate

    demonstrate(bind, serve_site=serve_site, people=people)


def backup(
    destination: Path, with_keys: Annotated[bool, typer.Option(help="Also the private keys.")] = False
) -> None:
    """Write everything into one file: database, heads, maps, policies."""
    from threshold.embedded.backup import backup as write

    typer.echo(f"Written: {write(Home.current(), destination, with_keys=with_keys)}")


def restore(
    source: Annotated[Path, typer.Argument(help="A backup.", callback=only_files)],
    folder: Annotated[Path, typer.Argument(help="A new folder for the home.")],
) -> None:
    """Make a new home from a backup, and check its chains."""
    from threshold.embedded.backup import restore as bring_back

    home = bring_back(source, folder)
    start(home)
    from threshold.acts.record import verify
    from threshold.boot import migrate

    migrate()
    finding = verify()
    for found in finding.breaks:
        typer.echo(f"BROKEN  {found}", err=True)
    typer.echo(f"Restored to {home.path}: {finding.acts} acts, {'whole' if finding.whole else 'NOT WHOLE'}.")
    if not finding.whole:
        raise typer.Exit(COULD_NOT_RUN)
