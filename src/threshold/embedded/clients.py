"""PostgreSQL's client programs: pg_dump and pg_restore, run by this process itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from threshold.embedded.errors import ProgramFailed
from threshold.embedded.programs import MAJOR, program
from threshold.embedded.server import named_server


def run_client(name: str, dsn: str, options: list[str], stdin: IO[bytes] | None = None) -> None:
    """Runs one program against ``dsn``, feeding it ``stdin``.

    The password goes by the environment, because a command line is every user's to read.
    """
    parts = conninfo_to_dict(dsn)
    password = parts.pop("password", None)
    command = [str(_client(name, dsn)), "--no-password", *options, f"--dbname={make_conninfo('', **parts)}"]
    environment = {**os.environ, "LC_ALL": "C"}
    if password:
        environment["PGPASSWORD"] = str(password)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=environment,
        )
        if stdin and process.stdin:
            with suppress(BrokenPipeError), process.stdin:  # its own words say why it stopped reading
                shutil.copyfileobj(stdin, process.stdin, 1 << 20)
        if process.wait():
            said.seek(0)
            raise ProgramFailed(name, process.returncode, said.read().decode(errors="replace"))


def _client(name: str, dsn: str) -> Path:
    """The wheel's own program; for a newer server of somebody else's, the machine's own (pg_dump demands it)."""
    if named_server() is not None and (found := shutil.which(name)):
        with psycopg.connect(dsn) as connection:
            if connection.info.server_version // 10_000 > int(MAJOR):
                return Path(found)
    return program(name)
