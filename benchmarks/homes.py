"""A throw-away home with a database of its own for a benchmark."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def throw_away_home() -> Iterator[Path]:
    """A demo home with the default policy and a user *demo*, gone afterwards."""
    from threshold.embedded.places import remove
    from threshold.home import Home

    with tempfile.TemporaryDirectory(prefix="threshold-bench-") as folder:
        place = Path(folder) / "home"
        try:
            with home_at(place):
                yield Path(folder)
        finally:
            remove(Home.at(place))


@contextmanager
def home_at(place: Path) -> Iterator[None]:
    """The demo home at *place*, its server running meanwhile; a new one has the default policy and a user *demo*."""
    os.environ["THRESHOLD_HOME"] = str(place)
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(variable, None)
    from threshold.boot import finish, start
    from threshold.home import Home

    new = not Home.exists(place)
    start(Home.create(place, "demo", "Benchmark") if new else Home.at(place))
    if new:
        _begin()
    try:
        yield
    finally:
        from django.db import connections

        connections.close_all()
        finish()


def _begin() -> None:
    from threshold.acts.access import GIVEN
    from threshold.journey.beginning import begin_with

    begin_with([("demo", "Dee Demo", "Team A", list(GIVEN))])


def peak_memory() -> float:
    """The largest resident size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
