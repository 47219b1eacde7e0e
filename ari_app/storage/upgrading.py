"""Brings the schema to a revision, by Alembic; imported only where there is something to migrate."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str) -> None:
    """Migrate on this connection, within its transaction."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def alembic_config() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", "ari_app.storage:migrations")
    config.set_main_option("path_separator", "os")
    return config
