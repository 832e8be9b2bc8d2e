"""What is there to say, to whom, of which kind, and what moves: from what was understood and matched. Writes nothing.

The README of the room has the map of its modules.
"""
