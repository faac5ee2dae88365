"""Why a person is where they are, and what would change it, in plain words made from the document alone.

Each sentence says which clause or fact it is about ("" for the whole), so that a page can tie it to what it
rests on and a test can hold it to the judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from threshold.policy.combine import Among, FactValue, Interval, unknown
from threshold.policy.expression import atoms_of, facts_of_expression, numbers_of
from threshold.policy.interpret import Judgement, evaluate, judge, open_facts_of
from threshold.policy.model import LOW, NOT_GRADED, Clause, FactRule, Policy, band_name


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    about: str


def headline(judgement: Judgement) -> str:
    """One line for a list: "Medium, could be very high: 3 checks outstanding"."""
    text = band_words(judgement.known).capitalize()
    if judgement.could_be > judgement.known:
        text += f", could be {band_words(judgement.could_be)}"
    if judgement.outstanding:
        text += f": {_checks(len(judgement.outstanding))} outstanding"
    return text


def why(policy: Policy, judgement: Judgement, facts: Mapping[str, FactValue]) -> list[Sentence]:
    """Why this band: the clauses that decide it, what they rest on, and then every other clause that holds."""
    if judgement.known == NOT_GRADED:
        return [Sentence(_not_graded(judgement), "")]
    if judgement.known == LOW:
        return [Sentence("Low: whatever could put this person in a graver band was asked and ruled out.", "")]
    sentences: list[Sentence] = []
    for clause_id in judgement.deciding:
        clause = policy.clause(clause_id)
        text = f"{band_words(judgement.known).capitalize()}, because {clause.reason}."
        sentences += [Sentence(text, clause.id), *_rests_on(policy, clause, facts)]
    for clause_id in judgement.holding:
        if clause_id not in judgement.deciding:
            clause = policy.clause(clause_id)
            sentences.append(Sentence(f"Also {band_words(clause.rank)}, because {clause.reason}.", clause.id))
    return list(dict.fromkeys(sentences))


def could_be_higher_if(
    policy: Policy, judgement: Judgement, facts: Mapping[str, FactValue]
) -> list[Sentence]:
    """Which answers would raise the band, the gravest first; each about the fact that is not settled."""
    ranked = [
        (rank, Sentence(text, name))
        for name in judgement.open_facts
        for rank, text in _answers(policy, judgement, facts, name)
    ]
    ranked.sort(key=lambda pair: -pair[0])
    return [sentence for _, sentence in ranked]


def reach(policy: Policy, judgement: Judgement, facts: Mapping[str, FactValue]) -> dict[str, int]:
    """The gravest band that each open fact stands between: the highest clause that waits for it."""
    found: dict[str, int] = {}
    for clause_id in judgement.could:
        clause = policy.clause(clause_id)
        if clause.rank > judgement.known:
            for name in open_facts_of(policy, clause.expression, facts):
                found[name] = max(found.get(name, 0), clause.rank)
    return found


def fact_words(fact: FactRule, value: FactValue) -> str:
    """A fact and its value, as words that follow "because"."""
    if value == unknown(fact):
        return fact.words.not_known
    if isinstance(value, bool):
        return fact.words.yes if value else fact.words.no
    return fact.words.value.replace("{value}", value_words(fact, value))


def value_words(fact: FactRule, value: FactValue) -> str:
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case Interval(low, None):
            return f"{low} or more" if low else "not known"
        case Interval(low, high) if low == high:
            return str(low)
        case Interval(0, high):
            return f"no more than {high}"
        case Interval(low, high):
            return f"from {low} to {high}"
        case Among(low, high):
            between = fact.values[fact.values.index(low) : fact.values.index(high) + 1]
            words = " or ".join(value.replace("_", " ") for value in between)
            return words if len(between) < len(fact.values) else "not known"


def band_words(rank: int) -> str:
    return band_name(rank).replace("_", " ")


def _not_graded(judgement: Judgement) -> str:
    text = "Not graded yet: nothing reported so far puts this person in a band"
    count = len(judgement.outstanding)
    return (
        f"{text}, and {_checks(count)} {'is' if count == 1 else 'are'} outstanding." if count else f"{text}."
    )


def _checks(count: int) -> str:
    return f"{count} check" if count == 1 else f"{count} checks"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def _rests_on(policy: Policy, clause: Clause, facts: Mapping[str, FactValue]) -> Iterator[Sentence]:
    """The facts whose value counts in the clause, and of a fact with ``yes_from`` those that made it a yes."""
    for atom in dict.fromkeys(atoms_of(clause.expression)):
        fact = policy.facts[atom.fact]
        if evaluate(policy, atom, facts) is None:
            continue
        yield Sentence(_sentence(fact_words(fact, facts[fact.name])), fact.name)
        if facts[fact.name] is True:
            for name in fact.yes_from:
                if facts[name] is True:
                    yield Sentence(_sentence(policy.facts[name].words.yes), name)


def _answers(
    policy: Policy, judgement: Judgement, facts: Mapping[str, FactValue], name: str
) -> Iterator[tuple[int, str]]:
    """What one fact could raise: the first answer that gives each graver band, and what it could with others."""
    fact = policy.facts[name]
    answers = list(_possible_answers(policy, fact, facts[name]))
    alone: dict[int, str] = {}
    for answer in answers:
        rank = judge(policy, _answered(policy, facts, fact, answer)).known
        if rank > judgement.known:
            alone.setdefault(rank, _could_be(rank, fact, answer, facts[name]))
    for rank, text in alone.items():
        yield rank, f"{text}."

    graver = [
        c for c in _open_clauses(policy, judgement, facts, name) if c.rank > max(alone, default=NOT_GRADED)
    ]
    for clause in sorted(graver, key=lambda clause: -clause.rank)[:1]:
        others = [n for n in open_facts_of(policy, clause.expression, facts) if n != name]
        beside = "; ".join(
            dict.fromkeys(fact_words(policy.facts[n], unknown(policy.facts[n])) for n in others)
        )
        for answer in answers:
            if evaluate(policy, clause.expression, _answered(policy, facts, fact, answer)) is not False:
                text = _could_be(clause.rank, fact, answer, facts[name])
                yield clause.rank, f"{text}, together with other answers ({beside})."
                break


def _answered(
    policy: Policy, facts: Mapping[str, FactValue], fact: FactRule, answer: FactValue
) -> dict[str, FactValue]:
    """The facts once this one is answered; a yes is a yes to those that read it, too."""
    readers = (
        [name for name, other in policy.facts.items() if fact.name in other.yes_from]
        if answer is True
        else []
    )
    return {**facts, fact.name: answer, **dict.fromkeys(readers, True)}


def _could_be(rank: int, fact: FactRule, answer: FactValue, now: FactValue) -> str:
    today = "not known" if now == unknown(fact) else f"now {value_words(fact, now)}"
    return f"Could be {band_words(rank)} if it turns out that {fact_words(fact, answer)} ({today})"


def _open_clauses(
    policy: Policy, judgement: Judgement, facts: Mapping[str, FactValue], name: str
) -> Iterator[Clause]:
    for clause_id in judgement.could:
        clause = policy.clause(clause_id)
        if name in open_facts_of(policy, clause.expression, facts):
            yield clause


def _possible_answers(policy: Policy, fact: FactRule, value: FactValue) -> Iterator[FactValue]:
    """Answers that a question about this fact can have, the widest first."""
    match value:
        case Interval(low, high):
            numbers = _numbers_that_matter(policy, fact.name, low, high)
            yield from (Interval(number, high) for number in numbers)
            yield from (Interval(low, number) for number in reversed(numbers))
            yield from (Interval(number, number) for number in numbers)
        case Among(mildest, gravest):
            values = fact.values[fact.values.index(mildest) : fact.values.index(gravest) + 1]
            yield from (Among(choice, gravest) for choice in values)
            yield from (Among(mildest, choice) for choice in reversed(values))
            yield from (Among(choice, choice) for choice in values)
        case _:
            yield True
            yield False


def _numbers_that_matter(policy: Policy, name: str, low: int, high: int | None) -> list[int]:
    named = {
        number + step
        for clause in policy.clauses
        if name in facts_of_expression(clause.expression)
        for atom in atoms_of(clause.expression)
        if atom.fact == name
        for number in numbers_of(atom)
        for step in (-1, 0, 1)
    }
    return sorted(number for number in named if low <= number and (high is None or number <= high))
