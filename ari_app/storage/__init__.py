"""Where calls, facts, operators and accounts are kept: SQLAlchemy Core on SQLite or PostgreSQL."""
