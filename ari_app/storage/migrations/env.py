"""Alembic's entry: migrates on the connection handed over by `storage.database`, in one transaction."""

from alembic import context

from ari_app.storage.campaign_schema import contacts

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=contacts.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
