"""The triggers that note which users a transaction changed, whatever statement of whichever room changed them.

One row of `touched` a statement: 1 to 2 µs a user in batches. Where a statement seldom changes what is noted, as of
identities, only those that name the column fire.
"""

_NOTED = """
CREATE FUNCTION botfolk_touched_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touched (bot_id, xid, part, users)
    SELECT bot_id, pg_current_xact_id()::text::bigint, TG_ARGV[0], array_agg({user}) FROM changed GROUP BY bot_id;
    RETURN NULL;
END $$
"""
_NOTED_OF_A_ROW = """
CREATE FUNCTION botfolk_touched_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touched (bot_id, xid, part, users)
    VALUES (NEW.bot_id, pg_current_xact_id()::text::bigint, TG_ARGV[0], {users});
    RETURN NULL;
END $$
"""
_PARTS = (
    ("users", "profile", ("INSERT", "UPDATE", "DELETE")),
    ("user_stats", "statistics", ("INSERT", "UPDATE")),
    ("user_tags", "tags", ("INSERT", "DELETE")),
    ("identities", "channels", ("INSERT", "DELETE")),
)
_MOVES = (("user_tags", "tags", "user_id, tag_id"), ("identities", "channels", "user_id, channel_id"))
_NAMES = (("tags", "name"), ("channels", "name, kind"))


def statements() -> list[str]:
    """Return what makes the triggers."""
    made = [_NOTED.format(name=name, user=user) for name, user in (("of", "user_id"), ("users", "id"))]
    made += [
        _NOTED_OF_A_ROW.format(name=name, users=users)
        for name, users in (("moved", "ARRAY[OLD.user_id, NEW.user_id]"), ("named", "'{}'"))
    ]
    for table, part, events in _PARTS:
        noted = "users" if table == "users" else "of"
        made += [
            f"CREATE TRIGGER touched_{event.lower()} AFTER {event} ON {table}"
            f" REFERENCING {'OLD' if event == 'DELETE' else 'NEW'} TABLE AS changed"
            f" FOR EACH STATEMENT EXECUTE FUNCTION botfolk_touched_{noted}('{part}')"
            for event in events
        ]
    made += [
        f"CREATE TRIGGER touched_move AFTER UPDATE OF {columns} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION botfolk_touched_moved('{part}')"
        for table, part, columns in _MOVES
    ]
    made += [
        f"CREATE TRIGGER touched_name AFTER UPDATE OF {columns} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION botfolk_touched_named('names')"
        for table, columns in _NAMES
    ]
    return made


def taken_back() -> list[str]:
    """Return what removes them."""
    names = ("of", "users", "moved", "named")
    return [f"DROP FUNCTION botfolk_touched_{name}() CASCADE" for name in names]
