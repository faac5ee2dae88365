"""The whole way of one case: opened, found out about, decided by two, visited, warned, watched, seen again."""

from __future__ import annotations

from tests.cases.desk import at_the_door, take_in_report
from tests.force import Force

from threshold.acts.db import one, query
from threshold.acts.record import verify


def test_from_the_list_to_the_breach(force: Force) -> None:
    desk = at_the_door(force)
    visit = desk.sign()
    desk.result(visit, "warned")
    assert desk.state_of_case() == "watched"
    assert "welfare" in desk.tasks()
    assert desk.band()[0] >= 2

    take_in_report(force, desk.account, at="2027-11-20T10:00:00Z")
    assert desk.state_of_case() == "open"
    assert "breach" in desk.tasks()
    assert desk.band()[0] == 4
    told = query("select officer from notice where kind = 'breach' and retracted_by is null")
    assert {row.officer for row in told} == {desk.owner.id, desk.supervisor.id}
    again = one("select happened, strength from reopening where retracted_by is null")
    assert again is not None and (again.happened, again.strength) == ("after", "confirmed")
    finding = verify()
    assert finding.whole, finding.breaks[:3]
