"""Gathers the rows of every room, so that Django finds them in its one app."""

from threshold.acts.models import (
    Act,
    Asked,
    Closure,
    ClosureReader,
    Look,
    Officer,
    RoleGrant,
    RoleRequest,
    Stone,
)
from threshold.cases.models import Taken
from threshold.enquiries.models import Assessment, PolicyInForce, Statement, StatementTakenBack
from threshold.intake.models import Delivery, DeliveryPart, DeliveryRead, IntakeEntry, Report, SenderMap
from threshold.oversight.models import Answer, Audit
from threshold.people.models import (
    Activity,
    Connection,
    HomeTakenBack,
    Identifier,
    LedTo,
    Link,
    LinkKey,
    LinkUndone,
    Member,
    Mention,
    Occupant,
    Premises,
)

__all__ = [
    "Act",
    "Activity",
    "Answer",
    "Asked",
    "Assessment",
    "Audit",
    "Closure",
    "ClosureReader",
    "Connection",
    "Delivery",
    "DeliveryPart",
    "DeliveryRead",
    "HomeTakenBack",
    "Identifier",
    "IntakeEntry",
    "LedTo",
    "Link",
    "LinkKey",
    "LinkUndone",
    "Look",
    "Member",
    "Mention",
    "Occupant",
    "Officer",
    "PolicyInForce",
    "Premises",
    "Report",
    "RoleGrant",
    "RoleRequest",
    "SenderMap",
    "Statement",
    "StatementTakenBack",
    "Stone",
    "Taken",
]
