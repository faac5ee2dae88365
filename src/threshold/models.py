"""Gathers the rows of every room, so that Django finds them in its one app."""

from threshold.acts.models import (
    Account,
    Act,
    Asked,
    Closure,
    ClosureReader,
    Erasure,
    Look,
    Officer,
    RoleGrant,
    RoleRequest,
    Stone,
)
from threshold.cases.models import Taken
from threshold.enquiries.models import (
    Assessment,
    PolicyInForce,
    PolicyProposal,
    Statement,
    StatementTakenBack,
    ToolResult,
)
from threshold.intake.models import Delivery, DeliveryPart, DeliveryRead, IntakeEntry, Report, SenderMap
from threshold.oversight.models import Answer, Audit
from threshold.people.models import (
    Activity,
    Connection,
    Identifier,
    Link,
    LinkKey,
    LinkUndone,
    Member,
    Mention,
)

__all__ = [
    "Account",
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
    "Erasure",
    "Identifier",
    "IntakeEntry",
    "Link",
    "LinkKey",
    "LinkUndone",
    "Look",
    "Member",
    "Mention",
    "Officer",
    "PolicyInForce",
    "PolicyProposal",
    "Report",
    "RoleGrant",
    "RoleRequest",
    "SenderMap",
    "Statement",
    "StatementTakenBack",
    "Stone",
    "Taken",
    "ToolResult",
]
