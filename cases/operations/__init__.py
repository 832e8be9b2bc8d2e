"""Public writes about cases and waits, a module for each matter. Every one locks the case, moves rows, and records evidence on its chain.

This names what other rooms may call; what is not named here is shared by the modules alone.
"""

from cases.operations.automation import resume_automation, stop_automation
from cases.operations.clocks import asking_delivered, defer_wait, pause_wait, resume_wait, set_due
from cases.operations.closing import cancel_case, close_joined, complete_case, reopen_case
from cases.operations.common import Fact, bump, is_overtaken, lock_cases, lock_wait, subject_of
from cases.operations.debts import owe_again, owe_ourselves, take_up_again
from cases.operations.hand_overs import (
    HAND_OVER_WITHIN,
    accept_hand_over,
    decline_hand_over,
    offer_hand_over,
    sweep_hand_overs,
)
from cases.operations.materials import add_material, judge_material, move_material, receive_materials
from cases.operations.notes import add_note, mentioned_in, note_fact, see_mentions
from cases.operations.opening import add_participant, link_conversation, open_case
from cases.operations.owners import fall_to, give_to_duty, hand_over_wait, note_wait, responsible_owner, successor
from cases.operations.plans import end_plan, plan_case, sweep_plans
from cases.operations.waits import cancel_wait, complete_wait, move_wait, open_wait, pass_on_wait
from cases.operations.writebacks import mark_writeback_told, owe_writeback, settle_writeback

__all__ = [
    "HAND_OVER_WITHIN",
    "Fact",
    "accept_hand_over",
    "add_material",
    "add_note",
    "add_participant",
    "asking_delivered",
    "bump",
    "cancel_case",
    "cancel_wait",
    "close_joined",
    "complete_case",
    "complete_wait",
    "decline_hand_over",
    "defer_wait",
    "end_plan",
    "fall_to",
    "give_to_duty",
    "hand_over_wait",
    "is_overtaken",
    "judge_material",
    "link_conversation",
    "lock_cases",
    "lock_wait",
    "mark_writeback_told",
    "mentioned_in",
    "move_material",
    "move_wait",
    "note_fact",
    "note_wait",
    "offer_hand_over",
    "open_case",
    "open_wait",
    "owe_again",
    "owe_ourselves",
    "owe_writeback",
    "pass_on_wait",
    "pause_wait",
    "plan_case",
    "receive_materials",
    "reopen_case",
    "responsible_owner",
    "resume_automation",
    "resume_wait",
    "see_mentions",
    "set_due",
    "settle_writeback",
    "stop_automation",
    "subject_of",
    "successor",
    "sweep_hand_overs",
    "sweep_plans",
    "take_up_again",
]
