"""Commands for accounts and roles."""

from __future__ import annotations

from typing import Annotated

import typer

from threshold.commands.running import As, Number, person

account = typer.Typer(no_args_is_help=True, help="Accounts, roles and tokens.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(account, name="account")


@account.command("add")
def add(
    username: str,
    full_name: Annotated[str, typer.Option()],
    team: Annotated[str, typer.Option()] = "",
    as_user: As = None,
) -> None:
    """Make an account without a role; its password is shown once."""
    from threshold.acts.officers import make_account

    made = make_account(person(as_user), username, full_name, team)
    typer.echo(f"{made.username}  {made.password}")
    typer.echo(
        f"This is the user name and a first password, shown only now. Give it to {full_name} in person or by "
        f"telephone: at the first sign-in it must be changed. The account can do nothing yet. Ask for a role:  "
        f"threshold account ask-role {made.username} ROLE  and a second administrator approves it.",
        err=True,
    )


@account.command("ask-role")
def ask_role(username: str, role: str, as_user: As = None) -> None:
    """Ask for a role for somebody; a second administrator approves it."""
    from threshold.acts.access import GIVEN
    from threshold.acts.officers import request_role

    wanted = next((each for each in GIVEN if each.value == role), None)
    if wanted is None:
        raise typer.BadParameter(f"there are the roles {', '.join(each.value for each in GIVEN)}")
    typer.echo(f"request {request_role(person(as_user), username, wanted)}")


@account.command("approve-role")
def approve(request: Number, as_user: As = None) -> None:
    """Approve another administrator's request for a role."""
    from threshold.acts.officers import approve_role

    approve_role(person(as_user), request)


Whose = Annotated[str | None, typer.Argument(help="Whose; your own when not said.")]


@account.command("token")
def token(username: Whose = None, as_user: As = None) -> None:
    """Issue a token for the command line; it is shown once and replaces the one before."""
    from threshold.acts.officers import issue_token

    actor = person(as_user)
    typer.echo(issue_token(actor, username or actor.username))


@account.command("revoke-token")
def revoke(username: Whose = None, as_user: As = None) -> None:
    """Take a token away: commands with it are refused from now on."""
    from threshold.acts.officers import revoke_token

    actor = person(as_user)
    revoke_token(actor, username or actor.username)
