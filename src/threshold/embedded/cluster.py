"""A new, empty PostgreSQL for a home: two roles, one database, and who may come in.

Everything that needs the superuser is done here, in single-user mode, before any socket exists. No line of
``pg_hba.conf`` lets the superuser in, so there is no later moment at which anybody can be one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from threshold.embedded.account import Account, client_name
from threshold.embedded.errors import OtherVersion, ProgramFailed
from threshold.embedded.places import PORT, Places
from threshold.embedded.programs import MAJOR

DATABASE = "threshold"

# Nobody can block the rest: what waits, waits for seconds, and what forgets to commit is ended.
APP_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # One server alone: no replica reads its log, so it need hold no more than a crash needs.
    "fsync": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "80MB",
    "max_wal_size": "2GB",
    "wal_compression": "pglz",
    "checkpoint_timeout": "15min",
    # The log is outside the database, where nothing can be erased from it: it must hold no personal data.
    # So failing statements are not written (their values are in them) and neither is the detail of an error.
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
}

_INITDB = (
    "--username=postgres",
    "--auth=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--no-instructions",
)

_HBA = """\
# Written at every start; changes here are lost.
# The application, by password. The owner, by being the operating-system user whose home this is.
# Nobody else, and above all not the superuser.
local all app scram-sha-256
local all owner peer map=home
local all all reject
host all all all reject
"""


def initialise(
    places: Places, account: Account, programs: Path, app_password: str, settings: Mapping[str, str]
) -> None:
    """Makes the data folder, whole or not at all: built beside its place and then moved there."""
    unfinished = places.data.with_name("data.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    hurry = ["--no-sync"] if {**SETTINGS, **settings}["fsync"] == "off" else []
    account.run([str(programs / "initdb"), f"--pgdata={unfinished}", *_INITDB, *hurry])
    _make_roles(unfinished, account, programs, app_password)
    unfinished.rename(places.data)


def check_version(places: Places) -> None:
    found = (places.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != MAJOR:
        raise OtherVersion(places.data, found, MAJOR)


def configure(places: Places, account: Account, settings: Mapping[str, str]) -> None:
    """Writes the three files that decide how the server runs and who comes in, new at every start."""
    conf = {
        **SETTINGS,
        "port": str(PORT),
        "unix_socket_directories": str(places.socket),
        "dynamic_shared_memory_type": _shared_memory(),
        **settings,
    }
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in conf.items()]
    own = "# Written at every start; put your own settings into local.conf beside this file.\n"
    texts = {
        "postgresql.conf": own + "\n".join(lines) + "\ninclude = 'local.conf'\n",
        "pg_hba.conf": _HBA,
        "pg_ident.conf": f'home "{client_name()}" owner\n',
    }
    if not (places.data / "local.conf").exists():
        texts["local.conf"] = "# Settings of your own; they win over postgresql.conf.\n"
    for name, text in texts.items():
        _write_as(account, places.data / name, text)


def _write_as(account: Account, path: Path, text: str) -> None:
    """Written by the server's account itself: root writes nothing into a folder that another user owns."""
    account.run(["/bin/sh", "-c", 'cat >"$1.new" && mv "$1.new" "$1"', "sh", str(path)], stdin=text)


def _shared_memory() -> str:
    """Containers often have 64 MB of /dev/shm, which one parallel query can fill; files are slower but do."""
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return "mmap"
    return "posix" if room.f_blocks * room.f_frsize >= 256 * 1024**2 else "mmap"


def _make_roles(data: Path, account: Account, programs: Path, app_password: str) -> None:
    statements = [
        "CREATE ROLE owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE",
        "ALTER ROLE owner SET timezone = 'UTC'",
        "CREATE ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT "
        f"PASSWORD '{scram_verifier(app_password)}'",
        "ALTER ROLE app SET timezone = 'UTC'",
        *(f"ALTER ROLE app SET {name} = '{value}'" for name, value in APP_LIMITS.items()),
        # So that the owner may end sessions of the application, which it must before dropping a database.
        "GRANT app TO owner WITH SET FALSE",
        f"CREATE DATABASE {DATABASE} OWNER owner",
        f"REVOKE ALL ON DATABASE {DATABASE}, postgres, template1 FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO app",
        "GRANT CONNECT ON DATABASE postgres TO owner",
    ]
    single = [str(programs / "postgres"), "--single", "-D", str(data), "postgres"]
    # In single-user mode a line is a statement, and a failed one does not end the program: read what it says.
    said = account.run(single, stdin="\n".join(statements) + "\n")
    if re.search(r"\b(ERROR|FATAL|PANIC):", said):
        raise ProgramFailed("postgres --single", 0, said)


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for a password (RFC 5803), so that the password itself never goes there."""
    rounds, salt = 4096, secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client_key).digest()
    text = (base64.b64encode(each).decode() for each in (salt, stored, server_key))
    return "SCRAM-SHA-256${}:{}${}:{}".format(rounds, *text)
