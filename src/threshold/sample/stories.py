"""What happens, and what is reported of it: each story makes a few people and their reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from threshold.sample import frequencies as often
from threshold.sample.telling import (
    ENTICEMENT,
    INDECENT_IMAGES,
    MOLESTATION,
    UNSOLICITED,
    Described,
    File,
    Report,
    Teller,
)
from threshold.sample.world import COMPANIES, NOUGHTS, Account, Company, Person, World


class Stories:
    """Tells one story after another, as of one day."""

    today: datetime

    def __init__(self, world: World, teller: Teller) -> None:
        self.world = world
        self.teller = teller
        self.chance = world.chance
        self.met: list[Person] = []
        self.files = 0

    def tell(self, name: str, today: datetime) -> tuple[list[Person], list[Report]]:
        """The people of a story and their reports, in order; where too few people are left, a simple one."""
        self.today, self.met = today, []
        story, needs = TOLD[name]
        if needs > self.world.left:
            story = Stories.seen_once
        return self.met, story(self)

    def adult(self, story: str, like: Person | None = None) -> Person:
        return self._met(self.world.adult(story, self.today, like.household if like else None))

    def child(self, story: str, like: Person | None = None) -> Person:
        return self._met(self.world.child(story, self.today, like.household if like else None))

    def _met(self, person: Person) -> Person:
        self.met.append(person)
        return person

    def files_of(self, at: datetime, *, public: bool = False) -> tuple[File, ...]:
        found = []
        for number in range(self.chance.choice((1, 1, 1, 2, 3))):
            self.files += 1
            # One after another: of two that are alike in everything, the second would be the first once more.
            found.append(self.teller.file(self.files, at + timedelta(seconds=3 * number), public=public))
        return tuple(found)

    def report(self, account: Account, at: datetime, people: list[Described], **more: object) -> Report:
        """A report by the company of an account, with its reporter."""
        urgent = "A person says that a child is in danger" if self.teller.often(often.URGENT) else ""
        told = Report(
            account.company, self.world.reference(), INDECENT_IMAGES, at, tuple(people), urgent=urgent
        )
        return replace(told, **more)  # type: ignore[arg-type]

    def sighting(self, person: Person, account: Account, done: str, **more: object) -> Report:
        """One report of one account, of one upload or download."""
        at = self.teller.moment(self.today)
        people = [self.teller.describe(person, "reported", at, account)]
        return self.report(account, at, people, done=done, files=self.files_of(at), **more)

    # --- the stories

    def seen_once(self) -> list[Report]:
        person = self.adult("seen_once")
        account = self.world.account(person)
        return [self.sighting(person, account, self.chance.choice(("viewed", "downloaded", "not stated")))]

    def seen_again(self) -> list[Report]:
        """On one account or on several, with one service or several; the sender may name the earlier report."""
        person = self.adult("seen_again")
        accounts = [self.world.account(person)]
        reports: list[Report] = []
        for _ in range(self.chance.randint(*often.REPORTS_AGAIN)):
            if self.chance.random() < 0.4:
                accounts.append(self.world.account(person))
            told = self.sighting(person, self.chance.choice(accounts), "downloaded")
            earlier = [each for each in reports if each.company == told.company]
            if earlier and self.teller.often(often.SAYS_PRIOR):
                people = [
                    replace(each, prior=earlier[-1].reference) if each.role == "reported" else each
                    for each in told.people
                ]
                told = replace(told, people=tuple(people))
            reports.append(told)
        return reports

    def shared(self) -> list[Report]:
        """Sent to somebody, or offered on a peer-to-peer network."""
        person, other = self.adult("shared"), self.adult("shared")
        account = self.world.account(person)
        at = self.teller.moment(self.today)
        theirs = self.world.account(other, account.company)
        people = [
            self.teller.describe(person, "reported", at, account),
            self.teller.describe(other, "recipient", at, theirs),
        ]
        public = self.chance.random() < 0.3
        told = self.report(account, at, people, done="shared", files=self.files_of(at, public=public))
        if self.chance.random() < 0.3:
            told = replace(told, peer_to_peer=True, files=())
        return [told]

    def made_by_children(self) -> list[Report]:
        """A picture that a child made goes to another child; either may be reported for it, or harmed by it."""
        one, two = self.child("made_by_children"), self.child("made_by_children")
        account = self.world.account(one)
        theirs = self.world.account(two, account.company)
        at = self.teller.moment(self.today)
        first = self.report(
            account,
            at,
            [
                self.teller.describe(one, "reported", at, account),
                self.teller.describe(two, "recipient", at, theirs),
            ],
            done="shared",
            annotations=("minorToMinorInteraction",) if self.chance.random() < 0.6 else (),
            files=tuple(replace(file, sign="possibleSelfProduction") for file in self.files_of(at)),
            words="Two pupils of one school; no adult involved as far as we can see.",
        )
        if self.chance.random() < 0.6:
            return [first]
        later = at + timedelta(hours=self.chance.randint(2, 20))
        second = self.report(
            theirs,
            later,
            [
                self.teller.describe(two, "reported", later, theirs),
                self.teller.describe(one, "harmed", later, account),
            ],
            done="shared",
            files=self.files_of(later),
        )
        return [first, second]

    def groomed(self) -> list[Report]:
        """Words only: no file of any kind, and a child who is hardly described."""
        person, child = self.adult("groomed"), self.child("groomed")
        account = self.world.account(person)
        at = self.teller.moment(self.today)
        people = [
            self.teller.describe(person, "reported", at, account),
            self.teller.bare_child(child, at),
        ]
        incident = self.chance.choice((ENTICEMENT, ENTICEMENT, UNSOLICITED))
        words = "The user asked a child to move to another app and to keep it secret. Words only, no file."
        return [self.report(account, at, people, incident=incident, done="chat with a child", words=words)]

    def coerced(self) -> list[Report]:
        person = self.adult("coerced")
        account = self.world.account(person)
        at = self.teller.moment(self.today, back=20)
        people = [self.teller.describe(person, "reported", at, account)]
        for _ in range(min(self.chance.randint(*often.HARMED_BY_COERCION), self.world.left)):
            people.append(self.teller.bare_child(self.child("coerced"), at))
        return [
            self.report(
                account,
                at,
                people,
                incident=ENTICEMENT,
                done="asked a child for images",
                annotations=("sextortion", "csamSolicitation"),
                urgent="The user threatens to publish pictures of a child",
            )
        ]

    def family(self) -> list[Report]:
        """Two adults and a child at one address. The adults share a connection, and one device or none.

        They never share two strong identifiers: that would make them one person by the second rule.
        """
        one = self.adult("family")
        two, child = self.adult("family", one), self.child("family", one)
        two.last = child.last = one.last
        shares_device = self.chance.random() < 0.5
        reports = []
        at = self.teller.moment(self.today)
        for person, minutes in ((one, 0), (two, 12)):
            account = self.world.account(person)
            then = at + timedelta(minutes=minutes)
            described = self.teller.describe(person, "reported", then, account)
            described = replace(
                described,
                account=account,
                name=(person.first, person.last),
                address=person.household.address,
                device=person.household.device if shares_device else described.device,
                planted="device of the household" if shares_device else "",
                lives_with_children="yes",
            )
            people = [described]
            if person is two:
                parent = self.world.account(child, account.company)
                people.append(self.teller.describe(child, "associated", then, parent))
            reports.append(self.report(account, then, people, done="viewed", files=self.files_of(then)))
        return reports

    def contact(self) -> list[Report]:
        """A child who lives with them."""
        person = self.adult("contact")
        child = self.child("contact", person)
        child.last = person.last
        account = self.world.account(person)
        at = self.teller.moment(self.today, back=30)
        described = replace(
            self.teller.describe(person, "reported", at, account),
            lives_with_children="yes",
            access_to_children=True,
        )
        people = [described, self.teller.bare_child(child, at)]
        return [
            self.report(account, at, people, incident=MOLESTATION, done="shared", files=self.files_of(at))
        ]

    def impersonated(self) -> list[Report]:
        """Somebody gives a stranger's name, e-mail and telephone as their own; the stranger is also seen."""
        stranger, pretender = self.adult("impersonated"), self.adult("impersonated")
        first = self.sighting(stranger, self.world.account(stranger), "viewed")
        account = self.world.account(pretender)
        at = self.teller.moment(self.today)
        described = replace(
            self.teller.describe(pretender, "reported", at, account),
            account=account,
            name=(stranger.first, stranger.last),
            emails=((stranger.email, True),),
            phones=((stranger.phone, True),) if stranger.phone else (),
            planted=f"name, e-mail and telephone of person {stranger.number}",
        )
        return [first, self.report(account, at, [described], done="shared", files=self.files_of(at))]

    def taken_over(self) -> list[Report]:
        """An account is used by somebody else; its owner was reported with it before."""
        owner, intruder = self.adult("taken_over"), self.adult("taken_over")
        account = self.world.account(owner)
        first = self.sighting(owner, account, "viewed")
        at = self.teller.moment(self.today, back=20)
        intruder.earliest = at
        described = replace(
            self.teller.describe(owner, "reported", at, account),
            person=intruder,
            account=account,
            seen=self.teller.seen(intruder, at),
            device=intruder.device,
            compromised=True,
            planted=f"account and description of person {owner.number}",
        )
        words = "The owner says that the account was taken over."
        return [first, self.report(account, at, [described], done="shared", words=words)]

    def look_alike(self) -> list[Report]:
        """Two accounts of one service that are the same number but for the noughts before it."""
        one, two = self.adult("look_alike"), self.adult("look_alike")
        account = self.world.account(one, NOUGHTS)
        other = Account(NOUGHTS, account.name.lstrip("0"), account.screen_name)
        two.accounts.append(other)
        return [self.sighting(one, account, "viewed"), self.sighting(two, other, "viewed")]

    def bundle(self) -> list[Report]:
        """Something that went round: many accounts in one report, and nothing known of any but its name."""
        company: Company = self.chance.choice(COMPANIES)
        at = self.teller.moment(self.today)
        people = []
        for _ in range(min(self.chance.randint(*often.BUNDLE), self.world.left)):
            person = self.adult("bundle")
            person.earliest = at
            people.append(Described(person, "reported", self.world.account(person, company)))
        account = people[0].account
        assert account is not None
        told = self.report(account, at, people, batched=True, urgent="")
        one = people[-1].person
        # One of them is seen again by themselves.
        return [told, self.sighting(one, one.accounts[0], "viewed")]


# Each story, and the people it needs.
TOLD: dict[str, tuple[Callable[[Stories], list[Report]], int]] = {
    "seen_once": (Stories.seen_once, 1),
    "seen_again": (Stories.seen_again, 1),
    "shared": (Stories.shared, 2),
    "made_by_children": (Stories.made_by_children, 2),
    "groomed": (Stories.groomed, 2),
    "family": (Stories.family, 3),
    "coerced": (Stories.coerced, 2),
    "impersonated": (Stories.impersonated, 2),
    "taken_over": (Stories.taken_over, 2),
    "look_alike": (Stories.look_alike, 2),
    "contact": (Stories.contact, 2),
    "bundle": (Stories.bundle, 2),
}
