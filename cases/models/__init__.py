"""Who waits for whom: flows, cases, participants, waiting items, materials, writebacks."""

from cases.models.case import (
    CaseConversation,
    CaseNote,
    CaseState,
    Participant,
    Role,
    ServiceCase,
    StatusFact,
)
from cases.models.flow import (
    BusinessClass,
    Calendar,
    CalendarException,
    DueRule,
    MaterialRequirement,
    Proof,
    ServiceContext,
    ServiceFlow,
)
from cases.models.waiting import (
    CLOSED_STATES,
    OPEN_STATES,
    Material,
    Reminder,
    WaitingItem,
    WaitState,
    WaitTransition,
    Writeback,
    WritebackState,
)

__all__ = [
    "CLOSED_STATES",
    "OPEN_STATES",
    "BusinessClass",
    "Calendar",
    "CalendarException",
    "CaseConversation",
    "CaseNote",
    "CaseState",
    "DueRule",
    "Material",
    "MaterialRequirement",
    "Participant",
    "Proof",
    "Reminder",
    "Role",
    "ServiceCase",
    "ServiceContext",
    "ServiceFlow",
    "StatusFact",
    "WaitState",
    "WaitTransition",
    "WaitingItem",
    "Writeback",
    "WritebackState",
]
