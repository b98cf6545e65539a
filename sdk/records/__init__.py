"""What stays of a session that ended: a row of fixed size for reports, and its whole record.

Only `reading` and `export` touch the bus or a file; all else is pure.
"""
