"""Tells an entry that the database will never take from a database that is away, locked or full."""

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

_REFUSING = (DataError, IntegrityError)
_BARE = (sqlite3.DataError, sqlite3.IntegrityError)
"""As the driver says it where it is asked without SQLAlchemy in between."""


def is_refused(error: Exception) -> bool:
    """Whether trying the same content again is pointless; all else (locked, full, away) is worth it."""
    if isinstance(error, DBAPIError):
        return isinstance(error, _REFUSING) and not error.connection_invalidated
    return isinstance(error, (StatementError, UnicodeError, OverflowError, *_BARE))
