"""A backup holds everything but the private keys, and a home made from it is the same but for them."""

from __future__ import annotations

import io
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.embedded.conftest import FAST, take_away

from threshold.embedded import DatabaseError, ensure_running
from threshold.embedded.backup import backup, restore
from threshold.embedded.cluster import SETTINGS
from threshold.embedded.errors import BackupExists, DatabaseNotReady, NotABackup, ProgramFailed
from threshold.home import Home, HomeInUse

ROWS = """
create table letter (id int primary key, words text not null);
grant select, insert on letter to app;
insert into letter select n, 'ŵ ' || n from generate_series(1, 1000) n;
create function refuse() returns trigger language plpgsql as $$ begin raise 'no more letters'; end $$;
create trigger refuse before insert on letter for each row execute function refuse();
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FAST.items():
        monkeypatch.setitem(SETTINGS, name, value)


@pytest.fixture(scope="module")
def full(reachable_tmp: Path) -> Iterator[Home]:
    """A home in use: rows, grants, a trigger, heads, a map."""
    home = Home.create(reachable_tmp / "full", "demo", "Exampleshire")
    server = ensure_running(home, FAST)
    with psycopg.connect(server.owner_dsn) as connection:
        connection.execute(ROWS.encode())
    home.heads.write_text('{"chain": "act"}\n')
    (home.maps / "agency").mkdir()
    (home.maps / "agency" / "weekly.yaml").write_text("columns: {}\n")
    yield home
    take_away(home)


@pytest.fixture
def saved(full: Home, tmp_path: Path) -> Path:
    return backup(full, tmp_path / "saved.tar")


@pytest.fixture
def new_path(reachable_tmp: Path) -> Iterator[Path]:
    path = reachable_tmp / "restored"
    yield path
    if Home.exists(path):
        take_away(Home.at(path))


def rows(dsn: str) -> Any:
    with psycopg.connect(dsn) as connection:
        return connection.execute("select count(*), min(words) from letter").fetchone()


def test_a_restored_home_has_the_same_rows_grants_and_rules(saved: Path, new_path: Path, full: Home) -> None:
    home = restore(saved, new_path)
    server = ensure_running(home)
    assert rows(server.app_dsn) == rows(ensure_running(full).app_dsn) == (1000, "ŵ 1")
    with (
        psycopg.connect(server.app_dsn) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="no more letters"),
    ):
        connection.execute("insert into letter values (0, '')")
    assert home.kind == "demo" and home.name == "Exampleshire" and home.id != full.id
    assert home.heads.read_text() == full.heads.read_text()
    assert (home.maps / "agency" / "weekly.yaml").read_text() == "columns: {}\n"


def test_without_private_keys_the_new_home_keeps_the_old_public_one_beside_its_own(
    saved: Path, new_path: Path, full: Home
) -> None:
    with tarfile.open(saved) as tar:
        assert {name for name in tar.getnames() if name.startswith("keys/")} == {"keys/head.pub"}
    home = restore(saved, new_path)
    assert home.head_key.read_bytes() != full.head_key.read_bytes()
    own, former = (path.read_bytes() for path in home.head_pubs)
    assert former == full.head_pub.read_bytes() != own


def test_with_private_keys_the_new_home_signs_as_the_old_one(
    full: Home, tmp_path: Path, new_path: Path
) -> None:
    home = restore(backup(full, tmp_path / "keys.tar", with_keys=True), new_path)
    assert home.head_key.read_bytes() == full.head_key.read_bytes()
    assert home.secret_key() == full.secret_key()
    assert [path.read_bytes() for path in home.head_pubs] == [full.head_pub.read_bytes()]


def test_a_restored_home_is_as_private_as_a_new_one(saved: Path, new_path: Path) -> None:
    home = restore(saved, new_path)
    outside = [path for path in home.path.rglob("*") if home.postgres not in path.parents]
    assert all(path.stat().st_mode & 0o077 == 0 for path in outside)


def test_a_backup_is_this_users_alone_and_leaves_nothing_beside_it(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert [path.name for path in saved.parent.iterdir()] == ["saved.tar"]


def test_no_backup_is_overwritten(full: Home, saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(BackupExists):
        backup(full, saved)
    assert saved.read_bytes() == before


def test_no_home_is_restored_over(saved: Path, full: Home) -> None:
    with pytest.raises(HomeInUse):
        restore(saved, full.path)
    assert rows(ensure_running(full).app_dsn) == (1000, "ŵ 1")


def changed(saved: Path, name: str, text: bytes | None) -> None:
    """Writes the backup again with one member changed, added, or (None) left out."""
    with tarfile.open(saved) as tar:
        streams = {each.name: tar.extractfile(each) for each in tar.getmembers()}
        members = {each: stream.read() for each, stream in streams.items() if stream is not None}
    if text is None:
        del members[name]
    else:
        members[name] = text
    with tarfile.open(saved, "w") as tar:
        for each, content in members.items():
            member = tarfile.TarInfo(each)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("heads.jsonl", b"{}\n"),
        ("heads.jsonl", None),
        ("database.dump", None),
        ("backup.yaml", b"format: 99"),
        ("backup.yaml", b"]"),
        ("../outside", b"x"),
        ("keys/head.key", b"x"),
    ],
)
def test_a_changed_backup_is_refused_before_anything_is_made(
    saved: Path, new_path: Path, name: str, text: bytes | None
) -> None:
    changed(saved, name, text)
    with pytest.raises(NotABackup):
        restore(saved, new_path)
    assert not new_path.exists()


@pytest.mark.parametrize("part", [0, 0.01, 0.5])
def test_a_backup_that_was_cut_short_is_refused(saved: Path, new_path: Path, part: float) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(NotABackup):
        restore(saved, new_path)


def test_a_restore_that_fails_leaves_nothing_behind(
    saved: Path, new_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ProgramFailed("pg_restore", 1, "no space left")

    with monkeypatch.context() as broken:
        broken.setattr("threshold.embedded.backup.run_client", fail)
        with pytest.raises(DatabaseError):
            restore(saved, new_path)
    assert not new_path.exists()
    assert restore(saved, new_path).path == new_path


def test_a_named_database_must_be_empty(saved: Path, new_path: Path, db: Any) -> None:
    with pytest.raises(DatabaseNotReady, match="tables"):
        restore(saved, new_path)
    assert not new_path.exists()


def test_a_named_database_is_saved_and_filled_too(
    db: Any, home: Home, keeper: Any, tmp_path: Path, new_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backup(home, tmp_path / "named.tar")
    keeper.execute("create database empty_one")
    try:
        for variable, dsn in (("DATABASE_URL", db.app_dsn), ("DATABASE_OWNER_URL", db.owner_dsn)):
            monkeypatch.setenv(variable, dsn.replace(db.name, "empty_one"))
        restored = restore(file, new_path)
        assert not (restored.postgres / "data").exists()
        with psycopg.connect(ensure_running(restored).app_dsn) as connection:
            count = connection.execute("select count(*) from act").fetchone()
        assert count == (0,)
    finally:
        keeper.execute("drop database empty_one with (force)")
