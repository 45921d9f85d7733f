"""Alembic only runs inside a connection that `bot.storage.migrate` passes in."""

from alembic import context

from bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
    on_version_apply=context.config.attributes.get("on_version_apply", ()),
)
context.run_migrations()
