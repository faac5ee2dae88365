"""What a policy owner is told when a policy cannot be used: where, why, and how to mend it."""

from __future__ import annotations


class PolicyError(Exception):
    """A policy document that cannot be used. ``where`` is the part of it ("clause shared: condition")."""

    def __init__(self, path: str, line: int, where: str, reason: str, remedy: str) -> None:
        self.path = path
        self.line = line
        self.where = where
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{path}, line {line}, {where}: {reason}. {remedy}.")


class ConditionError(Exception):
    """A condition outside the small grammar. The document adds the file, the line and the clause."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{reason}. {remedy}.")
