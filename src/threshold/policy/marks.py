"""Reads YAML so that every value knows its line. Nothing is guessed: every scalar is text.

Only plain mappings, lists and texts are taken. Tags, anchors and aliases are refused, so a document says
each thing where it stands, and cannot unfold into more than was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import yaml

from threshold.policy.errors import PolicyError

LARGEST_DOCUMENT = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """One value of the document: where it stands, and its node."""

    path: str
    where: str
    node: yaml.Node

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    def fail(self, reason: str, remedy: str) -> NoReturn:
        raise PolicyError(self.path, self.line, self.where or "document", reason, remedy)

    def text(self, pattern: str = r"(?s).*\S.*", remedy: str = "Write it out in plain words") -> str:
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail("this must be one text", remedy)
        value = str(self.node.value).strip()
        if not re.fullmatch(pattern, value):
            self.fail(f"{value[:60]!r} cannot be read" if value else "nothing stands here", remedy)
        return value

    def one_of(self, allowed: tuple[str, ...]) -> str:
        value = self.text()
        if value not in allowed:
            self.fail(f"{value[:60]!r} is not known here", "Use one of: " + ", ".join(allowed))
        return value

    def items(self) -> list[Place]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("this must be a list", "Begin each of its lines with a dash")
        return [
            Place(self.path, f"{self.where}, number {number}", node)
            for number, node in enumerate(self.node.value, start=1)
        ]

    def entries(self) -> Iterator[tuple[str, Place]]:
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("this must be names and values", "Write each on its own line, as in  name: value")
        seen: set[str] = set()
        for key, value in self.node.value:
            name = Place(self.path, self.where, key).text()
            if name in seen:
                Place(self.path, self.where, key).fail(f"{name} stands here twice", "Keep one of them")
            seen.add(name)
            yield name, Place(self.path, f"{self.where}: {name}" if self.where else name, value)

    def fields(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Place]:
        """The entries by name; a missing or an unknown one is an error."""
        found = dict(self.entries())
        for name in required:
            if name not in found:
                self.fail(f"{name} is missing", f"Add  {name}: ...")
        for name, place in found.items():
            if name not in required + optional:
                place.fail(
                    f"{name[:60]!r} is not known here",
                    "Take it away, or use: " + ", ".join(required + optional),
                )
        return found


def read_yaml(path: str, content: bytes) -> Place:
    """The document's top value; raises PolicyError for whatever is not plain YAML."""
    if len(content) > LARGEST_DOCUMENT:
        raise PolicyError(path, 1, "document", f"it is larger than {LARGEST_DOCUMENT:,} bytes", "Shorten it")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PolicyError(path, line, "document", "it is not UTF-8 text", "Save it as UTF-8") from error
    try:
        _refuse_sharing(path, text)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = f"this is not YAML ({error.problem})"
        raise PolicyError(path, line, "document", reason, "Look at indentation, colons and quotes") from error
    except yaml.YAMLError as error:
        reason = f"this is not YAML ({str(error).splitlines()[0]})"
        raise PolicyError(path, 1, "document", reason, "Take odd characters away") from error
    except RecursionError as error:
        raise PolicyError(path, 1, "document", "it is nested too deeply", "Write it out flat") from error
    if node is None:
        raise PolicyError(path, 1, "document", "it is empty", "Begin with  name:, version:, owner:")
    return Place(path, "", node)


def _refuse_sharing(path: str, text: str) -> None:
    for token in yaml.scan(text, Loader=yaml.BaseLoader):
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken):
            line = token.start_mark.line + 1
            reason = "anchors (&), aliases (*) and tags (!) are not taken"
            raise PolicyError(path, line, "document", reason, "Write the value out, or put it in quotes")
