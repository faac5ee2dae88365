"""Reads a condition: SQL of a small grammar, by an allow-list of nodes and a check of types.

    shared AND NOT viewed          times_seen >= 5          age BETWEEN 0 AND 17
    worst_grade IN ('A', 'B')      (groomed OR solicited) AND access_to_children

AND, OR, NOT, comparison, BETWEEN and IN over literals, and nothing else. There is no word in it that could
tell *not known* from *no* (IS, NULL, CASE, COALESCE, functions), so a condition cannot treat silence as
safety. Whatever is not named here is refused: characters first, then depth, then nodes, then types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from threshold.policy.errors import ConditionError
from threshold.policy.expression import And, Between, Compare, Expression, In, Not, Operator, Or, Value, Yes
from threshold.policy.model import FactRule

LONGEST_CONDITION = 2_000
DEEPEST_BRACKETS = 10
LARGEST_NUMBER = 1_000_000

_ALLOWED = re.compile(r"[A-Za-z0-9_ \t\n\r(),'=<>]")
_OPERATORS: dict[type[exp.Expr], Operator] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
# What may be set on each node. A node that is not here, or has anything else set, is refused.
_PARTS: dict[type[exp.Expr], frozenset[str]] = {
    exp.And: frozenset({"this", "expression"}),
    exp.Or: frozenset({"this", "expression"}),
    exp.Not: frozenset({"this"}),
    exp.Paren: frozenset({"this"}),
    exp.Column: frozenset({"this"}),
    exp.Identifier: frozenset({"this"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions"}),
    **{node: frozenset({"this", "expression"}) for node in _OPERATORS},
}
_GRAMMAR = "Use only AND, OR, NOT, comparison (= <> < <= > >=), BETWEEN and IN over whole numbers or texts"


def parse(source: str, facts: Mapping[str, FactRule]) -> Expression:
    """The condition as our own tree; raises ConditionError with the reason and the remedy."""
    _check_text(source)
    try:
        statements = sqlglot.parse(source, read="postgres")
    except (SqlglotError, RecursionError) as error:
        raise ConditionError("this is not a condition that can be read", _GRAMMAR) from error
    if len(statements) != 1 or statements[0] is None:
        raise ConditionError("a condition is one expression", "Join its parts with AND or OR")
    return _Builder(facts).build(statements[0])


def _check_text(source: str) -> None:
    """Everything that can be refused before a parser sees it."""
    if not source.strip():
        raise ConditionError("the condition is empty", "Name the facts that put somebody in this band")
    if len(source) > LONGEST_CONDITION:
        raise ConditionError(
            f"the condition is longer than {LONGEST_CONDITION:,} characters", "Split it into several clauses"
        )
    for character in source:
        if not _ALLOWED.match(character):
            raise ConditionError(f"the character {character!a} has no place in a condition", _GRAMMAR)
    depth = 0
    for character in source:
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST_BRACKETS:
            raise ConditionError(
                f"brackets are nested more than {DEEPEST_BRACKETS} deep", "Split it into several clauses"
            )
    if re.search(r"\bNOT\s+NOT\b", source, re.IGNORECASE):
        raise ConditionError("NOT stands twice in a row", "Take both away")


class _Builder:
    """Turns allowed nodes into our tree, and checks that each fact is used as its kind allows."""

    def __init__(self, facts: Mapping[str, FactRule]) -> None:
        self.facts = facts

    def build(self, node: exp.Expr) -> Expression:
        _check_node(node)
        match node:
            case exp.Paren():
                return self.build(node.this)
            case exp.Not():
                return Not(self.build(node.this))
            case exp.And():
                return And(tuple(self.build(part) for part in node.flatten(unnest=False)))
            case exp.Or():
                return Or(tuple(self.build(part) for part in node.flatten(unnest=False)))
            case exp.Column():
                return self._yes(node)
            case exp.Between():
                return self._between(node)
            case exp.In():
                return self._in(node)
            case exp.Literal():
                raise ConditionError(f"{node.this} stands alone", "Compare a fact with it")
            case _:
                return self._compare(node)

    def _yes(self, node: exp.Column) -> Yes:
        fact = self._fact(node)
        if fact.kind != "yes_no":
            raise ConditionError(
                f"{fact.name} is a {fact.kind}, and stands alone", f"Compare it, as in {_example(fact)}"
            )
        return Yes(fact.name)

    def _compare(self, node: exp.Expr) -> Compare:
        operator = _OPERATORS[type(node)]
        fact = self._compared_fact(node.this)
        value = self._value(fact, node.args["expression"])
        if isinstance(value, str) and operator not in ("=", "<>"):
            raise ConditionError(
                f"the values of {fact.name} cannot be compared by {operator}",
                "List those that you mean: " + _example(fact),
            )
        return Compare(fact.name, operator, value)

    def _between(self, node: exp.Between) -> Between:
        fact = self._compared_fact(node.this)
        low, high = (self._value(fact, node.args[end]) for end in ("low", "high"))
        if isinstance(low, str) or isinstance(high, str):
            raise ConditionError(
                f"the values of {fact.name} cannot be compared by BETWEEN",
                "List those that you mean: " + _example(fact),
            )
        if low > high:
            raise ConditionError(f"nothing lies between {low} and {high}", "Put the smaller number first")
        return Between(fact.name, low, high)

    def _in(self, node: exp.In) -> In:
        fact = self._compared_fact(node.this)
        if not node.expressions:
            raise ConditionError("the list after IN is empty", "Name at least one value")
        return In(fact.name, tuple(self._value(fact, value) for value in node.expressions))

    def _fact(self, node: exp.Expr) -> FactRule:
        _check_node(node)
        identifier = node.this
        _check_node(identifier)
        name = str(identifier.this)
        if name in self.facts:
            return self.facts[name]
        if name.lower() in self.facts:
            raise ConditionError(f"{name} is not written as the fact is", f"Write {name.lower()}")
        raise ConditionError(
            f"{name} is not a fact of this policy", "Add it to the facts, or mend the spelling"
        )

    def _compared_fact(self, node: exp.Expr) -> FactRule:
        if not isinstance(node, exp.Column):
            raise ConditionError(
                "a comparison has one fact, on its left",
                "Write the fact first, then the value: times_seen >= 5",
            )
        fact = self._fact(node)
        if fact.kind == "yes_no":
            raise ConditionError(
                f"{fact.name} is a yes or a no, and is not compared", f"Write {fact.name} or NOT {fact.name}"
            )
        return fact

    def _value(self, fact: FactRule, node: exp.Expr) -> Value:
        if not isinstance(node, exp.Literal):
            raise ConditionError(
                f"{fact.name} is compared with something that is not a plain value",
                f"Write the value itself, as in {_example(fact)}",
            )
        _check_node(node)
        text = str(node.this)
        if fact.kind == "choice":
            if not node.is_string or text not in fact.values:
                raise ConditionError(
                    f"{text} is not a value of {fact.name}",
                    "Its values are " + ", ".join(f"'{value}'" for value in fact.values),
                )
            return text
        if node.is_string or not re.fullmatch(r"0|[1-9][0-9]{0,6}", text) or int(text) > LARGEST_NUMBER:
            raise ConditionError(
                f"{text} is not a whole number from 0 to {LARGEST_NUMBER:,}",
                f"Compare {fact.name} with one, without quotes, as in {_example(fact)}",
            )
        return int(text)


def _check_node(node: exp.Expr) -> None:
    allowed = _PARTS.get(type(node))
    if allowed is None:
        raise ConditionError(f"{_word(node)} has no place in a condition", _GRAMMAR)
    extra = sorted(
        name for name, value in node.args.items() if value not in (None, False, []) and name not in allowed
    )
    if extra or node.comments:
        raise ConditionError(
            f"{_word(node)} has more to it than a condition allows ({', '.join(extra)})", _GRAMMAR
        )


def _word(node: exp.Expr) -> str:
    return str(node.key).replace("_", " ").upper()


def _example(fact: FactRule) -> str:
    if fact.kind == "choice":
        return f"{fact.name} IN ('{fact.values[-1]}')"
    return f"{fact.name} >= 2"
