"""A home is private, whole, of one kind for life, and one user's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from threshold.home import Home, HomeDamaged, HomeError, HomeInUse, HomeMissing, HomeOfAnother


def test_every_file_and_folder_is_the_users_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = Home.create(tmp_path / "home", "real", "Exampleshire")
    finally:
        os.umask(before)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in [home.path, *home.path.rglob("*")]}
    folders = {each.name for each in [home.path, *home.path.rglob("*")] if each.is_dir()}
    assert {name for name, mode in modes.items() if mode != (0o700 if name in folders else 0o600)} == set()


def test_what_was_created_is_found_again(tmp_path: Path) -> None:
    made = Home.create(tmp_path / "home", "demo", "Heddlu Ymarfer: 'ŵ'")
    assert Home.at(tmp_path / "home") == made
    assert made.is_demo and made.name == "Heddlu Ymarfer: 'ŵ'"


def test_the_two_halves_of_the_head_key_belong_together(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home", "demo", "x")
    private = load_pem_private_key(home.head_key.read_bytes(), None)
    public = load_pem_public_key(home.head_pub.read_bytes())
    assert private.public_key() == public


def test_secrets_differ_from_home_to_home(tmp_path: Path) -> None:
    one, other = (Home.create(tmp_path / name, "demo", "x") for name in ("one", "other"))
    assert one.secret_key() != other.secret_key()
    assert one.app_password() != other.app_password()
    assert one.id != other.id


def test_the_environment_names_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THRESHOLD_HOME", str(tmp_path / "named"))
    assert Home.default_path() == tmp_path / "named"
    monkeypatch.delenv("THRESHOLD_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Home.default_path() == tmp_path / "data" / "threshold"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Home.default_path() == tmp_path / ".local" / "share" / "threshold"


def test_a_home_is_never_overwritten(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home", "demo", "x")
    secret = home.secret_key()
    with pytest.raises(HomeInUse):
        Home.create(tmp_path / "home", "real", "x")
    assert Home.at(tmp_path / "home").kind == "demo"
    assert home.secret_key() == secret


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(HomeInUse, match=r"letter\.txt"):
        Home.create(tmp_path, "demo", "x")
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


def test_a_creation_that_was_killed_is_done_again(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home", "demo", "x")
    home.file.unlink()
    (home.path / ".making").touch()
    assert Home.create(tmp_path / "home", "real", "y").kind == "real"


def test_a_demo_home_cannot_be_edited_into_a_real_one(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home", "demo", "x")
    home.file.write_text(home.file.read_text().replace("kind: demo", "kind: real"))
    with pytest.raises(HomeDamaged):
        Home.at(home.path)


def test_no_home_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HomeMissing) as raised:
        Home.at(tmp_path)
    assert "threshold init" in raised.value.remedy
    assert raised.value.path == tmp_path


@pytest.mark.parametrize(
    "text", ["", "[]", "kind: demo", "kind: other\nid: other-1\nname: x\ncreated: now", "{"]
)
def test_a_damaged_home_file_is_said(tmp_path: Path, text: str) -> None:
    home = Home.create(tmp_path / "home", "demo", "x")
    home.file.write_text(text)
    with pytest.raises(HomeDamaged):
        Home.at(home.path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_does_not_use_another_users_home(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home", "demo", "x")
    os.chown(home.path, 65534, 65534)
    with pytest.raises(HomeOfAnother):
        Home.at(home.path)


def test_every_error_names_its_remedy() -> None:
    assert all(issubclass(each, HomeError) for each in (HomeMissing, HomeInUse, HomeDamaged, HomeOfAnother))
    for error in (HomeMissing(Path("/a")), HomeInUse(Path("/a"), "a home"), HomeDamaged(Path("/a"), "bad")):
        assert error.remedy and str(error).endswith(error.remedy)
