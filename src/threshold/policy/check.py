"""Proves a policy before it is used. Each fault says where, what is wrong, for whom, and how to mend it.

The solver (z3) looks for somebody for whom the policy goes wrong. If it finds one, that person is told as a short
story in the words of the facts; if there is none, that is a proof over every set of facts that there can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import z3

from threshold.policy.combine import Facts, unknown
from threshold.policy.errors import PolicyError
from threshold.policy.expression import atoms_of, facts_of_expression
from threshold.policy.interpret import evaluate, judge
from threshold.policy.model import LOW, Band, Clause, Condition, FactRule, Policy, Response
from threshold.policy.reasons import band_words, fact_words
from threshold.policy.route import Route
from threshold.policy.symbols import Somebody, feeding

# What somebody who is warned must be known not to have done: the names under which reports are read.
BARS_A_WARNING = (
    "shared", "produced", "solicited", "groomed", "contact", "access_to_children", "lives_with_children",
    "earlier_warning",
)  # fmt: skip
WARNED, ACTIVE_AGAIN, SIGN_OF_CHILD = "earlier_warning", "activity_after_warning", "sign_of_child"
# These warn whatever the document calls them.
ALWAYS_WARNS = ("warning_visit", "address_visit")
_ROUTE_WORDS: dict[Route, str] = {
    "adult": "established as an adult",
    "child": "a child, or there are signs of one",
    "age_not_established": "of an age that is not established",
}
_LONGEST_STORY = 8
# The solver's memory is shared by all threads, and may be used by one of them at a time.
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Fault:
    """``where`` is the part that has to change; ``story`` is somebody for whom it goes wrong, or empty."""

    path: str
    line: int
    where: str
    reason: str
    remedy: str
    story: str = ""

    def __str__(self) -> str:
        story = f" {self.story}" if self.story else ""
        return f"{self.path}, line {self.line}, {self.where}: {self.reason}.{story} {self.remedy}."


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that a policy must keep, and the faults found in it (none: it is proved)."""

    of: str
    faults: tuple[Fault, ...]


def check(policy: Policy) -> tuple[Proof, ...]:
    """Every proof, in the order in which a reader would ask for it."""
    proofs: list[tuple[str, Callable[[Policy], Iterator[Fault]]]] = [
        ("The document is whole.", _whole),
        ("Each fact can be answered by an enquiry.", _answerable),
        ("Every band can be somebody's, and everybody in one can be answered.", _bands),
        ("Every clause can decide for somebody.", _deciding),
        ("No clause is shadowed by one that is as grave or graver.", _shadowed),
        ("No condition stands under two bands.", _twice),
        ("A graver answer never makes the band milder.", _signs),
        ("Every response can be permitted to somebody.", _reachable),
        ("No condition holds while what it asks is not known.", _open_on_unknown),
        ("Nobody is warned who may be a child, or of whom the bars to a warning are not all ruled out.", _warnings),
        ("Who was warned is never low again.", _after_warning),
        ("The floors are kept by the clauses.", _floors),
    ]  # fmt: skip
    with _ONE_AT_A_TIME:
        return tuple(Proof(of, tuple(prove(policy))) for of, prove in proofs)


def check_together(policies: Sequence[Policy]) -> Iterator[Fault]:
    """No two versions begin at one instant."""
    for n, policy in enumerate(policies):
        for earlier in policies[:n]:
            if policy.digest != earlier.digest and policy.in_force_from == earlier.in_force_from:
                yield _fault(
                    policy,
                    "in_force_from",
                    f"{policy.name} {policy.version} and {earlier.name} {earlier.version} ({earlier.path}) would be "
                    f"in force from the same instant, {policy.in_force_from:%Y-%m-%d %H:%M} UTC",
                    "Let one of them begin later: there is never more than one version in force",
                )


def fault_of(error: PolicyError) -> Fault:
    """A document that cannot even be read, told like any other fault."""
    return Fault(error.path, error.line, error.where, error.reason, error.remedy)


# --- the document ------------------------------------------------------------------------------------


def _whole(policy: Policy) -> Iterator[Fault]:
    remedies = {
        "dated": (policy.dated, "Add the day on which this version was written:  dated: 2026-11-24"),
        "responses": (policy.responses, "Say what may be done, and which conditions permit it"),
        "enquiries": (policy.enquiries, "Say who can be asked, and which facts an answer can settle"),
        "overrides": (policy.overrides, "Say what a milder and a graver decision needs"),
    }
    for section, (value, remedy) in remedies.items():
        if not value:
            yield _fault(policy, section, f"{section} is missing", remedy)
    for response in policy.responses:
        if response.id in ALWAYS_WARNS and not response.warns:
            yield _fault(
                policy, f"response {response.id}", "it warns somebody and does not say so", "Add  warns: yes"
            )


def _answerable(policy: Policy) -> Iterator[Fault]:
    answered = {name for enquiry in policy.enquiries for name in enquiry.answers}
    for name in policy.facts:
        if name not in answered:
            yield _fault(
                policy,
                f"fact {name}",
                "no enquiry can answer it, so it could stay not known for ever",
                f"Add {name} to the answers of an enquiry, or take the fact away",
            )


# --- bands and clauses -------------------------------------------------------------------------------


def _bands(policy: Policy) -> Iterator[Fault]:
    person, search = _known(policy)
    for band in policy.bands:
        is_in = person.in_band(band.rank)
        if search.find(is_in) is None:
            yield _fault(
                policy,
                f"band {band.name}",
                f"nobody can ever be {band_words(band.rank)}",
                "Add or mend a clause of this band, or take the band away",
            )
        elif policy.responses:
            yield from _nobody_is_left_alone(policy, band)


def _nobody_is_left_alone(policy: Policy, band: Band) -> Iterator[Fault]:
    """Something can be done about somebody in this band, and about everybody in it."""
    person, search = _known(policy)
    is_in, something = person.in_band(band.rank), _anything_permitted(person)
    if search.find(is_in, something) is None:
        yield _fault(
            policy,
            f"band {band.name}",
            f"nothing is ever permitted to anybody who is {band_words(band.rank)}",
            "Permit a response in this band, even if only to safeguard somebody",
        )
        return
    model = search.find(is_in, z3.Not(something))
    if model is not None:
        names = [name for response in policy.responses for name in _facts_of_response(response)]
        yield _fault(
            policy,
            f"band {band.name}",
            f"somebody can be {band_words(band.rank)} while no response at all is permitted",
            "Permit a response that asks for less",
            _story(policy, person, model, names),
        )


def _anything_permitted(person: Somebody) -> z3.BoolRef:
    return z3.Or([person.permitted(response) for response in person.policy.responses])


def _deciding(policy: Policy) -> Iterator[Fault]:
    """Of somebody of whom everything is known: the clause holds, and none that is graver does."""
    person, search = _known(policy)
    for clause in policy.clauses:
        holds = person.clause(clause).yes
        if search.find(holds) is None:
            yield _fault(
                policy,
                f"clause {clause.id}",
                f"its condition can never be true ({clause.condition}), so it decides for nobody",
                "Mend the condition, or take the clause away",
            )
        elif search.find(holds, z3.Not(person.band_at_least(clause.rank + 1).yes)) is None:
            graver = [each for each in policy.clauses if each.rank > clause.rank]
            if not any(_implies(policy, clause, each) for each in graver):
                names = ", ".join(each.id for each in graver)
                yield _fault(
                    policy,
                    f"clause {clause.id}",
                    f"whenever it holds, one of the graver clauses holds too ({names}), so it never decides",
                    "Narrow one of them, or take this clause away",
                )


def _shadowed(policy: Policy) -> Iterator[Fault]:
    person, search = _known(policy)
    possible = [clause for clause in policy.clauses if search.find(person.clause(clause).yes)]
    for n, clause in enumerate(possible):
        for m, other in enumerate(possible):
            if clause is other or other.rank < clause.rank or not _implies(policy, clause, other):
                continue
            same = _implies(policy, other, clause)
            if same and (other.rank > clause.rank or m > n):
                continue  # told as a condition that stands under two bands, or of the later of the two
            yield _fault(
                policy,
                f"clause {clause.id}",
                f"whenever it holds, {other.id} ({band_words(other.rank)}, line "
                f"{policy.lines.get(f'clause {other.id}', 1)}) holds too, so it changes nothing",
                f"Take {clause.id} away, narrow {other.id}, or put {clause.id} into a graver band",
                _whenever(policy, clause, other),
            )
            break


def _whenever(policy: Policy, clause: Clause, other: Clause) -> str:
    fed = [
        f"{name} is a yes to {reader}"
        for reader in facts_of_expression(other.expression)
        for name in feeding(policy, policy.facts[reader])
        if name in facts_of_expression(clause.expression)
    ]
    return f"({'; '.join(fed)}, by yes_from.)" if fed else ""


def _twice(policy: Policy) -> Iterator[Fault]:
    for n, clause in enumerate(policy.clauses):
        for earlier in policy.clauses[:n]:
            if earlier.rank != clause.rank and _same(policy, clause, earlier):
                milder, graver = sorted((clause, earlier), key=lambda each: each.rank)
                yield _fault(
                    policy,
                    f"clause {milder.id}",
                    f"the same condition stands under two bands: here {band_words(milder.rank)}, and as "
                    f"{graver.id} in line {policy.lines.get(f'clause {graver.id}', 1)} {band_words(graver.rank)}",
                    "Keep one of them",
                )


def _same(policy: Policy, one: Clause, other: Clause) -> bool:
    person, search = _known(policy)
    return (
        search.find(person.clause(one).yes) is not None
        and _implies(policy, one, other)
        and _implies(policy, other, one)
    )


@lru_cache(maxsize=10_000)
def _implies(policy: Policy, one: Clause, other: Clause) -> bool:
    person, search = _known(policy)
    return search.find(person.clause(one).yes, z3.Not(person.clause(other).yes)) is None


def _signs(policy: Policy) -> Iterator[Fault]:
    """Two people of whom the same is known, but for one fact that is graver of the second: a milder band?"""
    one, other, search = _two(policy)
    for rule in _graded(policy):
        more = _more_of_one(policy, one, other, rule)
        for band in reversed(policy.bands[1:]):
            model = search.find(more, one.band_at_least(band.rank).yes, other.band_at_least(band.rank).no)
            if model is not None:
                yield _wrong_sign(policy, rule, one.facts(model), other.facts(model))
                break


def _wrong_sign(policy: Policy, rule: FactRule, facts: Facts, more: Facts) -> Fault:
    before, after = judge(policy, facts), judge(policy, more)
    clause = next(
        policy.clause(each)
        for each in before.deciding
        if evaluate(policy, policy.clause(each).expression, more) is False
    )
    return _fault(
        policy,
        f"clause {clause.id}",
        f"a graver answer to {rule.name} makes the band milder",
        f"Turn the sign in this condition ({clause.condition}), or write  may_lower: yes  at the fact {rule.name}",
        f"Of two people who are otherwise the same, the one of whom it is known that "
        f"{fact_words(rule, facts[rule.name])} is {band_words(before.known)}; "
        f"where {fact_words(rule, more[rule.name])}, only {band_words(after.known)}.",
    )


def _graded(policy: Policy) -> list[FactRule]:
    """The facts of which more is graver, of those that are read. An age has no graver end."""
    read = {name for clause in policy.clauses for name in facts_of_expression(clause.expression)}
    return [r for r in policy.facts.values() if r.name in read and r.kind != "range" and not r.may_lower]


def _more_of_one(policy: Policy, one: Somebody, other: Somebody, rule: FactRule) -> z3.BoolRef:
    """The second is as the first but for more of one fact, which feeds those that read it."""
    readers = [r.name for r in policy.facts.values() if rule.name in feeding(policy, r)]
    return z3.And(
        other.more_than(one, rule.name),
        one.same_but(other, [rule.name, *readers]),
        *(other.says_yes(reader) for reader in readers),
    )


# --- responses ---------------------------------------------------------------------------------------


def _reachable(policy: Policy) -> Iterator[Fault]:
    person, search = _anybody(policy)
    for response in policy.responses:
        if search.find(person.permitted(response)) is None:
            yield _fault(
                policy,
                f"response {response.id}",
                "its conditions can never all be true, so nobody can get it",
                "Mend its conditions or its bands, or take it away",
            )


def _open_on_unknown(policy: Policy) -> Iterator[Fault]:
    person, search = _anybody(policy)
    for response in policy.responses:
        for condition in response.conditions:
            holds = person.of(condition.expression).yes
            for name in facts_of_expression(condition.expression):
                if name in condition.may_be_unknown:
                    continue
                model = search.simplest(person, holds, person.not_known(name))
                if model is not None:
                    yield _still_open(policy, response, condition, name, person, model)


def _still_open(
    policy: Policy,
    response: Response,
    condition: Condition,
    name: str,
    person: Somebody,
    model: z3.ModelRef,
) -> Fault:
    names = facts_of_expression(condition.expression)
    return _fault(
        policy,
        f"response {response.id}: condition {condition.id}",
        f"it holds although {name} is not known ({condition.condition})",
        f"Ask for {name} in a condition of its own, or say that it may stay open:  may_be_unknown: [{name}]",
        _story(policy, person, model, names, first=name, with_route=False),
    )


def _warnings(policy: Policy) -> Iterator[Fault]:
    warns = [response for response in policy.responses if response.warns]
    if not warns:
        return
    missing = [name for name in (*BARS_A_WARNING, SIGN_OF_CHILD) if not _is_yes_no(policy, name)]
    for name in missing:
        yield _fault(
            policy,
            "facts",
            f"a policy that warns needs the yes/no fact {name}, and has none",
            f"Add the fact {name}",
        )
    for response in warns:
        yield from _warns_a_child(policy, response, missing)
        for name in BARS_A_WARNING:
            if name not in missing:
                yield from _warns_in_spite_of(policy, response, name)
        yield from _opened_by_more(policy, response)


def _is_yes_no(policy: Policy, name: str) -> bool:
    return name in policy.facts and policy.facts[name].kind == "yes_no"


def _warns_a_child(policy: Policy, response: Response, missing: list[str]) -> Iterator[Fault]:
    person, search = _anybody(policy)
    grown_up = person.adult
    if response.route == "premises" and SIGN_OF_CHILD not in missing:
        grown_up = z3.And(z3.Not(person.child), person.says_no(SIGN_OF_CHILD))
    model = search.simplest(person, person.permitted(response), z3.Not(grown_up))
    if model is not None:
        yield _fault(
            policy,
            f"response {response.id}",
            "it is open to somebody who may be a child",
            f"Make it  for: adult,  or for a home with a condition  NOT {SIGN_OF_CHILD}",
            _story(policy, person, model, _facts_of_response(response), first=SIGN_OF_CHILD),
        )


def _warns_in_spite_of(policy: Policy, response: Response, name: str) -> Iterator[Fault]:
    """The bar must be known to be a no, by its own word or by that of a question that reads it."""
    person, search = _anybody(policy)
    readers = [rule.name for rule in policy.facts.values() if name in feeding(policy, rule)]
    ruled_out = z3.Or([person.says_no(each) for each in (name, *readers)])
    model = search.simplest(person, person.permitted(response), z3.Not(ruled_out))
    if model is None:
        return
    where = _nearest(policy, response, (name, *readers))
    said = fact_words(policy.facts[name], person.facts(model)[name])
    yield _fault(
        policy,
        where,
        f"{response.id} is open although {said}",
        f"Add or mend the condition  NOT {(*readers, name)[0]}",
        _story(policy, person, model, _facts_of_response(response), first=name),
    )


def _nearest(policy: Policy, response: Response, names: tuple[str, ...]) -> str:
    """The condition that speaks of one of these facts, or the response where none does."""
    for condition in response.conditions:
        if set(names) & set(facts_of_expression(condition.expression)):
            return f"response {response.id}: condition {condition.id}"
    return f"response {response.id}"


def _opened_by_more(policy: Policy, response: Response) -> Iterator[Fault]:
    """More sightings or a graver grade never opens a warning that was shut without them."""
    one, other, search = _two(policy)
    for condition in response.conditions:
        for name in facts_of_expression(condition.expression):
            rule = policy.facts[name]
            if rule.kind not in ("count", "choice") or rule.may_lower:
                continue
            shut, opened = one.of(condition.expression).no, other.of(condition.expression).yes
            model = search.find(_more_of_one(policy, one, other, rule), shut, opened)
            if model is not None:
                fewer, more = one.facts(model)[name], other.facts(model)[name]
                yield _fault(
                    policy,
                    f"response {response.id}: condition {condition.id}",
                    f"a graver answer to {name} opens a warning",
                    f"Turn the sign in this condition ({condition.condition})",
                    f"It is shut where {fact_words(rule, fewer)}, and open where {fact_words(rule, more)}.",
                )


def _after_warning(policy: Policy) -> Iterator[Fault]:
    if not any(response.warns for response in policy.responses):
        return
    person, search = _anybody(policy)
    for name in (WARNED, ACTIVE_AGAIN):
        if not _is_yes_no(policy, name):
            continue
        low = z3.Not(person.band_at_least(LOW + 1).yes)
        model = search.simplest(person, person.says_yes(name), low)
        if model is not None:
            yield _fault(
                policy,
                f"fact {name}",
                f"somebody of whom it is known that {policy.facts[name].words.yes} is not above low",
                f"Add a clause with the condition  {name}",
                _story(policy, person, model, _facts_of_clauses(policy), first=name, with_route=False),
            )


def _floors(policy: Policy) -> Iterator[Fault]:
    person, search = _anybody(policy)
    for floor in policy.floors:
        held = person.of(floor.expression)
        band = person.band_at_least(_rank(policy, floor.band))
        for wanted, words in (
            ([held.yes, z3.Not(band.yes)], "is"),
            ([z3.Not(held.no), band.no], "could be no more than"),
        ):
            model = search.simplest(person, *wanted)
            if model is not None:
                facts = person.facts(model)
                judgement = judge(policy, facts)
                rank = judgement.known if words == "is" else judgement.could_be
                names = [*facts_of_expression(floor.expression), *_facts_of_clauses(policy)]
                yield _fault(
                    policy,
                    f"floor {floor.id}",
                    f"somebody for whom it counts {words} {band_words(rank)}, below {floor.band.replace('_', ' ')}",
                    f"Add a clause of the band {floor.band} with the condition  {floor.condition}",
                    _story(policy, person, model, names, with_route=False),
                )
                break


def _rank(policy: Policy, band: str) -> int:
    return next(each.rank for each in policy.bands if each.name == band)


# --- finding somebody, and telling of them -----------------------------------------------------------


class _Search:
    """Looks for somebody (or two people) of whom certain things are so, over and over."""

    def __init__(self, *always: z3.BoolRef) -> None:
        self.solver = z3.Solver()
        self.solver.add(*always)

    def find(self, *wanted: z3.BoolRef) -> z3.ModelRef | None:
        """Somebody of whom all this is so, or None: there can be nobody."""
        self.solver.push()
        try:
            self.solver.add(*wanted)
            answer = self.solver.check()
            if answer == z3.unknown:
                raise RuntimeError("the solver could not decide")  # every question here is decidable
            return self.solver.model() if answer == z3.sat else None
        finally:
            self.solver.pop()

    def simplest(self, person: Somebody, *wanted: z3.BoolRef) -> z3.ModelRef | None:
        """The same, with as little known of the person as possible."""
        needed = list(wanted)
        if self.find(*needed) is None:
            return None
        for name in person.policy.facts:
            if self.find(*needed, person.not_known(name)) is not None:
                needed.append(person.not_known(name))
        return self.find(*needed)


@lru_cache(maxsize=4)
def _anybody(policy: Policy) -> tuple[Somebody, _Search]:
    """Somebody of whom anything may be known or not."""
    person = Somebody(policy)
    return person, _Search(*person.rules)


@lru_cache(maxsize=4)
def _known(policy: Policy) -> tuple[Somebody, _Search]:
    """Somebody of whom everything is known."""
    person = Somebody(policy)
    return person, _Search(*person.rules, person.all_known())


@lru_cache(maxsize=4)
def _two(policy: Policy) -> tuple[Somebody, Somebody, _Search]:
    """Two people of whom everything is known."""
    one, other = Somebody(policy), Somebody(policy, "b")
    return one, other, _Search(*one.rules, *other.rules, one.all_known(), other.all_known())


def _story(
    policy: Policy,
    person: Somebody,
    model: z3.ModelRef,
    names: Iterable[str],
    first: str = "",
    with_route: bool = True,
) -> str:
    """Somebody for whom it goes wrong, in the words of the facts, and with no more known than is needed."""
    facts = person.facts(model)
    told = list(dict.fromkeys([*([first] if first else []), *names]))
    known = [n for n in told if n != first and facts[n] != unknown(policy.facts[n])]
    parts = [fact_words(policy.facts[first], facts[first])] if first in policy.facts else []
    parts += [fact_words(policy.facts[name], facts[name]) for name in known]
    more = len(parts) - _LONGEST_STORY
    text = "; ".join(parts[:_LONGEST_STORY]) + (f"; and {more} more answers" if more > 0 else "")
    who = f"somebody {_ROUTE_WORDS[person.route(model)]}" if with_route else "somebody"
    return f"For example {who}: {text}." if text else f"For example {who} of whom nothing is known."


def _facts_of_response(response: Response) -> list[str]:
    return [name for condition in response.conditions for name in facts_of_expression(condition.expression)]


def _facts_of_clauses(policy: Policy) -> list[str]:
    return [atom.fact for clause in policy.clauses for atom in atoms_of(clause.expression)]


def _fault(policy: Policy, where: str, reason: str, remedy: str, story: str = "") -> Fault:
    return Fault(policy.path, policy.lines.get(where, 1), where, reason, remedy, story)
