"""Everything a process needs before it can act: the home, the database addresses, Django, the migrations."""

from __future__ import annotations

import os

from threshold.embedded.server import Server, ensure_running
from threshold.home import Home


def start(home: Home) -> Server:
    """Start (or find) the home's database and set Django up on it. Safe to call more than once.

    The addresses go into this process's own environment, where the settings read them.
    """
    os.environ["THRESHOLD_HOME"] = str(home.path)
    server = ensure_running(home)
    os.environ["DATABASE_URL"] = server.app_dsn
    os.environ["DATABASE_OWNER_URL"] = server.owner_dsn
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "threshold.settings")
    import django

    django.setup()
    return server


def migrate() -> None:
    """Bring the database to this version's shape, as its owner."""
    from django.core.management import call_command

    call_command("migrate", database="owner", interactive=False, verbosity=0)
