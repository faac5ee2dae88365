"""A home: the one folder that holds everything a force's Threshold keeps outside the database.

Everything in it is private to one operating-system user. The heads of the two chains and the key that signs
them live here and not in the database, so that the database's owner cannot rewrite history unseen.

::

    home.yaml      what this home is; written last, so a folder with it is a whole home
    keys/          secret_key · head.key · head.pub · app.password
    heads.jsonl    signed heads of the chains, appended only
    postgres/      the embedded database's files      run/   its socket
    logs/  maps/  policies/  tokens/
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self, cast, get_args

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Kind = Literal["demo", "real"]

_FOLDERS = ("keys", "postgres", "run", "logs", "maps", "policies", "tokens")
_MAKING = ".making"
_UNFINISHED = "home.yaml.new"


class HomeError(Exception):
    """Something is wrong with a home. ``remedy`` is one sentence that a person can act on."""

    remedy: str = ""

    def __init__(self, path: Path, fact: str, remedy: str) -> None:
        super().__init__(f"{path}: {fact}. {remedy}")
        self.path = path
        self.fact = fact
        self.remedy = remedy


class HomeMissing(HomeError):
    """There is no home at this path."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            "there is no Threshold home here",
            "Make one with `threshold init`, or name another folder in THRESHOLD_HOME.",
        )


class HomeInUse(HomeError):
    """A home, or something else, is already there; nothing is ever overwritten."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(path, f"there is already {found} here", "Name a new or empty folder.")
        self.found = found


class HomeDamaged(HomeError):
    """The home file is missing parts, or says one thing in one place and another in the next."""

    def __init__(self, path: Path, fact: str) -> None:
        super().__init__(path, fact, "Restore the home from a backup with `threshold restore`.")


class HomeOfAnother(HomeError):
    """The home belongs to another operating-system user, even if this one (root) could read it."""

    def __init__(self, path: Path, owner_uid: int) -> None:
        super().__init__(
            path,
            f"this home belongs to the user with number {owner_uid}",
            "Run the command as that user.",
        )
        self.owner_uid = owner_uid


@dataclass(frozen=True, slots=True)
class Home:
    """One home. ``id`` is random, begins with the kind, and never changes."""

    path: Path
    id: str
    kind: Kind
    created: datetime
    name: str

    @classmethod
    def default_path(cls) -> Path:
        """THRESHOLD_HOME, else the user's data folder as freedesktop.org's base directories say."""
        if named := os.environ.get("THRESHOLD_HOME"):
            return Path(named).expanduser().resolve()
        data = os.environ.get("XDG_DATA_HOME", "")
        base = Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share"
        return (base / "threshold").resolve()

    @classmethod
    def current(cls) -> Self:
        return cls.at(cls.default_path())

    @classmethod
    def exists(cls, path: Path | str) -> bool:
        return _home_file(Path(path)).is_file()

    @classmethod
    def at(cls, path: Path | str) -> Self:
        """The home at ``path``, with its facts checked against each other."""
        folder = Path(path).expanduser().resolve()
        try:
            if not _home_file(folder).is_file():
                raise HomeMissing(folder)
            _refuse_another_user(folder)
            return cls(folder, *_read(folder))
        except PermissionError as problem:
            raise HomeOfAnother(folder, _owner_of(folder)) from problem

    @classmethod
    def create(cls, path: Path | str, kind: Kind, name: str) -> Self:
        """Makes a home in a new or empty folder. Its kind is for life: no demo home becomes a real one."""
        if kind not in get_args(Kind):
            raise ValueError(f"a home is demo or real, not {kind!r}")
        folder = Path(path).expanduser().resolve()
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not folder.exists():
            _private_folder(folder)
        with _making(folder):
            folder.chmod(0o700)
            for each in _FOLDERS:
                _private_folder(folder / each)
            _make_keys(folder / "keys")
            private_file(folder / "heads.jsonl", "")
            facts = {
                "id": f"{kind}-{secrets.token_hex(8)}",
                "kind": kind,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "name": name,
            }
            unfinished = folder / _UNFINISHED
            private_file(unfinished, yaml.safe_dump(facts, sort_keys=False, allow_unicode=True))
            unfinished.rename(_home_file(folder))
        return cls.at(folder)

    @property
    def is_demo(self) -> bool:
        return self.kind == "demo"

    @property
    def file(self) -> Path:
        return _home_file(self.path)

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def head_key(self) -> Path:
        """Private Ed25519 key (PEM) that signs the heads of the chains."""
        return self.keys / "head.key"

    @property
    def head_pub(self) -> Path:
        return self.keys / "head.pub"

    @property
    def head_pubs(self) -> list[Path]:
        """Every public key that heads here may be signed with: today's first, then those of restored homes."""
        return [self.head_pub, *sorted(self.keys.glob("head-*.pub"))]

    def former_head_pub(self, pem: bytes) -> Path:
        """Where a restored home keeps the public key of the home that it was made from."""
        return self.keys / f"head-{hashlib.sha256(pem).hexdigest()[:16]}.pub"

    @property
    def heads(self) -> Path:
        return self.path / "heads.jsonl"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def maps(self) -> Path:
        return self.path / "maps"

    @property
    def policies(self) -> Path:
        return self.path / "policies"

    @property
    def tokens(self) -> Path:
        return self.path / "tokens"

    def secret_key(self) -> str:
        """The key that signs sessions and forms."""
        return self._secret("secret_key")

    def app_password(self) -> str:
        """The password of the database role ``app`` on the embedded server."""
        return self._secret("app.password")

    def _secret(self, name: str) -> str:
        try:
            text = (self.keys / name).read_text(encoding="ascii").strip()
        except FileNotFoundError as problem:
            raise HomeDamaged(self.path, f"keys/{name} is missing") from problem
        if not text:
            raise HomeDamaged(self.path, f"keys/{name} is empty")
        return text


def private_file(path: Path, text: str | bytes) -> None:
    """Writes a new file that only this user can read, whatever the umask; never follows or replaces."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(text if isinstance(text, bytes) else text.encode())
        out.flush()
        os.fsync(out.fileno())


def _private_folder(path: Path) -> None:
    path.mkdir(mode=0o700)
    path.chmod(0o700)


def _home_file(folder: Path) -> Path:
    return folder / "home.yaml"


def _owner_of(folder: Path) -> int:
    for each in (folder, *folder.parents):
        try:
            return each.stat().st_uid
        except PermissionError:
            continue
    return -1


def _refuse_another_user(folder: Path) -> None:
    """Root could use anybody's home, and would leave files in it that its owner can no longer read."""
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise HomeOfAnother(folder, owner)


@contextmanager
def _making(folder: Path) -> Iterator[None]:
    """Marks a folder as being made, so that a creation which was killed can simply be done again."""
    _refuse_another_user(folder)
    mark = folder / _MAKING
    if not mark.exists() and (found := sorted(each.name for each in folder.iterdir())):
        raise HomeInUse(folder, "a home" if "home.yaml" in found else f"something ({found[0]})")
    descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _home_file(folder).exists():
            raise HomeInUse(folder, "a home")
        _remove_unfinished(folder)
        yield
        mark.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _remove_unfinished(folder: Path) -> None:
    for name in _FOLDERS:
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    for name in ("heads.jsonl", _UNFINISHED):
        (folder / name).unlink(missing_ok=True)


def _make_keys(keys: Path) -> None:
    head = Ed25519PrivateKey.generate()
    private_pem = head.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = head.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private_file(keys / "secret_key", secrets.token_urlsafe(48))
    private_file(keys / "app.password", secrets.token_urlsafe(32))
    private_file(keys / "head.key", private_pem)
    private_file(keys / "head.pub", public_pem)


def _read(folder: Path) -> tuple[str, Kind, datetime, str]:
    """What the home file says: id, kind, created, name. The id carries the kind, so an edited kind shows."""
    try:
        facts = yaml.safe_load(_home_file(folder).read_text(encoding="utf-8"))
        ident, kind, name = str(facts["id"]), str(facts["kind"]), str(facts["name"])
        created = datetime.fromisoformat(str(facts["created"]))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as problem:
        raise HomeDamaged(folder, f"home.yaml cannot be read ({problem})") from problem
    if kind not in get_args(Kind) or ident.partition("-")[0] != kind:
        raise HomeDamaged(folder, f"home.yaml calls this home {kind!r} but its number is {ident!r}")
    return ident, cast(Kind, kind), created, name
