"""Bands: a million people in PostgreSQL and DuckDB, one on the site, and ten years of a caseload replayed.

The floor of bands is the same thirty conditions written by hand for the same engine, over the same rows, in the
same run; both must give the same bands, or the run fails. The floor of replay is reading the stored rows.

``python benchmarks/bench_policy.py [PEOPLE] [SUBJECTS]`` (1,000,000 and 100,000 if not said). The replayed caseload
is 200 made-up subjects with a history through the real acts, copied until there are so many.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from homes import peak_memory, throw_away_home
from made_up import write_folder
from rich.console import Console
from rich.progress import Progress

from threshold.policy import document
from threshold.policy.engines import judgement_query_on
from threshold.policy.model import Policy

YES_NO = [f"fact_{n}" for n in range(16)]
# Band, condition; and by hand where a count or a choice makes known and could be two different questions.
_WORDS = [
    ("very_high", "{0}"), ("very_high", "{1}"), ("very_high", "{2} AND {3}"), ("high", "{4}"), ("high", "{5}"),
    ("high", "{6} AND NOT {7}"), ("medium", "{8}"), ("medium", "{9} OR {10}"), ("medium", "{11} AND {12}"),
]  # fmt: skip
CLAUSES: list[tuple[str, str, str, str]] = [
    (band, text, text, f"({text}) IS NOT FALSE")
    for shift in range(3)
    for band, words in _WORDS
    for text in [words.format(*(YES_NO[(n + 5 * shift) % 16] for n in range(16)))]
]
CLAUSES += [
    ("high", "times >= 5", "times_lo >= 5", "(times_hi >= 5 OR times_hi IS NULL)"),
    ("medium", "times >= 2", "times_lo >= 2", "(times_hi >= 2 OR times_hi IS NULL)"),
    ("medium", "grade IN ('B', 'A')", "grade_lo IN ('B', 'A')", "grade_hi IN ('B', 'A')"),
]
RANKS = {"very_high": 4, "high": 3, "medium": 2}


def policy() -> Policy:
    words = {"if_yes": "yes", "if_no": "no", "if_not_known": "not known"}
    value = {"if_known": "{value}", "if_not_known": "not known"}
    facts: dict[str, Any] = {n: {"kind": "yes_no", "question": "?", "words": words} for n in YES_NO}
    facts["times"] = {"kind": "count", "question": "?", "words": value}
    facts["grade"] = {"kind": "choice", "values": ["none", "C", "B", "A"], "question": "?", "words": value}
    clauses = [
        {"id": f"c_{n}", "band": band, "condition": text, "reason": "r", "source": "made up", "mark": "I"}
        for n, (band, text, *_) in enumerate(CLAUSES)
    ]
    bands = {name: {"clock": "1 day"} for name in ("low", "medium", "high", "very_high")}
    head = {"name": "bench", "version": "1", "owner": "nobody", "in_force_from": "2026-01-01T00:00:00Z"}
    return document.read(
        json.dumps({**head, "bands": bands, "facts": facts, "clauses": clauses}).encode(), "bench"
    )


def by_hand(table: str) -> str:
    """The same conditions as somebody who knows SQL would write them."""

    def any_of(rank: int, place: int) -> str:
        return " OR ".join(f"({clause[place]})" for clause in CLAUSES if RANKS[clause[0]] == rank)

    every = " OR ".join(f"({clause[3]})" for clause in CLAUSES)
    return f"""
        select subject,
            case when {any_of(4, 2)} then 4 when {any_of(3, 2)} then 3 when {any_of(2, 2)} then 2
                 when {every} then 0 else 1 end as known,
            case when {any_of(4, 3)} then 4 when {any_of(3, 3)} then 3 when {any_of(2, 3)} then 2 else 1 end as could_be
        from {table}"""


def fill(engine: str, people: int) -> str:
    """SQL: a table of facts, three in ten not known, one in eight yes; the same on both engines."""
    series = f"generate_series(1, {people})" if engine == "postgres" else f"range(1, {people} + 1)"
    truth = [
        f"case (s.n::bigint * {7919 + 104729 * n}) % 1009 % 16 when 0 then true when 1 then true"
        " when 2 then null when 3 then null when 4 then null when 5 then null when 6 then null else false end"
        f" as f_{name}"
        for n, name in enumerate(YES_NO)
    ]
    plain = [f"f_{name} as {name}" for name in YES_NO]
    return f"""create {"unlogged " if engine == "postgres" else ""}table people as
        select *, {", ".join(plain)}, f_times_lo as times_lo, f_times_hi as times_hi, f_grade_lo as grade_lo,
               f_grade_hi as grade_hi
        from (select s.n as subject, {", ".join(truth)}, s.n % 7 as f_times_lo,
                     case when s.n % 3 > 0 then s.n % 7 + s.n % 2 end as f_times_hi,
                     case s.n % 5 when 0 then 'C' when 1 then 'B' else 'none' end as f_grade_lo,
                     case s.n % 5 when 0 then 'A' when 1 then 'B' else 'none' end as f_grade_hi
              from {series} as s(n)) made"""


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = run()
    return time.perf_counter() - begun, found


def bands(engine: str, run: Callable[[str], Any], people: int) -> float:
    """Print the ratio of the hand-written query to ours; the seconds of ours."""
    asked = "select sum(known), sum(could_be), count(*) filter (where known = 0) from ({}) as bands"
    generated = judgement_query_on(
        "postgres" if engine == "postgres" else "duckdb", policy(), "people", explained=False
    )
    ours, hand = [], []
    for _ in range(5):
        for times, text in ((ours, generated), (hand, by_hand("people"))):
            seconds, found = timed(lambda text=text: run(asked.format(text)))
            times.append((seconds, found))
    assert {str(found) for _, found in ours} == {str(found) for _, found in hand}, "not the same bands"
    mine, theirs = min(ours)[0], min(hand)[0]
    print(
        f"bands, {engine}: {people:,} people, {len(CLAUSES)} clauses: {mine:.2f} s, by hand {theirs:.2f} s, "
        f"ratio {theirs / mine:.2f} (wanted 0.8), peak {peak_memory():,.0f} MB",
        flush=True,
    )
    return mine


def in_duckdb(people: int) -> None:
    for count in (people, 3 * people):
        with duckdb.connect() as duck:
            duck.execute(fill("duckdb", count))
            seconds = bands("duckdb", lambda sql, duck=duck: duck.execute(sql).fetchall(), count)
    print(f"bands, duckdb: {3 * people:,} people in {seconds:.2f} s (wanted under 1 s at three million)")


def in_postgresql(people: int) -> None:
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute("set statement_timeout = 0")
        owner.execute("set jit = off")
        owner.execute(fill("postgres", people))
        owner.execute("vacuum (analyze) people")

        def run(sql: str) -> Any:
            owner.execute(sql)
            return owner.fetchall()

        bands("postgres", run, people)
        owner.execute("drop table people")


def lives(folder: Path, count: int) -> list[int]:
    """Subjects with a history: a report each, and the answers that officers gave."""
    from threshold.acts.access import actor_by_name
    from threshold.acts.db import query
    from threshold.journey import subjects
    from threshold.journey.importing import files_under, take_in
    from threshold.journey.subjects import Answer

    demo = actor_by_name("demo")
    assert demo is not None
    write_folder(folder / "in", count)
    take_in(demo, files_under([folder / "in"]), keep_told=False)
    found = [
        row.subject for row in query("select subject from assessment where retracted_by is null order by 1")
    ]
    for n, subject in enumerate(found):
        for place, fact in enumerate(["contact", "earlier_warning", "relevant_history", "position_of_trust"]):
            value = "yes" if (n + place) % 9 == 0 else "no"
            subjects.state(demo, subject, Answer(fact, value, "fact", "made up"))
    return found


def one_on_the_site(subjects: list[int]) -> None:
    from datetime import UTC, datetime

    from threshold.acts.access import Power, actor_by_name
    from threshold.acts.verbs import look
    from threshold.enquiries import queries
    from threshold.enquiries.assess import policy_in_force, worked_out
    from threshold.policy.reasons import could_be_higher_if, why

    now = datetime.now(UTC)
    in_force = policy_in_force(now)
    banded = [timed(lambda s=s: worked_out(in_force, now, [s], {}, {}))[0] for s in subjects]
    demo = actor_by_name("demo")
    assert demo is not None
    reasoned = []
    with look(demo, "bench", Power.SEE_SUBJECTS) as seen:
        for s in subjects:

            def explained(s: int = s) -> None:
                found = queries.assessment(seen, s)
                assert found is not None
                why(found.policy, found.judgement, found.facts)
                could_be_higher_if(found.policy, found.judgement, found.facts)

            reasoned.append(timed(explained)[0])
    print(
        f"one subject, warm: worked out in {1000 * statistics.median(banded[20:]):.1f} ms (wanted under 5), read with "
        f"its reasons in {1000 * statistics.median(reasoned[20:]):.1f} ms (wanted under 20); "
        f"{len(in_force.clauses)} clauses, {len(in_force.facts)} facts",
        flush=True,
    )


_COPIED = {
    "mention": ["id"],
    "member": ["id", "mention", "subject"],
    "statement": ["id", "mention"],
    "assessment": ["id", "subject"],
}


def copy_lives(copies: int) -> None:
    """Each row again under shifted numbers, by the same acts, past the rules of the rows."""
    from django.db import connections

    with (
        connections["owner"].cursor() as owner,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        owner.execute("set statement_timeout = 0")
        task = progress.add_task("copying the caseload", total=len(_COPIED))
        for table, shifted in _COPIED.items():
            step = 10_000
            owner.execute(
                "select column_name from information_schema.columns where table_name = %s and table_schema = 'public'",
                [table],
            )
            columns = [row[0] for row in owner.fetchall()]
            values = [
                f"{c} + k * {step}" if c in shifted
                else f"array(select s + k * {step} from unnest(statements) s)" if c == "statements" else c
                for c in columns
            ]  # fmt: skip
            owner.execute(f"alter table {table} disable trigger user")
            owner.execute(
                f"insert into {table} ({', '.join(columns)}) select {', '.join(values)} "
                f"from {table}, generate_series(1, {copies}) k"
            )
            owner.execute(f"alter table {table} enable trigger user")
            progress.advance(task)
        owner.execute("vacuum (analyze)")


def replayed(subjects: int) -> None:
    from threshold.acts.db import connection_block, execute, query
    from threshold.enquiries.replaying import Replay, differing_inputs, numbers, replays

    with Progress(console=Console(stderr=True), transient=True) as progress, connection_block():
        execute("set local statement_timeout = 0")
        floor, (read,) = timed(lambda: query("select count(facts), sum(known) from assessment"))
        task = progress.add_task("replay from inputs", total=read[0])
        seconds, (checked, wrong) = timed(
            lambda: differing_inputs(1, lambda done: progress.advance(task, done))
        )
        assert not wrong
        print(
            f"replay from stored inputs: {checked:,} assessments of {subjects:,} subjects in {seconds:.1f} s "
            f"(wanted under 60), {checked / seconds:,.0f} a second, reading them alone {floor:.2f} s, "
            f"ratio {floor / seconds:.3f}, peak {peak_memory():,.0f} MB",
            flush=True,
        )
        sample = numbers(100)
        task = progress.add_task("replay from rows", total=len(sample))

        def from_rows() -> int:
            same = 0
            for _, done in replays(sample, ("rows",)):
                same += isinstance(done, Replay) and done.same
                progress.advance(task)
            return same

        seconds, same = timed(from_rows)
        assert same == len(sample), f"{len(sample) - same} of {len(sample)} differ"
        print(
            f"replay from rows: a sample of 1%, {len(sample):,} assessments, in {seconds:.1f} s (wanted under 60), "
            f"{1000 * seconds / len(sample):.1f} ms each, all the same",
            flush=True,
        )


def main(people: int, subjects: int) -> None:
    in_duckdb(people)
    with throw_away_home() as folder:
        in_postgresql(people)
        made = lives(folder, 200)
        one_on_the_site(made)
        copy_lives(subjects // len(made))
        replayed(subjects)


if __name__ == "__main__":
    sizes = [int(typed.replace(",", "")) for typed in sys.argv[1:]]
    main(*(sizes + [1_000_000, 100_000][len(sizes) :]))
