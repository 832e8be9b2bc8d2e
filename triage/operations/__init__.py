"""React to messages and deadlines: understand, match, plan, draft, gate, act. One worker at a time on a conversation, in order.

The README of the room has the map of its modules.
"""
