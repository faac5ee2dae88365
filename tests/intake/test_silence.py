"""A sender is silent when it is quiet for longer than is usual for that sender."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from threshold.intake.silence import silence

TODAY = date(2026, 11, 25)


def days(quiet: int, *gaps: int) -> list[date]:
    """The last day, ``quiet`` days ago, and those before it by their gaps."""
    found = [TODAY - timedelta(days=quiet)]
    for gap in gaps:
        found.append(found[-1] - timedelta(days=gap))
    return found


@pytest.mark.parametrize(
    ("quiet", "gaps", "silent"),
    [
        (4, (1, 1, 1), True),
        (3, (1, 1, 1), False),  # three times the median is usual
        (6, (1, 1, 6), False),  # as long as its longest gap
        (7, (1, 1, 6), True),
        (20, (7, 7, 7), False),
        (22, (7, 7, 7), True),
        (300, (1, 1), False),  # with so few gaps nothing is usual yet
        (300, (), False),
        (5, (1,) * 10 + (90,), True),  # an old long gap is no measure any more
        (5, (1,) * 9 + (90,), False),
    ],
)
def test_the_rule(quiet: int, gaps: tuple[int, ...], silent: bool) -> None:
    found = silence("a sender", days(quiet, *gaps), TODAY)
    assert (found is not None) == silent
    if found:
        assert (found.days, found.last) == (quiet, TODAY - timedelta(days=quiet))
