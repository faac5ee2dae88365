"""The grammar takes what it says, and refuses everything else however it is smuggled in."""

from __future__ import annotations

import pytest

from threshold.policy.errors import ConditionError
from threshold.policy.expression import And, Between, Compare, In, Not, Or, Yes
from threshold.policy.language import parse
from threshold.policy.model import FactRule, Words

FACTS = {
    "shared": FactRule("shared", "yes_no", "", Words(""), "any"),
    "viewed": FactRule("viewed", "yes_no", "", Words(""), "any"),
    "times": FactRule("times", "count", "", Words(""), "count"),
    "age": FactRule("age", "range", "", Words(""), "overlap"),
    "grade": FactRule("grade", "choice", "", Words(""), "worst", ("none", "C", "B", "A")),
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("shared", Yes("shared")),
        ("not shared", Not(Yes("shared"))),
        ("shared AND viewed", And((Yes("shared"), Yes("viewed")))),
        ("shared or not (viewed)", Or((Yes("shared"), Not(Yes("viewed"))))),
        ("shared OR viewed AND shared", Or((Yes("shared"), And((Yes("viewed"), Yes("shared")))))),
        ("times >= 5", Compare("times", ">=", 5)),
        ("times <> 0", Compare("times", "<>", 0)),
        ("age BETWEEN 0 AND 17", Between("age", 0, 17)),
        ("age NOT BETWEEN 0 AND 17", Not(Between("age", 0, 17))),
        ("grade = 'A'", Compare("grade", "=", "A")),
        ("grade NOT IN ('A', 'B')", Not(In("grade", ("A", "B")))),
        ("times IN (1, 3)", In("times", (1, 3))),
        ("NOT times > 2 AND shared", And((Not(Compare("times", ">", 2)), Yes("shared")))),
        ("shared\n  AND viewed", And((Yes("shared"), Yes("viewed")))),
    ],
)
def test_it_reads_the_grammar(source: str, expected: object) -> None:
    assert parse(source, FACTS) == expected


SEES_UNKNOWN = """
shared IS NULL
shared IS NOT NULL
shared IS TRUE
shared IS NOT FALSE
shared IS UNKNOWN
shared ISNULL
shared NOTNULL
(shared IS TRUE)
(((shared) IS NULL))
NOT (shared IS NULL)
shared IS NOT DISTINCT FROM viewed
shared IS DISTINCT FROM NULL
NULL
NOT NULL
shared AND NULL
shared OR NULL
times = NULL
times IN (1, NULL)
times NOT IN (NULL)
grade IN ('A', NULL)
times BETWEEN NULL AND 5
times BETWEEN 1 AND NULL
CASE WHEN shared THEN viewed END
CASE shared WHEN viewed THEN shared ELSE viewed END
COALESCE(shared, viewed)
COALESCE(times, 0) = 0
IFNULL(shared, viewed)
NVL(times, 0) >= 1
NULLIF(times, 3) = 3
IF(shared, viewed, shared)
IIF(shared, viewed, shared)
GREATEST(times, age) >= 1
LEAST(times, age) >= 1
num_nulls(shared) = 0
num_nonnulls(shared) = 1
concat(shared) = 'A'
bool_and(shared)
every(shared)
count(shared) = 1
EXISTS (SELECT 1)
shared IN (SELECT shared)
times IN (SELECT 1)
times = ANY(ARRAY[1])
times = ALL(ARRAY[1])
times = SOME(ARRAY[1])
times IN (VALUES (1))
(SELECT shared)
SELECT shared
shared UNION SELECT viewed
shared = shared
times = times
times <> age
times = shared
grade = grade
shared = viewed
shared <> viewed
shared < viewed
(shared, viewed) = (viewed, shared)
ROW(shared) IS NULL
"""

WIDENS_THE_LANGUAGE = """
times + 1 >= 5
times - 1 >= 5
-times >= 5
times >= -5
times >= +5
times * 2 = 4
times / 2 = 4
times % 2 = 0
times ^ 2 = 4
times & 1 = 1
times | 1 = 1
times # 1 = 1
times << 1 = 2
~times = 1
@ times = 1
times::text = '5'
times::int >= 5
CAST(times AS text) = '5'
TRY_CAST(times AS int) = 5
shared::int = 1
int '5' = times
times >= int '5'
date '2026-01-01' = times
times >= 5.0
times >= 5.
times >= .5
times >= 5e1
times >= 0x10
times >= 0b11
times >= 0o7
times >= 1_000
times >= 05
times >= 1000001
times >= 99999999999999999999999999
times >= '5'
times >= five
times >= shared
times >= age
5 <= times
5 >= 5
1 = 1
1 < 2
'A' = grade
'A' = 'A'
1
'A'
TRUE
FALSE
shared = TRUE
shared AND TRUE
times
age
grade
grade = A
grade = "A"
grade = 1
grade = 'a'
grade = 'D'
grade = ''
grade = 'A''B'
grade = 'A' 'B'
grade = E'A'
grade = e'A'
grade = U&'A'
grade = N'A'
grade = B'1'
grade = X'41'
grade = $$A$$
grade = $x$A$x$
grade < 'A'
grade >= 'B'
grade > 'none'
grade BETWEEN 'C' AND 'A'
grade LIKE 'A'
grade ILIKE 'A'
grade ~ 'A'
grade SIMILAR TO 'A'
grade COLLATE "C" = 'A'
grade || 'x' = 'A'
grade IN ('A', 1)
grade IN (A)
grade IN ()
times IN ()
times IN 1
times IN (1, '2')
times IN (1, shared)
times IN (1 + 1)
times IN ((SELECT 1))
times IN (1, (2))
times BETWEEN 5 AND 1
times BETWEEN SYMMETRIC 5 AND 1
times BETWEEN 1 AND '5'
times BETWEEN 1 AND age
times BETWEEN shared AND viewed
shared BETWEEN 1 AND 2
shared IN (1)
shared > 1
shared XOR viewed
shared && viewed
shared || viewed
!shared
shared = 1
NOT NOT shared
NOT
AND shared
shared AND
shared viewed
shared AS viewed
shared, viewed
shared; viewed
shared;
; shared
shared; DROP TABLE subject
shared)
(shared
()
(shared))
[shared]
{shared}
shared[1]
facts.shared
facts.f_shared
public.facts.shared
f_shared
"shared"
`shared`
'shared'
SHARED
Shared
unheard_of
known
could_be
c0
*
facts.*
count(*)
:shared
%s
%(shared)s
$1
?
@shared
#shared
current_user
current_date = times
session_user
now() = times
random() = times
pg_sleep(1)
version() = 'A'
length(grade) = 1
upper(grade) = 'A'
abs(times) = 1
extract(year FROM age) = 1
times OVER ()
row_number() OVER () = 1
ARRAY[1] = times
INTERVAL '1 day' = times
times AT TIME ZONE 'UTC' = 1
shared -- viewed
shared --
shared /* viewed */
/* */ shared
shared /**/ AND viewed
shared # viewed
shared AND /*! viewed */
shared LIMIT 1
shared WHERE viewed
shared FROM viewed
shared ORDER BY viewed
shared IS JSON
shared OPERATOR(pg_catalog.=) viewed
times OPERATOR(=) 1
shared AND ALL viewed
DISTINCT shared
DEFAULT
times >= ALL (1)
LATERAL shared
shared -> viewed
shared ->> 'A' = 'A'
"""

ODD_CHARACTERS = [
    "shared\u00a0AND viewed",  # no-break space
    "shared\u2003AND viewed",
    "sh\u0430red",  # Cyrillic a
    "ｓｈａｒｅｄ",  # full width
    "shared\u200b",  # zero width space
    "\ufeffshared",
    "shared \u2227 viewed",
    "\u00acshared",
    "times \u2265 5",
    "times \u2260 5",
    "times >= ５",  # full-width digit
    "times >= \u0665",  # Arabic-Indic digit
    "grade = \u2018A\u2019",
    "grade = \uff07A\uff07",
    "shared\x00",
    "shared\x0bAND viewed",
    "shared\x1b[31m",
    "shared\u2028AND viewed",
    "shared \u202eAND viewed",
    "\u017fhared",  # long s, which upper-cases to S
    "times \uff1d 5",
    "shared\\",
]


@pytest.mark.parametrize(
    "source", [line for line in (SEES_UNKNOWN + WIDENS_THE_LANGUAGE).splitlines() if line]
)
def test_it_refuses(source: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(source, FACTS)
    assert refused.value.reason and refused.value.remedy


@pytest.mark.parametrize("source", ODD_CHARACTERS)
def test_it_refuses_characters_that_only_look_right(source: str) -> None:
    with pytest.raises(ConditionError, match="has no place in a condition"):
        parse(source, FACTS)


@pytest.mark.parametrize(
    "hidden", ["shared IS NULL", "COALESCE(shared, viewed)", "times = NULL", "times::int = 1"]
)
@pytest.mark.parametrize(
    "around",
    [
        "({})",
        "NOT ({})",
        "shared AND ({})",
        "(viewed OR (NOT (({}))))",
        "times IN (1) AND ({}) OR shared",
        "(({})) AND viewed",
    ],
)
def test_nothing_hides_inside_something_allowed(hidden: str, around: str) -> None:
    with pytest.raises(ConditionError):
        parse(around.format(hidden), FACTS)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000 + "shared" + ")" * 10_000,
        "(" * 11 + "shared" + ")" * 11,
        "NOT " * 400 + "shared",
        "NOT(" * 400 + "shared" + ")" * 400,
        "NOT (NOT " * 200 + "shared" + ")" * 200,
        " OR ".join(["shared"] * 100_000),
        "times IN (" + ", ".join(["1"] * 100_000) + ")",
        "shared" + " " * 3_000,
        "",
        "   \n\t ",
    ],
    ids=range(10),
)
def test_what_is_too_long_or_too_deep_is_a_clear_error(source: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(source, FACTS)
    assert len(str(refused.value)) < 400


def test_a_long_chain_that_fits_is_read() -> None:
    expression = parse(" OR ".join(["shared"] * 190), FACTS)
    assert expression == Or((Yes("shared"),) * 190)


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("Shared", "Write shared"),
        ("shared = TRUE", "Write shared or NOT shared"),
        ("times", "as in times >= 2"),
        ("grade >= 'B'", "List those that you mean"),
        ("5 <= times", "Write the fact first"),
        ("times BETWEEN 5 AND 1", "smaller number first"),
        ("grade = 'D'", "'none', 'C', 'B', 'A'"),
        ("unheard_of", "mend the spelling"),
    ],
)
def test_an_error_says_how_to_mend_it(source: str, remedy: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(source, FACTS)
    assert remedy in refused.value.remedy
