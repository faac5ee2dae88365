"""Who is joined to whom, on real rows: the two automatic rules, questions, officers' links and undo."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.stories import (
    Team,
    Told,
    band,
    labelled,
    mentions_of,
    standing_links,
    subject_of,
)

from threshold.acts.access import NotVisible, Power
from threshold.acts.db import query
from threshold.acts.verbs import act
from threshold.intake.reading import Identifier, ReadMention, ReadReport
from threshold.journey import subjects
from threshold.people import verbs as people
from threshold.people.components import Contradiction
from threshold.people.drafting import draft_mention
from threshold.people.verbs import CROWD, FEW, WrongPair

EMAIL, PHONE, DEVICE = "same@mail.example", "07700 900123", "356938035643809"


def reported() -> set[int]:
    """Every subject that somebody reported."""
    rows = query(
        """select distinct m.subject from member m join mention n on n.id = m.mention and n.role = 'reported'
           where m.retracted_by is null"""
    )
    return {row.subject for row in rows}


def strengths(*numbers: int) -> list[str]:
    links = {link.id: link.strength for number in numbers for link in standing_links(number)}
    return sorted(links.values())


def questions(*numbers: int) -> list[str]:
    links = {link.id: link for number in numbers for link in standing_links(number)}
    return sorted(link.rule for link in links.values() if link.strength == "possible")


def test_reports_about_one_account_are_one_subject(team: Team) -> None:
    first, second = team.subjects_of(Told("a-1"), Told("a-1"))
    assert first == second
    assert strengths(first) == ["automatic"]


def test_accounts_that_differ_in_case_or_leading_zeros_are_not_one(team: Team) -> None:
    assert len(set(team.subjects_of(Told("007"), Told("7"), Told("Ab"), Told("ab")))) == 4


def test_the_same_number_on_another_service_is_another_account(team: Team) -> None:
    one, other = labelled([Told("a-1"), Told("a-1")])
    files = {
        "1.xml": one.xml(),
        "2.xml": other.xml().replace("<espService>Fictional Chat", "<espService>Else"),
    }
    team.take_in_files(files)
    assert subject_of(one.label) != subject_of(other.label)


@pytest.mark.parametrize("first_compromised", [True, False])
def test_a_compromised_account_only_asks(team: Team, first_compromised: bool) -> None:
    one, other = team.subjects_of(
        Told("a-1", compromised=first_compromised), Told("a-1", compromised=not first_compromised)
    )
    assert one != other
    assert questions(one, other) == ["same account, reported compromised or perhaps damaged on its way"]


def test_a_compromised_account_joins_by_nothing_else_either(team: Team) -> None:
    told = Told("a-1", emails=(EMAIL,), devices=(DEVICE,))
    one, other = team.subjects_of(told, replace(told, account="a-2", compromised=True))
    assert one != other
    assert questions(one, other) == ["same device", "same e-mail"]


def test_two_independent_strong_identifiers_join(team: Team) -> None:
    told = Told("a-1", emails=(EMAIL,), devices=(DEVICE,))
    one, other = team.subjects_of(told, replace(told, account="a-2"))
    assert one == other
    (link,) = standing_links(one)
    assert link.rule == "two independent strong identifiers"


def test_two_identifiers_from_one_account_s_own_description_only_ask(team: Team) -> None:
    told = Told("a-1", emails=(EMAIL,), phones=(PHONE,))
    one, other = team.subjects_of(told, replace(told, account="a-2"))
    assert one != other
    assert questions(one, other) == ["same e-mail", "same telephone"]


@pytest.mark.parametrize(
    "shared",
    [
        Told(emails=(EMAIL,)),
        Told(phones=(PHONE,)),
        Told(devices=(DEVICE,)),
        Told(ips=("203.0.113.5",)),
        Told(unverified=(EMAIL,), devices=(DEVICE,)),
        Told(name="Alex Example", born="1990-01-31"),
        Told(name="Alex Example", ips=("203.0.113.5",)),
        Told(screen_name="same", ips=("203.0.113.5",), devices=(DEVICE,)),
    ],
)
def test_less_than_two_strong_identifiers_join_nobody(team: Team, shared: Told) -> None:
    one, other = team.subjects_of(replace(shared, account="a-1"), replace(shared, account="a-2"))
    assert one != other
    assert set(strengths(one, other)) <= {"possible"}


def test_a_bundled_report_joins_nobody_in_it(team: Team) -> None:
    (bundle,) = labelled(
        [
            Told(
                "p-1",
                batched=True,
                emails=(EMAIL,),
                devices=(DEVICE,),
                others=(Told("p-2", emails=(EMAIL,), devices=(DEVICE,)), Told("p-3", devices=(DEVICE,))),
            )
        ]
    )
    team.take_in(bundle)
    rows = mentions_of(bundle.label)
    assert len({row.subject for row in rows if row.role == "reported"}) == 3
    assert not standing_links()


def test_a_bundled_report_joins_others_by_the_account_alone(team: Team) -> None:
    bundle, alone, else_where = labelled(
        [
            Told("p-1", batched=True, emails=(EMAIL,), devices=(DEVICE,)),
            Told("p-1"),
            Told("p-9", emails=(EMAIL,), devices=(DEVICE,)),
        ]
    )
    team.take_in(bundle, alone, else_where)
    assert subject_of(bundle.label) == subject_of(alone.label) != subject_of(else_where.label)


def test_a_crowd_is_not_asked_about_without_end(team: Team) -> None:
    crowd = [Told(f"c-{n}", phones=(PHONE,)) for n in range(CROWD + 10)]
    team.take_in(*labelled(crowd))
    together = len(standing_links())
    assert together == (CROWD - 1) * (CROWD - 2) // 2
    team.take_in(*labelled(crowd))
    assert sum(link.strength == "possible" for link in standing_links()) == together


def test_many_reports_about_one_account_are_no_crowd(team: Team) -> None:
    team.take_in(
        *labelled([Told("a-1", phones=(PHONE,), at=f"2026-11-09T21:{n:02}:05Z") for n in range(CROWD + 5)])
    )
    one = team.subject(Told("a-2", phones=(PHONE,)))
    assert set(questions(one)) == {"same telephone"}
    (prolific,) = reported() - {one}
    assert questions(prolific) == questions(one)


def test_questions_between_two_accounts_do_not_grow_as_their_reports(team: Team) -> None:
    for minute in range(12):
        at = f"2026-11-09T21:{minute:02}:05Z"
        team.take_in(*labelled([Told(account, phones=(PHONE,), at=at) for account in ("a-1", "a-2")]))
    assert sum(link.strength == "possible" for link in standing_links()) == FEW * FEW
    assert len({f"{questions(one)}" for one in reported()}) == 1 and len(reported()) == 2


def earlier(number: int) -> str:
    """A report with a reference, in the police-side export."""
    return f"""[{{"reportId": {number}, "dateReceived": "2026-11-10T18:05:00Z", "reportedInformation": {{
        "reportingEsp": {{"espName": "Fictional Chat Ltd"}},
        "incidentSummary": {{"incidentType": "Online Enticement of Children for Sexual Acts"}},
        "reportedPeople": {{"reportedPersons": [{{"espUserId": "old-{number}"}}]}}}}}}]"""


@pytest.mark.parametrize("earlier_comes_first", [True, False])
def test_a_sender_s_word_about_an_earlier_report_asks(team: Team, earlier_comes_first: bool) -> None:
    later = {"later.xml": labelled([Told("a-1", prior="777")])[0].xml()}
    for files in (
        [{"e.json": earlier(777)}, later] if earlier_comes_first else [later, {"e.json": earlier(777)}]
    ):
        team.take_in_files(files)
    (link,) = standing_links()
    assert (link.strength, link.rule) == ("possible", "the sender says so")
    assert len(reported()) == 2


def test_a_link_taken_back_is_not_made_again_and_others_still_join(team: Team) -> None:
    one, other = labelled([Told("a-1"), Told("a-1", at="2026-11-08T10:00:00Z")])
    team.take_in(one)
    team.take_in(other)
    (link,) = standing_links()
    subjects.undo(team.analyst, link.id, "another user of the same tablet")
    assert subject_of(one.label) != subject_of(other.label)
    (third,) = labelled([Told("a-1", at="2026-11-07T10:00:00Z")])
    team.take_in(third)
    assert subject_of(one.label) == subject_of(third.label) != subject_of(other.label)
    # Taken back is not different: an officer may still say that they are the same.
    subjects.same(team.analyst, subject_of(one.label), subject_of(other.label), "it was him")
    assert subject_of(one.label) == subject_of(other.label)


def test_different_puts_the_automatic_links_of_a_component_in_review(team: Team) -> None:
    one, other, third = labelled([Told("a-1", at=f"2026-11-0{n}T10:00:00Z") for n in (1, 2, 3)])
    team.take_in(one, other, third)
    mentions = [mentions_of(told.label)[0].id for told in (one, other, third)]
    link = subjects.different(team.analyst, mentions[0], mentions[1], "seen at the same time")
    assert len({subject_of(told.label) for told in (one, other, third)}) == 3
    subjects.undo(team.analyst, link, "a mistake")
    assert len({subject_of(told.label) for told in (one, other, third)}) == 1


def test_in_review_a_third_may_be_either_of_the_two(team: Team) -> None:
    told = labelled([Told("a-1", at=f"2026-11-0{n}T10:00:00Z") for n in (1, 2, 3)])
    team.take_in(*told)
    one, other, third = (mentions_of(t.label)[0].id for t in told)
    subjects.different(team.analyst, one, other, "seen at the same time")
    for mention in (one, other):
        team.rule_out(mention)
        # Seen once, or twice if the third is the same man; the other of the two is not.
        assert band(mention) == (0, 2)
    team.state(third, "contact", "yes")
    assert band(third) == (4, 4)
    assert band(one) == band(other) == (0, 4)


def test_officers_same_joins_what_nothing_else_does_and_different_is_remembered(team: Team) -> None:
    one, other = team.subjects_of(Told("a-1"), Told("a-2"))
    link = subjects.same(team.analyst, one, other, "he said so")
    assert len(reported()) == 1
    with pytest.raises(WrongPair):
        subjects.different(team.analyst, one, other, "no")
    subjects.undo(team.analyst, link, "wrong man")
    subjects.different(team.analyst, one, other, "his brother")
    team.subject(Told("a-3", emails=(EMAIL,), devices=(DEVICE,)))
    with pytest.raises(WrongPair):
        subjects.same(team.analyst, one, other, "again")


def test_officers_cannot_say_both_through_a_third(team: Team) -> None:
    one, other, third = team.subjects_of(Told("a-1"), Told("a-2"), Told("a-3"))
    subjects.different(team.analyst, one, other, "brothers")
    subjects.same(team.analyst, one, third, "same")
    with pytest.raises(Contradiction):
        subjects.same(team.analyst, other, third, "same")
    assert len(reported()) == 2


def test_an_officer_s_same_outweighs_a_review(team: Team) -> None:
    told = labelled([Told("a-1", at=f"2026-11-0{n}T10:00:00Z") for n in (1, 2, 3)])
    team.take_in(*told)
    one, other, third = (mentions_of(t.label)[0].id for t in told)
    subjects.same(team.analyst, one, third, "his own words")
    subjects.different(team.analyst, one, other, "his brother")
    assert subject_of(told[0].label) == subject_of(told[2].label) != subject_of(told[1].label)


def test_a_link_needs_two_mentions_and_a_reason(team: Team) -> None:
    one, other = team.subjects_of(Told("a-1"), Told("a-2"))
    for pair in ((one, one), (one, other)):
        with pytest.raises(WrongPair):
            subjects.same(team.analyst, *pair, " ")
    with pytest.raises(NotVisible):
        subjects.same(team.analyst, one, 999, "why")
    with pytest.raises(WrongPair):
        subjects.undo(team.analyst, 999, "why")


def test_a_harmed_child_who_is_reported_elsewhere_keeps_a_role_in_each(team: Team) -> None:
    victim, reported = labelled(
        [Told("a-1", others=(Told("child-1", role="harmed", age=13),)), Told("child-1")]
    )
    team.take_in(victim, reported)
    child = mentions_of(victim.label)[1]
    assert child.role == "harmed"
    assert child.subject == subject_of(reported.label)


def test_details_that_come_later_join_by_what_they_bring(team: Team) -> None:
    """The earlier report comes by its second identifier only when another has it already."""
    details = """<?xml version="1.0" encoding="UTF-8"?><fileDetails><reportId>555</reportId><fileId>f</fileId>
        <deviceId><idType>IMEI</idType><idValue>{device}</idValue></deviceId></fileDetails>"""
    team.take_in_files({"e.json": earlier(555)})
    team.take_in_files({"d.xml": details.replace("{device}", DEVICE)})
    other = team.subject(Told("a-2", devices=(DEVICE,)))
    assert questions(other) == ["same device"]


def test_very_long_identifiers_are_kept_and_join_nobody(team: Team) -> None:
    wide = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(480))
    told = Told("a-1", emails=(f"{wide}@mail.example",), devices=(f"{wide[::-1]}1",))
    one, other = team.subjects_of(told, replace(told, account="a-2"))
    assert one != other


def test_an_earlier_report_that_comes_by_its_evidence_late_is_joined_too(team: Team) -> None:
    """Two strong identifiers are added to the first of three reports after the others were joined by them."""
    first, second, third = team.subjects_of(
        Told("a-1"), *(Told(f"a-{n}", emails=(EMAIL,), devices=(DEVICE,)) for n in (2, 3))
    )
    assert first != second == third
    about = ReadMention(
        "reported",
        "p",
        (
            Identifier("email", EMAIL, "p", verified=True),
            Identifier("device", DEVICE, "p", origin="captured"),
        ),
    )
    draft = draft_mention(ReadReport("p", "Fictional Chat Ltd", (about,)), about)
    with act(team.intake, "register", Power.IMPORT) as opened:
        people.add_to_mentions(opened, [(first, draft)])
        people.link_new(opened, [first])
        people.regroup(opened, [first])
    assert reported() == {first}
