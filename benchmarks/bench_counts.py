"""Counting over a million mentions: every number, as at an earlier act, the range of doubt, what changed since.

The rows are written by one statement a table, past the acts: three in four mentions are a subject of their own,
one in five reports has a harmed child, one mention in four stands in an open question. The floor is the database
counting the standing subjects and nothing else.

``python benchmarks/bench_counts.py [MENTIONS]`` (1,000,000 if not said).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from homes import peak_memory, throw_away_home

FACTS = ", ".join(f'"fact_{n}": null, "fact_{n}_possible": false' for n in range(20))
TABLES = ["act", "report", "mention", "member", "assessment", "link"]
FILL = """
{off}
insert into act (id, at, actor, verb, body, rows, prev, hash)
select 100 + n, now() - interval '1 day' + n * interval '1 second', 1, 'register', '{{}}', '{{}}',
       decode(md5(n::text), 'hex'), decode(md5('h' || n), 'hex') from generate_series(1, {acts}) n;
insert into report (id, asserted_by, salt, digest, delivery, place, sender, service, batched, incident, words,
                    received_at, unknown, content_key)
select n, 101 + n / {per_act}, '', '', 1, 'row ' || n, 'Fictional Chat Ltd', 'Fictional Chat', false, 'incident', '',
       now() - interval '1 day' * (n % 400), '[]', decode(md5(n::text), 'hex') from generate_series(1, {n}) n;
insert into mention (id, asserted_by, salt, digest, report, role, place, batched, compromised)
select n, 101 + n / {per_act}, ''::bytea, ''::bytea, n, 'reported', '', false, false from generate_series(1, {n}) n
union all select {n} + n, 101 + n * 5 / {per_act}, ''::bytea, ''::bytea, n * 5, 'harmed', '', false, false
from generate_series(1, {n} / 5) n;
insert into member (id, asserted_by, retracted_by, salt, digest, mention, subject)
select id, asserted_by, null, '', '', id, case when role = 'reported' and id % 4 = 0 then id - 1 else id end
from mention;
insert into assessment (id, asserted_by, retracted_by, salt, digest, subject, policy, facts, statements, known,
                        could_be, deciding, holding, could, open_facts, checks, route, route_reason, ladder, listed,
                        first_received, last_received)
select row_number() over (), m.asserted_by, null, '', '', m.subject, 'policy', '{{{facts}}}', '{{1,2,3}}', 0, 4,
       '{{}}', '{{}}', '{{contact,lives_with_children}}', '{{contact}}', '{{contact,lives_with_children}}',
       (array['adult', 'age_not_established', 'age_not_established', 'child'])[1 + m.subject % 4],
       'not established', (array[1, 1, 1, 1, 2, 3, 4])[1 + m.subject % 7], true, r.received_at, r.received_at
from member m join report r on r.id = m.mention where m.mention = m.subject and m.mention <= {n};
insert into link (id, asserted_by, salt, digest, a, b, says, strength, rule, evidence, reason)
select n, 101 + n * 4 / {per_act}, ''::bytea, ''::bytea, n * 4, n * 4 + 1 + n % 37, 'same', 'possible',
       'same telephone number', 'phone|' || n, 'same telephone number' from generate_series(1, {n} / 4 - 10) n
union all select {n} + n, 200, ''::bytea, ''::bytea, n * 4, n * 4 + 1 + n % 37, 'different', 'confirmed',
       '', 'officer', 'met' from generate_series(1, 1000) n;
{on}
"""


def main(mentions: int) -> None:
    with throw_away_home():
        from django.db import connections

        from threshold.acts.access import Actor, Role, actor_by_name
        from threshold.acts.db import one
        from threshold.oversight.changes import changes
        from threshold.oversight.counting import Reading, count

        acts = 2_000
        with connections["owner"].cursor() as owner:
            owner.execute("set statement_timeout = 0")
            off, on = (
                "".join(f"alter table {table} {verb} trigger user;" for table in TABLES)
                for verb in ("disable", "enable")
            )
            owner.execute(
                FILL.format(n=mentions, acts=acts, per_act=mentions // acts + 1, facts=FACTS, off=off, on=on)
            )
            owner.execute("vacuum (analyze)")
        demo = actor_by_name("demo")
        assert demo is not None
        chief = Actor(demo.id, "chief", "Chief", "", frozenset({Role.CHIEF}))
        last = Reading.of("today", None)
        earlier = Reading("known-at", last.act - acts // 10, last.about)
        by = datetime.now(UTC) - timedelta(days=200)
        known = Reading("now-known", last.act, by, by)
        floor = _timed("floor", lambda: one("select count(*) from assessment where retracted_by is null"))
        for name, run in {
            "every number, today": lambda: count(demo, last),
            "as known at an earlier act": lambda: count(demo, earlier),
            "as we now know it was": lambda: count(demo, known),
            "for the chief": lambda: count(chief, last),
            "with the range of doubt": lambda: count(demo, last, with_doubt=True),
            "what changed since": lambda: changes(demo, earlier, last),
        }.items():
            _timed(name, run, floor)
        print(f"{mentions:,} reported mentions; peak memory {peak_memory():,.0f} MB")


def _timed(name: str, run: Callable[[], Any], floor: float | None = None) -> float:
    """The second of two runs, as a page would find it."""
    run()
    began = time.perf_counter()
    run()
    seconds = time.perf_counter() - began
    print(f"{name:32} {seconds:8.3f} s" + (f"  {seconds / floor:6.1f} times the floor" if floor else ""))
    return seconds


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
