"""PostgreSQL itself publishes the changes in tables that every process holds in memory.

Revision: 0008
Revises: 0007
Why: each store call had to publish its change to the other processes, and a forgotten call was not noticed.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# One event is one statement: its kind is the table and the operation, its rows are JSON. `notjustyou.origin` is the
# process that wrote it; a session without one is heard by all, and one with 'none' publishes nothing. NOTIFY takes a
# lock on the whole database at the commit, so a session sends it twice a second at most.
_FUNCTIONS = {
    "publish_change(kind text, changes json) RETURNS void": """
        DECLARE
            wrote text := coalesce(nullif(current_setting('notjustyou.origin', true), ''), '0');
            woke float8 := coalesce(nullif(current_setting('notjustyou.woke', true), ''), '0')::float8;
            moment float8 := extract(epoch FROM clock_timestamp());
        BEGIN
            IF changes IS NULL OR wrote = 'none' THEN
                RETURN;
            END IF;
            INSERT INTO change_event (origin, at, document)
                VALUES (wrote::bigint, floor(moment)::bigint, json_build_array(kind, changes)::text);
            IF abs(moment - woke) >= 0.5 THEN
                PERFORM set_config('notjustyou.woke', moment::text, false), pg_notify('notjustyou_events', '');
            END IF;
        END
    """,
    "publish_rows() RETURNS trigger": """
        BEGIN
            PERFORM publish_change(TG_TABLE_NAME || ' ' || TG_OP, (SELECT json_agg(changed) FROM changed));
            RETURN NULL;
        END
    """,
    # The service by its name, because another process may not know its number.
    "publish_rows_of_service() RETURNS trigger": """
        BEGIN
            PERFORM publish_change(TG_TABLE_NAME || ' ' || TG_OP, (SELECT json_agg(one) FROM (
                SELECT changed.*, (SELECT slug FROM service WHERE id = changed.service_id) AS service FROM changed
            ) one));
            RETURN NULL;
        END
    """,
    # One column is enough; with a second argument only of rows that are younger than so many seconds.
    "publish_keys() RETURNS trigger": """
        BEGIN
            PERFORM publish_change(TG_TABLE_NAME || ' ' || TG_OP, (
                SELECT json_agg(row -> TG_ARGV[0]) FROM (SELECT to_jsonb(changed) AS row FROM changed) one
                WHERE TG_NARGS < 2
                OR (row ->> 'at')::bigint > extract(epoch FROM clock_timestamp()) - TG_ARGV[1]::bigint
            ));
            RETURN NULL;
        END
    """,
    # Newest first: a person's next one counts again. Memory holds one day: a purge of older ones is left out.
    "publish_deleted_reports() RETURNS trigger": """
        BEGIN
            PERFORM publish_change('report DELETE', (SELECT json_agg(one) FROM (
                SELECT id, reporter, (SELECT slug FROM service WHERE id = changed.service_id) AS service
                FROM changed WHERE at > extract(epoch FROM clock_timestamp()) - 172800 ORDER BY id DESC
            ) one));
            RETURN NULL;
        END
    """,
    # There may be a post for each of thousands of servers: whoever wants them reads them.
    "publish_new_posts() RETURNS trigger": """
        BEGIN
            PERFORM publish_change('post INSERT', (
                SELECT json_build_array(json_build_object('first', min(id), 'last', max(id)))
                FROM changed HAVING count(*) > 0
            ));
            RETURN NULL;
        END
    """,
    # Only what changed: several processes write different columns of one post.
    "publish_changed_posts() RETURNS trigger": """
        BEGIN
            PERFORM publish_change('post UPDATE', (SELECT json_agg(difference) FROM (
                SELECT (
                    SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(changed))
                    WHERE key = 'id' OR value IS DISTINCT FROM to_jsonb(before) -> key
                ) AS difference FROM changed JOIN before ON before.id = changed.id
            ) one));
            RETURN NULL;
        END
    """,
}
_TRIGGERS = (
    ("report", "INSERT", "publish_rows_of_service()"),
    ("report", "UPDATE", "publish_rows_of_service()"),
    ("report", "DELETE", "publish_deleted_reports()"),
    ("guild_settings", "INSERT", "publish_rows()"),
    ("guild_settings", "UPDATE", "publish_rows()"),
    ("guild_settings", "DELETE", "publish_keys('guild_id')"),
    ("opt_out", "INSERT", "publish_keys('reporter')"),
    ("opt_out", "DELETE", "publish_keys('reporter')"),
    ("removed_server", "INSERT", "publish_keys('guild_id')"),
    ("removed_server", "UPDATE", "publish_keys('guild_id')"),
    ("removed_server", "DELETE", "publish_keys('guild_id')"),
    ("rule_score", "DELETE", "publish_keys('guild_id')"),
    ("auto_reply", "DELETE", "publish_keys('message_id', '172800')"),
    ("closed_channel", "DELETE", "publish_keys('channel_id')"),
    ("watch", "INSERT", "publish_keys('service_id')"),
    ("watch", "UPDATE", "publish_keys('service_id')"),
    ("outage", "INSERT", "publish_rows_of_service()"),
    ("outage", "UPDATE", "publish_rows_of_service()"),
    ("outage", "DELETE", "publish_keys('id')"),
    ("post", "INSERT", "publish_new_posts()"),
    ("post", "UPDATE", "publish_changed_posts()"),
    ("post", "DELETE", "publish_keys('id')"),
)
_ROWS = {
    "INSERT": "NEW TABLE AS changed",
    "UPDATE": "OLD TABLE AS before NEW TABLE AS changed",
    "DELETE": "OLD TABLE AS changed",
}


def upgrade() -> None:
    """Rename the table; with SQLite, which has a single process, that is all."""
    op.rename_table("news", "change_event")
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DELETE FROM change_event")  # written in another form, and no longer read
    for head, body in _FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {head} LANGUAGE plpgsql AS $${body}$$")
    for table, operation, function in _TRIGGERS:
        op.execute(
            f"CREATE TRIGGER publish_{operation.lower()} AFTER {operation} ON {table} "
            f"REFERENCING {_ROWS[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {function}"
        )


def downgrade() -> None:
    """Drop the triggers."""
    if op.get_bind().dialect.name == "postgresql":
        for head in _FUNCTIONS:
            op.execute(f"DROP FUNCTION {head.partition('(')[0]} CASCADE")
    op.rename_table("change_event", "news")
