"""Cases in the admin: handlers see where a case stands and move it; supervisors keep flows and calendars.

Imported as a whole when the admin starts, which registers every screen.
"""

from cases.admin import case, flows, hand_overs, plans, records, waits

__all__ = ["case", "flows", "hand_overs", "plans", "records", "waits"]
