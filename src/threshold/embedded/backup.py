"""One file that holds a force's whole Threshold, and a new home made from it.

In it: the database as pg_dump writes it, the signed heads, the public key that they are checked with, the
home file, maps and policies. The private keys are left out unless asked for: who steals such a backup can
still sign no new head. A home restored without them gets keys of its own and keeps the old public key, so
that the old heads can still be checked.

The heads are copied *before* the database is read, so every head in a backup is of an act that is in it.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

import psycopg

from threshold.embedded import archive
from threshold.embedded.clients import run_client
from threshold.embedded.errors import BackupExists, DatabaseNotReady
from threshold.embedded.places import remove
from threshold.embedded.server import Server, ensure_running, named_server, stop
from threshold.home import Home, private_file

_PRIVATE_KEYS = ("secret_key", "head.key")


def backup(home: Home, destination: Path | str, *, with_keys: bool = False) -> Path:
    """Writes a backup, whole or not at all, that only this user can read. The server may be in use."""
    target = Path(destination).expanduser().resolve()
    if target.exists():
        raise BackupExists(target)
    server = ensure_running(home)
    with tempfile.TemporaryDirectory(prefix=".threshold-backup-", dir=target.parent) as folder:
        scratch = Path(folder)
        members = _gather(home, scratch, with_keys)
        dump = scratch / archive.DUMP
        run_client("pg_dump", server.owner_dsn, ["--format=custom", f"--file={dump}"])
        archive.write(target, home, {**members, archive.DUMP: dump}, scratch)
    return target


def restore(source: Path | str, path: Path | str) -> Home:
    """Makes a new home from a backup, with its server running. The caller checks the chains afterwards.

    With DATABASE_URL and DATABASE_OWNER_URL set the rows go there; it must be empty and know the role app.
    Nothing is begun before the whole file was read and found good; what fails later is taken back.
    """
    file = Path(source).expanduser().resolve()
    contents = archive.check(file)
    if (named := named_server()) is not None:
        _refuse_unready(named)
    home = Home.create(path, contents.kind, contents.name)
    try:
        server = ensure_running(home)
        with tarfile.open(file) as tar:
            _restore_rows(tar, server)
            _restore_files(tar, home)
    except BaseException:
        _take_back(home)
        raise
    return home


def _gather(home: Home, scratch: Path, with_keys: bool) -> dict[str, Path]:
    """The files of the home that go in, by their names in the backup."""
    heads = scratch / "heads.jsonl"
    shutil.copyfile(home.heads, heads)
    found = {"home.yaml": home.file, "heads.jsonl": heads}
    found |= {f"keys/{public.name}": public for public in home.head_pubs}
    if with_keys:
        found |= {f"keys/{name}": home.keys / name for name in _PRIVATE_KEYS}
    for folder in (home.maps, home.policies):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(home.path).as_posix()] = path
    return found


def _restore_rows(tar: tarfile.TarFile, server: Server) -> None:
    """One transaction, as the owner; the grants to ``app`` come with the rows."""
    with archive.opened(tar, archive.DUMP) as dump:
        options = ["--exit-on-error", "--single-transaction", "--no-owner"]
        run_client("pg_restore", server.owner_dsn, options, stdin=dump)
    with psycopg.connect(server.owner_dsn, autocommit=True) as connection:
        connection.execute("analyze")


def _restore_files(tar: tarfile.TarFile, home: Home) -> None:
    names = set(tar.getnames())
    keys_came = all(f"keys/{name}" in names for name in _PRIVATE_KEYS)
    for name in sorted(names - {archive.CONTENTS, archive.DUMP, "home.yaml"}):
        target = home.path / name
        if target == home.head_pub and not keys_came:
            target = home.former_head_pub(archive.opened(tar, name).read())
        for folder in reversed(target.relative_to(home.path).parents):
            (home.path / folder).mkdir(mode=0o700, exist_ok=True)
        target.unlink(missing_ok=True)
        private_file(target, b"")
        with target.open("wb") as out:
            shutil.copyfileobj(archive.opened(tar, name), out)


def _refuse_unready(named: Server) -> None:
    with psycopg.connect(named.owner_dsn) as connection:
        row = connection.execute(
            """select count(*) filter (where schemaname not in ('pg_catalog', 'information_schema')),
                      exists (select from pg_roles where rolname = 'app')
               from pg_tables"""
        ).fetchone()
    assert row is not None
    tables, knows_app = row
    if tables:
        raise DatabaseNotReady(f"already holds {tables} tables", "Name a new, empty database.")
    if not knows_app:
        raise DatabaseNotReady("knows no role app", "Let its administrator make one: CREATE ROLE app LOGIN.")


def _take_back(home: Home) -> None:
    """Leaves nothing behind, so that the same restore can simply be tried again."""
    if named_server() is None:
        stop(home)
    remove(home)
    shutil.rmtree(home.path, ignore_errors=True)
