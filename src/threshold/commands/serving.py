"""The production server: gunicorn with threads, and beside it a process that sweeps every minute."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from gunicorn.app.base import BaseApplication

from threshold.commands.running import start
from threshold.home import Home

SWEEP_EVERY = 60.0
THREADS = 4


class _Site(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, bind: str, workers: int) -> None:
        self.options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "limit_request_line": 4094,
            "control_socket_disable": True,
            "forwarded_allow_ips": os.environ.get("THRESHOLD_PROXY", "127.0.0.1"),
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,
        }
        super().__init__()

    def load_config(self) -> None:
        for key, value in self.options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        from threshold.pages.wsgi import application

        return application


def serve(home: Home, bind: str, workers: int) -> None:
    """Serve until stopped; the database is stopped with the last process that uses it."""
    start(home)
    from django.db import connections

    from threshold.boot import migrate

    migrate()
    # Workers are forked from here and must not share a connection.
    connections.close_all()
    sweeper = subprocess.Popen([sys.executable, "-m", "threshold.commands.serving"])
    try:
        _Site(bind, workers).run()
    finally:
        sweeper.terminate()
        sweeper.wait()


def sweep_for_ever() -> None:
    """The sweeping process: ends when the server that started it is gone."""
    parent = os.getppid()
    start(Home.current())
    from django.db import OperationalError, connections

    from threshold.acts.verbs import Busy
    from threshold.journey.calendar import sweep, sweeper

    while os.getppid() == parent:
        try:
            actor = sweeper()
            if actor is not None:
                sweep(actor)
        except (OperationalError, Busy) as failed:
            print(f"sweep: {failed}; trying again in a minute", file=sys.stderr)
            connections.close_all()
        for _ in range(int(SWEEP_EVERY)):
            time.sleep(1)
            if os.getppid() != parent:
                return


if __name__ == "__main__":
    try:
        sweep_for_ever()
    except KeyboardInterrupt:
        sys.exit(0)
