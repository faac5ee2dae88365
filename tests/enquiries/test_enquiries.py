"""Unknown becomes known by an enquiry: asked, answered, compared; and an answer lapses with what it was about."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.stories import Team, Told, assessed, labelled, mentions_of, subject_of

from threshold.acts.db import connection_block, execute, one, query
from threshold.acts.record import verify
from threshold.enquiries import asked as reads
from threshold.enquiries import queries as enquiries
from threshold.enquiries.asking import Document, WrongEnquiry
from threshold.enquiries.lapsing import RUNG_GONE
from threshold.enquiries.sheets import ANSWER_COLUMNS, WrongSheet, utc_exact
from threshold.enquiries.verbs import WrongStatement
from threshold.journey import enquiring, identifying, subjects
from threshold.journey import premises as homes
from threshold.journey.enquiring import Reply, Wish
from threshold.people.premises import Dweller

AUTHORITY = "Investigatory Powers Act 2016, section 60A"
HOME = "12 Made-up Street, Exampleton EX1 1AA"
RECORDS = Wish("national_computer", "common law", "PNC-1")


def named(account: str, **more: Any) -> Told:
    return Told(account, name="Alex Made-up", born="1990-01-31", **more)


def state_of(enquiry: int, team: Team) -> str:
    with team.looking() as seen:
        return reads.enquiry(seen, enquiry).state


def answers(team: Team, numbers: list[int], **cells: str) -> bytes:
    """A file of answers in which every line of these enquiries is answered exactly as asked."""
    with team.looking() as seen:
        lines = reads.sheet(seen, numbers)
    sink = io.StringIO()
    writer = csv.DictWriter(sink, ANSWER_COLUMNS)
    writer.writeheader()
    for line in lines:
        row = {
            "our_reference": line.reference,
            "result": "answered",
            "looked_up_address": line.address,
            "looked_up_port": str(line.port or ""),
            "looked_up_utc": utc_exact(line.at),
            "subscriber": "P Made-up",
            "installation_address": HOME,
        }
        writer.writerow(row | cells)
    return sink.getvalue().encode()


def resolved(team: Team, subject: int) -> tuple[int, int]:
    """Ask about a subject's connections and have them answered: the first enquiry, and its answer."""
    sent = enquiring.ask_connections(team.analyst, [subject], AUTHORITY)
    enquiring.read_file(team.analyst, "answers.csv", answers(team, list(sent.enquiries)))
    with team.looking() as seen:
        answer = reads.enquiry(seen, sent.enquiries[0]).answer
    assert answer is not None
    return sent.enquiries[0], answer


def compared(team: Team, enquiry: int) -> None:
    for stage in ("asked", "looked_up", "answered"):
        enquiring.compare(team.analyst, [enquiry], stage)  # type: ignore[arg-type]


# --- ask and answer


def test_what_is_asked_is_kept_exactly_and_is_due(team: Team) -> None:
    subject = team.subject(named("one"))
    number = enquiring.ask(team.analyst, subject, RECORDS)
    with team.looking() as seen:
        found = reads.enquiry(seen, number)
    assert found.state == "open" and found.due > found.asked_at
    text = found.asked.decode()
    assert "Name: Alex Made-up" in text and "Born: 31 January 1990" in text
    assert "Authority: common law" in text and "Application: PNC-1" in text and found.reference in text


def test_an_answer_ends_unknown_in_the_same_act_and_keeps_its_document(team: Team) -> None:
    subject = team.subject(named("one"))
    number = enquiring.ask(team.analyst, subject, RECORDS)
    before = one("select max(id) as id from act")
    reply = Reply(
        "no_trace",
        document=Document("pnc.txt", b"NO TRACE"),
        says={"relevant_history": "no", "earlier_warning": "no"},
    )
    came = enquiring.answer(team.analyst, number, reply)
    assert before is not None and came.changed and came.answer is not None
    row = assessed(subject)
    assert row.asserted_by == before.id + 1
    assert not {"relevant_history", "earlier_warning"} & set(row.checks)
    with team.looking() as seen:
        found = reads.enquiry(seen, number)
        assert (found.state, found.document, found.document_name) == ("no_trace", b"NO TRACE", "pnc.txt")
        said = reads.statements(seen, came.answer)
    assert {s.fact: s.truth for s in said} == {"relevant_history": False, "earlier_warning": False}


def test_a_refusal_is_an_answer_that_leaves_the_check_open(team: Team) -> None:
    subject = team.subject(named("one"))
    number = enquiring.ask(team.analyst, subject, RECORDS)
    with pytest.raises(WrongEnquiry, match="leaves the check open"):
        enquiring.answer(
            team.analyst, number, Reply("refused", "no lawful basis", says={"relevant_history": "no"})
        )
    assert not enquiring.answer(team.analyst, number, Reply("refused", "no lawful basis")).changed
    assert "relevant_history" in assessed(subject).checks
    with pytest.raises(WrongEnquiry, match="does not wait"):
        enquiring.answer(team.analyst, number, Reply("no_trace", "nothing"))


def test_an_answer_without_document_or_words_is_not_taken(team: Team) -> None:
    number = enquiring.ask(team.analyst, team.subject(named("one")), RECORDS)
    with pytest.raises(WrongEnquiry, match="Keep what came back"):
        enquiring.answer(team.analyst, number, Reply("answered"))


def test_media_in_an_answer_is_never_kept(team: Team) -> None:
    number = enquiring.ask(team.analyst, team.subject(named("one")), RECORDS)
    picture = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
    enquiring.answer(team.analyst, number, Reply("answered", document=Document("scan.jpg", picture)))
    with team.looking() as seen:
        kept = reads.enquiry(seen, number).document
    assert kept is not None and kept.startswith(b"[media cut: ") and picture[:16] not in kept


def test_a_chased_enquiry_says_how_often_and_a_withdrawn_one_waits_no_more(team: Team) -> None:
    subject = team.subject(named("one"))
    number = enquiring.ask(team.analyst, subject, RECORDS)
    enquiring.chase(team.analyst, number, "rang the bureau")
    with team.looking() as seen:
        assert reads.enquiry(seen, number).chased == 1
    enquiring.withdraw(team.analyst, number, "asked twice")
    assert state_of(number, team) == "withdrawn"
    with pytest.raises(WrongEnquiry, match="does not wait"):
        enquiring.chase(team.analyst, number, "again")


def test_an_enquiry_past_its_time_is_overdue(team: Team) -> None:
    number = enquiring.ask(team.analyst, team.subject(named("one")), RECORDS)
    with team.looking() as seen:
        seen.moment += timedelta(days=30)
        assert [each.state for each in reads.waiting(seen)] == ["overdue"]
        assert reads.enquiry(seen, number).state == "overdue"


def test_a_holder_is_told_of_what_changed_and_of_nothing_else(team: Team) -> None:
    subject = team.subject(named("one"))
    subjects.take(team.other, subject)
    first = enquiring.ask(team.analyst, subject, RECORDS)
    enquiring.answer(team.analyst, first, Reply("refused", "no"))
    assert query("select id from notice") == []
    second = enquiring.ask(team.analyst, subject, RECORDS)
    enquiring.answer(team.analyst, second, Reply("no_trace", "none", says={"relevant_history": "no"}))
    rows = query("select officer, enquiry, kind from notice")
    assert [tuple(row) for row in rows] == [(team.other.id, second, "enquiry answered")]
    third = enquiring.ask(team.other, subject, RECORDS)
    enquiring.answer(team.other, third, Reply("no_trace", "none", says={"earlier_warning": "no"}))
    assert len(query("select id from notice")) == 1


def test_an_answer_taken_back_waits_again_and_takes_its_statements_with_it(team: Team) -> None:
    subject = team.subject(named("one"))
    number = enquiring.ask(team.analyst, subject, RECORDS)
    shape = assessed(subject).facts
    enquiring.answer(team.analyst, number, Reply("no_trace", "none", says={"relevant_history": "no"}))
    enquiring.take_back_answer(team.analyst, number, "another man's record")
    assert assessed(subject).facts == shape
    assert state_of(number, team) == "open"


# --- an answer lapses


def test_no_trace_lapses_when_the_day_of_birth_is_taken_back_and_the_check_is_open_again(team: Team) -> None:
    subject = team.subject(named("one"))
    subjects.take(team.other, subject)
    number = enquiring.ask(team.analyst, subject, RECORDS)
    enquiring.answer(team.analyst, number, Reply("no_trace", "none", says={"relevant_history": "no"}))
    assert "relevant_history" not in assessed(subject).checks
    born = one("select id from statement where fact = 'age' and retracted_by is null")
    assert born is not None
    subjects.take_back(team.analyst, born.id, "a slip of the sender's")
    assert "relevant_history" in assessed(subject).checks
    with team.looking() as seen:
        found = reads.enquiry(seen, number)
    assert found.state == "lapsed" and "date of birth" in found.lapsed
    assert [row.kind for row in query("select kind from notice order by id")] == [
        "enquiry answered",
        "answer lapsed",
    ]


def test_a_later_version_with_another_name_lapses_the_answer_and_one_with_the_same_does_not(
    team: Team,
) -> None:
    told = labelled([named("one")])[0]
    team.take_in(told)
    subject = subject_of(told.label)
    number = enquiring.ask(team.analyst, subject, RECORDS)
    enquiring.answer(team.analyst, number, Reply("no_trace", "none", says={"relevant_history": "no"}))
    retell(told.label, "name|alex made-up", "name|alex made-up")
    recheck(team, subject)
    assert state_of(number, team) == "no_trace"
    retell(told.label, "name|alex made-up", "name|alec made-up")
    recheck(team, subject)
    assert state_of(number, team) == "lapsed"


def retell(label: str, old: str, new: str) -> None:
    """What a later version of a report does: the name is said again in a new row, perhaps otherwise."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import act
    from threshold.acts.writing import claim_rows, retract_rows

    mention = mentions_of(label)[0].id
    team = Team.here()
    with act(team.analyst, "tests", Power.STATE) as opened:
        rows = query(
            "select * from identifier where mention = %s and kind || '|' || folded = %s and retracted_by is null",
            [mention, old],
        )
        retract_rows(opened, "identifier", [row.id for row in rows])
        kind, text = new.split("|")
        claim_rows(
            opened,
            "identifier",
            ["mention", "kind", "received", "service", "key", "folded", "origin", "place"],
            [(mention, kind, text, "", f"{kind}|{text}", text, "self", "/") for _ in rows],
        )


def recheck(team: Team, subject: int) -> None:
    """Work the subject out again, as whatever comes in next does."""
    team.state(subject, "access_to_children", "not_known")


def test_undoing_a_link_lapses_what_was_asked_about_the_other(team: Team) -> None:
    first, second = team.subjects_of(Told("one", ips=("203.0.113.9",)), named("two"))
    link = subjects.same(team.analyst, first, second, "one man")
    number = enquiring.ask(team.analyst, first, RECORDS)
    enquiring.answer(team.analyst, number, Reply("no_trace", "none", says={"relevant_history": "no"}))
    assert "relevant_history" not in assessed(first).checks
    subjects.undo(team.analyst, link, "two men")
    # The name was the second's: its answer goes with it, and the first was never asked about.
    assert "relevant_history" in assessed(first).checks
    assert "relevant_history" not in assessed(second).checks
    assert state_of(number, team) == "no_trace"


def test_an_open_enquiry_lapses_too_and_a_late_answer_is_refused(team: Team) -> None:
    subject = team.subject(named("one"))
    number = enquiring.ask(team.analyst, subject, RECORDS)
    born = one("select id from statement where fact = 'age' and retracted_by is null")
    assert born is not None
    subjects.take_back(team.analyst, born.id, "a slip")
    with pytest.raises(WrongEnquiry, match="lapsed"):
        enquiring.answer(team.analyst, number, Reply("no_trace", "none"))


# --- connections


def test_forty_referrals_are_one_request_and_one_without_a_port_is_not_sent(team: Team) -> None:
    told = [Told(f"account-{n}", ips=(f"203.0.113.{n + 1}",)) for n in range(39)]
    found = team.subjects_of(*told)
    bare = team.subject(Told("bare", ips=("203.0.113.200",)))
    strip_port(bare)
    sent = enquiring.ask_connections(team.analyst, [*found, bare], AUTHORITY, applied="A-77")
    assert len(sent.enquiries) == 39
    assert [(each.subject, "no port" in each.why) for each in sent.not_sent] == [(bare, True)]
    assert "source port" in sent.not_sent[0].instead
    read = enquiring.read_file(team.analyst, "answers.csv", answers(team, list(sent.enquiries)))
    assert (read.answered, read.held) == (39, 0)
    # One home for the forty: nobody there is anybody.
    assert len(query("select id from premises")) == 1
    assert {assessed(subject).ladder for subject in found} == {1}
    with pytest.raises(WrongEnquiry, match="read already"):
        enquiring.read_file(team.analyst, "again.csv", answers(team, list(sent.enquiries)))


def strip_port(subject: int) -> None:
    """A connection as it comes without a port."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import act
    from threshold.acts.writing import claim_rows, retract_rows
    from threshold.people.normalise import connection

    row = one("select * from connection where mention = %s and retracted_by is null", [subject])
    assert row is not None
    unfit = connection(row.address, None, row.at, None).unfit
    with act(Team.here().analyst, "tests", Power.STATE) as opened:
        retract_rows(opened, "connection", [row.id])
        claim_rows(
            opened,
            "connection",
            ["mention", "address", "at_text", "at", "event", "unfit", "place"],
            [(row.mention, row.address, row.at_text, row.at, row.event, unfit, row.place)],
        )


def test_every_line_is_taken_or_held_with_its_reason(team: Team) -> None:
    found = team.subjects_of(*(Told(f"a{n}", ips=(f"203.0.113.{n + 1}",)) for n in range(5)))
    sent = enquiring.ask_connections(team.analyst, found, AUTHORITY).enquiries
    rows = list(csv.DictReader(io.StringIO(answers(team, list(sent)).decode())))
    rows[1]["looked_up_utc"] = "2026-11-09 22:14:05 UTC"
    rows[2]["looked_up_utc"] = "2026-11-09 21:14:05"
    rows[3]["our_reference"] = "T999-1-A"
    rows[4] |= {"result": "no trace", "words": "no record kept"}
    rows.append(rows[0])
    sink = io.StringIO()
    writer = csv.DictWriter(sink, ANSWER_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    read = enquiring.read_file(team.analyst, "answers.csv", sink.getvalue().encode())
    with team.looking() as seen:
        became = reads.file_lines(seen, read.file)
        missed = reads.near_misses(seen)
    assert [row.state for row in became] == ["answered", "held", "held", "held", "answered", "held"]
    reasons = [row.reason for row in became]
    assert "looked up is not what was asked: time" in reasons[1] and "with its zone" in reasons[2]
    assert "no enquiry with this reference" in reasons[3] and "no enquiry with this reference" in reasons[5]
    assert [state_of(n, team) for n in sent] == ["answered", "open", "open", "open", "no_trace"]
    assert [(row.enquiry, row.stage, row.by_whom) for row in missed] == [
        (sent[1], "looked_up", "Ann Analyst")
    ]
    assert "21:14:05 UTC, 2026-11-09 22:14:05 UTC" in missed[0].differed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "must name the columns"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"our_reference,result,result\n", "twice"),
        (b'our_reference,result\n"a', "CSV"),
        (b"x" * 5_000_001, "larger"),
    ],
)
def test_a_file_that_is_no_file_of_answers_is_refused_whole(team: Team, content: bytes, words: str) -> None:
    with pytest.raises(WrongSheet, match=words):
        enquiring.read_file(team.analyst, "answers.csv", content)
    assert query("select id from answer_file") == []


def test_a_billing_address_leads_nowhere_until_it_is_said_where_the_line_is(team: Team) -> None:
    subject = team.subject(Told("one", ips=("203.0.113.9",)))
    (number,) = enquiring.ask_connections(team.analyst, [subject], AUTHORITY).enquiries
    cells = {"installation_address": "", "billing_address": HOME}
    enquiring.read_file(team.analyst, "answers.csv", answers(team, [number], **cells))
    with team.looking() as seen:
        answer = reads.enquiry(seen, number).answer
        assert answer is not None
        kept = reads.resolution(seen, answer)
    assert kept is not None and (kept.billing, kept.installation, kept.premises) == (HOME, "", None)
    assert query("select id from led_to") == []
    enquiring.compare(team.analyst, [number], "asked")
    with pytest.raises(WrongEnquiry, match="where the line is installed"):
        enquiring.compare(team.analyst, [number], "answered")


def test_two_connections_of_one_subject_are_compared_and_a_disagreement_is_shown(team: Team) -> None:
    subject = team.subject(Told("one", ips=("203.0.113.9", "203.0.113.10")))
    first, second = enquiring.ask_connections(team.analyst, [subject], AUTHORITY).enquiries
    enquiring.read_file(team.analyst, "1.csv", answers(team, [first]))
    with team.looking() as seen:
        found = reads.reached(seen, subject, reads.of_subject(seen, subject))
        assert reads.agreement(found) == ""
    other = {"installation_address": "99 Elsewhere Road, Exampleton EX9 9ZZ"}
    enquiring.read_file(team.analyst, "2.csv", answers(team, [second], **other))
    with team.looking() as seen:
        found = reads.reached(seen, subject, reads.of_subject(seen, subject))
        assert reads.agreement(found).startswith("THE ANSWERS DISAGREE: 2 connections lead to 2 premises")


# --- three comparisons, and the ladder


def test_rung_two_needs_three_comparisons_and_an_address_stands_only_with_them(team: Team) -> None:
    subject = team.subject(Told("one", ips=("203.0.113.9",)))
    number, answer = resolved(team, subject)
    with pytest.raises(WrongEnquiry, match="nothing to compare"):
        enquiring.compare(team.analyst, [enquiring.ask(team.analyst, subject, Wish("sender", "x"))], "asked")
    for stage in ("asked", "looked_up"):
        enquiring.compare(team.analyst, [number], stage)  # type: ignore[arg-type]
        with pytest.raises(WrongStatement, match="three comparisons"):
            identifying.climb(team.analyst, subject, "2", answer=answer)
    assert not stands(subject)
    enquiring.compare(team.analyst, [number], "answered")
    assert stands(subject)
    identifying.climb(team.analyst, subject, "2", answer=answer)
    assert assessed(subject).ladder == 2
    assert verify().whole


def stands(subject: int) -> bool:
    row = one("select address_stands(%s, (select min(id) from premises)) as stands", [subject])
    return bool(row and row.stands)


def test_a_difference_that_somebody_signs_keeps_the_address_from_standing(team: Team) -> None:
    subject = team.subject(Told("one", ips=("203.0.113.9",)))
    number, answer = resolved(team, subject)
    compared(team, number)
    (noted,) = enquiring.compare(
        team.analyst, [number], "answered", "the answer names flat 2, the source none"
    )
    assert not stands(subject)
    with pytest.raises(WrongStatement):
        identifying.climb(team.analyst, subject, "2", answer=answer)
    enquiring.take_back_comparison(team.analyst, noted, "the wrong line was read")
    assert stands(subject)


def test_a_rung_falls_with_what_it_rests_on(team: Team) -> None:
    subject = team.subject(Told("one", ips=("203.0.113.9",)))
    number, answer = resolved(team, subject)
    compared(team, number)
    rung = identifying.climb(team.analyst, subject, "2", answer=answer)
    enquiring.take_back_answer(team.analyst, number, "another customer's record")
    assert assessed(subject).ladder == 1 and not stands(subject)
    row = one("select reason from statement_taken_back where statement = %s", [rung])
    assert row is not None and row.reason == "another customer's record"


def test_rung_three_needs_somebody_at_the_premises_and_falls_with_them(team: Team) -> None:
    subject, elsewhere = team.subject(), team.subject()
    home, _ = homes.add(team.analyst, subject, HOME, "a referral")
    who = homes.settle(team.analyst, home, Dweller("Pat", "adult", "the register"))
    with pytest.raises(WrongStatement, match="third rung"):
        identifying.climb(team.analyst, elsewhere, "3", occupant=who)
    with pytest.raises(WrongStatement, match="rests on evidence"):
        team.state(subject, "identity_ladder", "3")
    rung = identifying.climb(team.analyst, subject, "3", occupant=who)
    assert assessed(subject).ladder == 3
    homes.take_back_occupant(team.analyst, who, "moved out years ago")
    assert assessed(subject).ladder == 1
    row = one("select reason from statement_taken_back where statement = %s", [rung])
    assert row is not None and row.reason == RUNG_GONE


def test_rung_four_is_an_officers_word_with_its_source(team: Team) -> None:
    subject = team.subject()
    with pytest.raises(WrongStatement, match="source"):
        identifying.climb(team.analyst, subject, "4")
    identifying.climb(team.analyst, subject, "4", source="his own account in interview")
    assert assessed(subject).ladder == 4


# --- what is about to be deleted, and what to ask next


def test_evidence_that_can_still_be_asked_for_is_dated_until_it_is_answered(team: Team) -> None:
    subject = team.subject(Told("one", ips=("203.0.113.9",), at="2026-11-09T21:14:05Z"))
    assert assessed(subject).evidence_until == datetime(2027, 11, 9, 21, 14, 5, tzinfo=UTC)
    old = team.subject(Told("old", ips=("203.0.113.10",), at="2020-01-01T00:00:00Z"))
    assert assessed(old).evidence_until is None
    resolved(team, subject)
    assert assessed(subject).evidence_until is None


def test_the_next_enquiry_settles_most_for_least_and_says_what_is_out(team: Team) -> None:
    subject = team.subject(named("one", ips=("203.0.113.9",)))
    with team.looking() as seen:
        best = offered(seen, subject)
    assert best[0].can_be_asked and best[0].kind.id == "own_records"
    enquiring.ask(team.analyst, subject, Wish(best[0].kind.id, "common law"))
    with team.looking() as seen:
        later = offered(seen, subject)
    assert later[0].kind.id != best[0].kind.id
    out = next(offer for offer in later if offer.kind.id == best[0].kind.id)
    assert out.asked == 1 and not out.can_be_asked
    assert all(not set(out.settles) & set(offer.settles) for offer in later if offer.can_be_asked)
    home = next(offer for offer in best if offer.kind.id == "occupants")
    assert home.missing == "no premises are known" and not home.can_be_asked


def offered(seen: Any, subject: int) -> list[Any]:
    asked = reads.of_subject(seen, subject)
    found = enquiries.assessment(seen, subject)
    assert found is not None
    return reads.next_best(seen, subject, found, asked, reads.reached(seen, subject, asked))


# --- the database refuses


def refused(statement: str, *values: object) -> None:
    row = one("select coalesce(max(id), 0) + 1 as following from act")
    assert row is not None
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.UniqueViolation)), connection_block():
        execute("select set_config('threshold.act', %s, true)", [str(row.following)])
        execute(statement, [row.following, *values])


def test_the_database_refuses_what_the_rules_forbid(team: Team) -> None:
    subject = team.subject(Told("one", ips=("203.0.113.9",)))
    bare = team.subject(Told("bare", ips=("203.0.113.200",)))
    strip_port(bare)
    connection = one("select id from connection where mention = %s and retracted_by is null", [bare])
    assert connection is not None
    ask = """insert into enquiry (asserted_by, mention, kind, about, connection, asked_of, authority, applied,
                                  reference, asked, due)
             values (%s, %s, 'subscriber', 'connection', %s, 'x', 'y', '', 'T-x', 'x', now())"""
    refused(ask, bare, connection.id)
    number, answer = resolved(team, subject)
    open_one = enquiring.ask(team.analyst, subject, Wish("sender", "x"))
    refused(
        """insert into enquiry_answer (asserted_by, enquiry, result, document_name, words, received_at)
           values (%s, %s, 'answered', '', '', now())""",
        open_one,
    )
    rung = """insert into statement (asserted_by, mention, fact, known, choice, as_of, received_at, mark, source,
                                     words, place, officer, answer)
              values (%s, %s, 'identity_ladder', true, '2', now(), now(), 'fact', 'x', '', '', 1, %s)"""
    refused(rung, subject, answer)
    sign = """insert into comparison (asserted_by, enquiry, answer, stage, agrees, differed, officer)
              values (%s, %s, %s, %s, true, '', 1)"""
    refused(sign, number, None, "looked_up")
    refused(sign, open_one, None, "asked")
    refused(
        """insert into comparison (asserted_by, enquiry, answer, stage, agrees, differed, officer)
           select %s::bigint, %s::bigint, s.answer, s.stage, true, '', 1
           from (values (null::bigint, 'asked'), (%s::bigint, 'looked_up')) s(answer, stage)""",
        number,
        answer,
    )
    enquiring.compare(team.analyst, [number], "asked")
    refused(sign, number, None, "asked")
    refused(
        """insert into resolution (asserted_by, answer, connection, looked_up_address, looked_up_at, subscriber,
                                   installation, billing, unsaid)
           values (%s, %s, %s, 'x', now(), '', '', '', '')""",
        answer,
        connection.id,
    )
