"""``combine.py`` as PostgreSQL text: what was said of any number of subjects, one row of facts for each.

One pass over what was said, grouped by subject, with filtered aggregates. Yes/no facts combined by *any*
share four bit masks (said yes, said no, said "not known", opened by a possible link), so that thirty facts
cost four aggregates and not a hundred and twenty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threshold.policy.model import FactRule, Policy
from threshold.policy.sql_text import lines, relation

# One bit a fact; the sign bit of a bigint is left alone.
BITS_A_MASK = 62
# Stands for "not known" where the latest is sought: larger than whatever can be stated.
NO_END = 2**40

_COUNTED = "known AND low IS NULL AND high IS NULL AND truth IS NOT FALSE"
_OWN, _OTHER = "NOT possible", "possible"
# The two ends of a stated range, the right way round.
_LOW = "CASE WHEN low IS NULL THEN 0 ELSE greatest(least(low, high), 0) END"
_HIGH = "CASE WHEN high IS NOT NULL THEN greatest(low, high, 0) END"


def facts_query(policy: Policy, said_sql: str, subjects_sql: str) -> str:
    """One SELECT with one row for each subject of ``subjects_sql`` (a relation or query: subject).

    ``said_sql`` is a relation or query: subject, fact, known, truth, low, high, choice, as_of, number,
    possible. Columns: subject, those of ``fact_columns``, and statements (own numbers, in rising order).
    """
    rules = [_rule(fact, code) for code, fact in enumerate(policy.facts.values())]
    masks = _Masks(policy)
    aggregates = [*masks.aggregates(), *(text for rule in rules for text in rule.aggregates())]
    columns = [text for rule in rules for text in rule.columns(masks)]
    reads = [masks.read(fact, code) for code, fact in enumerate(policy.facts.values())]
    return f"""\
SELECT everybody.subject,
    {lines(columns)},
    coalesce(heard.statements, ARRAY[]::bigint[]) AS statements
FROM {relation(subjects_sql)} AS everybody
LEFT JOIN (
    SELECT subject,
        {lines(aggregates, 8)},
        array_agg(number ORDER BY number) FILTER (WHERE {_OWN}) AS statements
    FROM (
        SELECT said.*, reads.*, CASE WHEN said.known THEN said.truth END AS answer,
            (extract(epoch FROM said.as_of) * 1000000)::bigint AS moment
        FROM {relation(said_sql)} AS said
        JOIN (VALUES
            {lines(reads, 12)}
        ) AS reads ({masks.read_columns()}) ON reads.read_fact = said.fact
    ) AS each
    GROUP BY subject
) AS heard ON heard.subject = everybody.subject"""


def fact_columns(fact: FactRule) -> tuple[str, ...]:
    """The columns of one fact: f_<name>, or its two ends f_<name>_lo and f_<name>_hi."""
    return (f"f_{fact.name}",) if fact.kind == "yes_no" else (f"f_{fact.name}_lo", f"f_{fact.name}_hi")


class _Masks:
    """The bit masks of the yes/no facts combined by *any*, and the list of facts that are read."""

    def __init__(self, policy: Policy) -> None:
        self.facts = list(policy.facts.values())
        any_facts = [fact for fact in self.facts if fact.combine == "any"]
        self.places = {fact.name: divmod(place, BITS_A_MASK) for place, fact in enumerate(any_facts)}
        self.count = -(-len(any_facts) // BITS_A_MASK)

    def read_columns(self) -> str:
        return ", ".join(["read_fact", "code", *(f"own_{m}, yes_{m}" for m in range(self.count))])

    def read(self, fact: FactRule, code: int) -> str:
        """One fact that is read: its code, its own bit, and the bits to which a yes of it is a yes."""
        itself = [fact] if fact.name in self.places else []
        readers = [other for other in self.facts if fact.name in other.yes_from]
        own, yes = self._bits(itself), self._bits(itself + readers)
        bits = [f"{own[m]}::bigint, {yes[m]}::bigint" for m in range(self.count)]
        return "(" + ", ".join([f"'{fact.name}'", str(code), *bits]) + ")"

    def _bits(self, facts: Sequence[FactRule]) -> list[int]:
        masks = [0] * self.count
        for fact in facts:
            mask, place = self.places[fact.name]
            masks[mask] |= 1 << place
        return masks

    def aggregates(self) -> Iterator[str]:
        for m in range(self.count):
            yield f"bit_or(yes_{m}) FILTER (WHERE {_OWN} AND answer) AS said_yes_{m}"
            yield f"bit_or(own_{m}) FILTER (WHERE {_OWN} AND NOT answer) AS said_no_{m}"
            yield f"bit_or(yes_{m}) FILTER (WHERE {_OWN} AND answer IS NULL) AS said_unsure_{m}"
            yield f"bit_or(yes_{m}) FILTER (WHERE {_OTHER} AND answer IS NOT FALSE) AS opened_{m}"

    def value(self, fact: FactRule) -> str:
        m, place = self.places[fact.name]
        bit = 1 << place
        opened = f"coalesce(said_unsure_{m}, 0) | coalesce(opened_{m}, 0)"
        return (
            f"CASE WHEN said_yes_{m} & {bit} <> 0 THEN TRUE"
            f" WHEN said_no_{m} & {bit} <> 0 AND ({opened}) & {bit} = 0 THEN FALSE END"
        )


class _Any:
    """A yes/no fact that lives in the masks."""

    def __init__(self, fact: FactRule, code: int) -> None:
        self.fact, self.code = fact, code

    def aggregates(self) -> Iterator[str]:
        yield from ()

    def columns(self, masks: _Masks) -> Iterator[str]:
        yield f"{masks.value(self.fact)} AS {fact_columns(self.fact)[0]}"

    def of(self, who: str, where: str = "") -> str:
        """The filter of an aggregate: this fact's rows, the subject's own or those of possible others."""
        return f"FILTER (WHERE code = {self.code} AND {who}{f' AND {where}' if where else ''})"

    def ends(self, low: str, high: str) -> Iterator[str]:
        for column, sql in zip(fact_columns(self.fact), (low, high), strict=True):
            yield f"{sql} AS {column}"


class _Latest(_Any):
    """A yes/no fact of which the last word counts."""

    def aggregates(self) -> Iterator[str]:
        answer = f"CASE WHEN answer THEN 1 WHEN NOT answer THEN 0 ELSE {NO_END} END"
        yield f"max(ARRAY[moment, number, {answer}]) {self.of(_OWN)} AS last_{self.code}"
        yield f"bool_or(answer IS NOT FALSE) {self.of(_OTHER)} AS opened_by_{self.code}"

    def columns(self, masks: _Masks) -> Iterator[str]:
        last = f"last_{self.code}[3]"
        yield (
            f"CASE WHEN {last} = 1 THEN TRUE WHEN {last} = 0 AND opened_by_{self.code} IS NOT TRUE"
            f" THEN FALSE END AS {fact_columns(self.fact)[0]}"
        )


class _Count(_Any):
    def aggregates(self) -> Iterator[str]:
        n = self.code
        yield f"count(*) {self.of(_OWN, _COUNTED)} AS counted_{n}"
        yield f"max(low) {self.of(_OWN, 'known')} AS low_{n}"
        yield f"max(ARRAY[moment, number, high]) {self.of(_OWN, 'known AND high IS NOT NULL')} AS last_{n}"
        yield f"array_agg(number) {self.of(_OWN, _COUNTED)} AS numbers_{n}"
        yield f"array_agg(moment) {self.of(_OWN, _COUNTED)} AS moments_{n}"
        yield f"count(*) {self.of(_OTHER, _COUNTED)} AS other_counted_{n}"
        yield f"max(greatest(low, high)) {self.of(_OTHER)} AS other_stated_{n}"
        yield f"bool_or(NOT known) FILTER (WHERE code = {n}) AS unsure_{n}"

    def columns(self, masks: _Masks) -> Iterator[str]:
        n = self.code
        at_least = f"greatest(counted_{n}, low_{n}, 0)"
        after = (
            f"(SELECT count(*) FROM (SELECT unnest(numbers_{n}) AS number, unnest(moments_{n}) AS moment) AS later"
            f" WHERE later.number > last_{n}[2] OR later.moment > last_{n}[1])"
        )
        return self.ends(
            at_least,
            f"CASE WHEN last_{n} IS NOT NULL AND NOT unsure_{n}"
            f" THEN greatest(last_{n}[3] + {after}, {at_least})"
            f" + other_counted_{n} + greatest(other_stated_{n}, 0) END",
        )


class _Overlap(_Any):
    def aggregates(self) -> Iterator[str]:
        n = self.code
        stated = "known AND (low IS NOT NULL OR high IS NOT NULL)"
        own, other = self.of(_OWN, stated), self.of(_OTHER, stated)
        yield f"max({_LOW}) {own} AS highest_low_{n}"
        yield f"min({_HIGH}) {own} AS lowest_high_{n}"
        yield f"min({_LOW}) {own} AS lowest_low_{n}"
        yield f"max({_HIGH}) {own} AS highest_high_{n}"
        yield f"bool_or(high IS NULL) {own} AS no_high_{n}"
        yield f"min({_LOW}) {other} AS other_low_{n}"
        yield f"max({_HIGH}) {other} AS other_high_{n}"
        yield f"bool_or(high IS NULL) {other} AS other_no_high_{n}"
        yield f"bool_or(NOT known) FILTER (WHERE code = {n}) AS unsure_{n}"

    def columns(self, masks: _Masks) -> Iterator[str]:
        n = self.code
        silent = f"highest_low_{n} IS NULL OR unsure_{n}"
        apart = f"highest_low_{n} > lowest_high_{n}"
        return self.ends(
            f"CASE WHEN {silent} THEN 0"
            f" WHEN {apart} THEN least(lowest_low_{n}, other_low_{n})"
            f" ELSE least(highest_low_{n}, other_low_{n}) END",
            f"CASE WHEN {silent} OR other_no_high_{n} THEN NULL"
            f" WHEN {apart} THEN CASE WHEN NOT no_high_{n} THEN greatest(highest_high_{n}, other_high_{n}) END"
            f" WHEN lowest_high_{n} IS NOT NULL THEN greatest(lowest_high_{n}, other_high_{n}) END",
        )


class _Worst(_Any):
    def __init__(self, fact: FactRule, code: int) -> None:
        super().__init__(fact, code)
        self.last = len(fact.values) - 1
        places = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(fact.values))
        self.gravity = f"CASE WHEN known THEN CASE choice {places} END END"

    def aggregates(self) -> Iterator[str]:
        yield f"max({self.gravity}) {self.of(_OWN)} AS gravest_{self.code}"
        yield f"bool_or(({self.gravity}) IS NULL) {self.of(_OWN)} AS unsure_{self.code}"
        yield f"max(coalesce({self.gravity}, {self.last})) {self.of(_OTHER)} AS other_gravest_{self.code}"

    def columns(self, masks: _Masks) -> Iterator[str]:
        return self.among(f"gravest_{self.code}", f"unsure_{self.code} IS NOT FALSE")

    def among(self, gravest: str, unsure: str) -> Iterator[str]:
        highest = f"greatest({gravest}, CASE WHEN {unsure} THEN {self.last} END, other_gravest_{self.code})"
        return self.ends(self._value(f"coalesce({gravest}, 0)"), self._value(highest))

    def _value(self, place: str) -> str:
        values = " ".join(f"WHEN {n} THEN '{value}'" for n, value in enumerate(self.fact.values))
        return f"CASE {place} {values} END"


class _LatestChoice(_Worst):
    def aggregates(self) -> Iterator[str]:
        gravity = f"coalesce({self.gravity}, {NO_END})"
        yield f"max(ARRAY[moment, number, {gravity}]) {self.of(_OWN)} AS last_{self.code}"
        yield f"max(coalesce({self.gravity}, {self.last})) {self.of(_OTHER)} AS other_gravest_{self.code}"

    def columns(self, masks: _Masks) -> Iterator[str]:
        known = f"nullif(last_{self.code}[3], {NO_END})"
        return self.among(known, f"{known} IS NULL")


def _rule(fact: FactRule, code: int) -> _Any:
    match fact.kind, fact.combine:
        case "yes_no", "any":
            return _Any(fact, code)
        case "yes_no", _:
            return _Latest(fact, code)
        case "count", _:
            return _Count(fact, code)
        case "range", _:
            return _Overlap(fact, code)
        case _, "worst":
            return _Worst(fact, code)
        case _:
            return _LatestChoice(fact, code)
