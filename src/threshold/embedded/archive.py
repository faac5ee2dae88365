"""The file that a backup is: a plain tar, whose first member says what the others are.

``backup.yaml`` names every other member with its SHA-256, so that a damaged, shortened or added-to file is
found before anything is restored from it. Nothing is ever extracted by a path that the file itself chooses.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

import yaml

from threshold.embedded.errors import BackupExists, NotABackup
from threshold.home import Home, Kind, private_file

FORMAT = 1
CONTENTS = "backup.yaml"
DUMP = "database.dump"
FOLDERS = ("keys", "maps", "policies")
_LARGEST_CONTENTS = 64 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself."""

    kind: Kind
    name: str
    made: datetime
    sums: Mapping[str, str]


def write(target: Path, home: Home, members: Mapping[str, Path], scratch: Path) -> None:
    """Writes the members in order into one file of this user's, and puts it in place only when it is whole."""
    contents = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "kind": home.kind,
        "name": home.name,
        "sha256": {name: _file_sum(path) for name, path in members.items()},
    }
    listing = scratch / CONTENTS
    private_file(listing, yaml.safe_dump(contents, sort_keys=False, allow_unicode=True))
    whole = scratch / "whole.tar"
    private_file(whole, b"")
    with whole.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, path in {CONTENTS: listing, **members}.items():
                tar.add(path, name, recursive=False, filter=_anonymous)
        out.flush()
        os.fsync(out.fileno())
    _publish(whole, target)


def check(source: Path) -> Contents:
    """Reads the whole file once: every member that is named, no other, and every sum right."""
    try:
        with tarfile.open(source, "r:") as tar:
            members = tar.getmembers()
            contents = _contents(source, tar, members)
            if sorted(each.name for each in members[1:]) != sorted(contents.sums):
                raise NotABackup(source, "parts of it are missing or were added")
            for each in members[1:]:
                if not each.isreg() or not _has_a_place(each.name):
                    raise NotABackup(source, f"{each.name} has no place in a backup")
                if _sum(opened(tar, each.name)) != contents.sums[each.name]:
                    raise NotABackup(source, f"{each.name} was changed or damaged")
            return contents
    except (OSError, EOFError, tarfile.TarError, yaml.YAMLError) as problem:
        raise NotABackup(source, f"it cannot be read ({problem})") from problem


def opened(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """One member, to read."""
    stream = tar.extractfile(name)
    assert stream is not None, "only regular files pass the check"
    return stream


def _contents(source: Path, tar: tarfile.TarFile, members: list[tarfile.TarInfo]) -> Contents:
    first = members[0] if members else None
    if first is None or first.name != CONTENTS or not first.isreg() or first.size > _LARGEST_CONTENTS:
        raise NotABackup(source, "`threshold backup` did not write it")
    try:
        said = yaml.safe_load(opened(tar, CONTENTS).read())
        if said["format"] != FORMAT:
            raise NotABackup(source, f"its format is {said['format']}, and this release reads {FORMAT}")
        kind: Kind = "demo" if said["kind"] == "demo" else "real"
        sums = {str(name): str(digest) for name, digest in said["sha256"].items()}
        made = datetime.fromisoformat(str(said["made"]))
        if DUMP not in sums:
            raise NotABackup(source, "there is no database in it")
        return Contents(kind, str(said["name"]), made, sums)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise NotABackup(source, f"{CONTENTS} cannot be read ({problem})") from problem


def _has_a_place(name: str) -> bool:
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts
    return inside and (len(path.parts) == 1 or path.parts[0] in FOLDERS)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A backup says nothing about the users of this machine."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _publish(whole: Path, target: Path) -> None:
    """Moves the file into place without replacing one that came there meanwhile."""
    try:
        os.link(whole, target)
    except FileExistsError as problem:
        raise BackupExists(target) from problem
    except OSError:  # a file system without hard links, such as a memory stick's
        whole.rename(target)


def _file_sum(path: Path) -> str:
    with path.open("rb") as stream:
        return _sum(stream)


def _sum(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
