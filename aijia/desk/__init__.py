"""The desk: what waits on people now, each number a link to exactly its rows, in a fixed number of queries."""

from aijia.desk.page import dashboard

__all__ = ["dashboard"]
