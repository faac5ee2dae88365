"""Everything a process needs before it can act: the home, the database addresses, Django, the migrations."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack

from threshold.embedded import Server, using
from threshold.home import Home

_until_exit = ExitStack()


def finish() -> None:
    """Let go of the database; the last process to do so stops it. Happens by itself at exit."""
    _until_exit.close()


atexit.register(finish)


def start(home: Home) -> Server:
    """Start (or find) the home's database and set Django up on it. The last process that uses it stops it.

    The addresses go into this process's own environment, where the settings and its children read them.
    """
    os.environ["THRESHOLD_HOME"] = str(home.path)
    server = _until_exit.enter_context(using(home))
    os.environ["DATABASE_URL"] = server.app_dsn
    if server.owner:
        os.environ["DATABASE_OWNER_URL"] = server.owner
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "threshold.settings")
    import django

    django.setup()
    return server


def migrate() -> None:
    """Bring the database to this version's shape, as its owner; without the owner's address, leave it."""
    if not os.environ.get("DATABASE_OWNER_URL"):
        return
    from django.core.management import call_command

    call_command("migrate", database="owner", interactive=False, verbosity=0)
