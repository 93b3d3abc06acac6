"""Accounts of people who sign in, their places in a bot's team, and API tokens."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import UUID

from botfolk.db.schema.columns import belongs_to, document, metadata, moment, number, of_bot, string, uuid, yes_no


def _account() -> Column[object]:
    return Column("account_id", UUID(), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False)


accounts = Table(
    "accounts",
    metadata,
    uuid("id", key=True),
    string("email"),
    string("name"),
    string("password_hash", null=True),
    string("timezone", "UTC"),
    # how dates and numbers are written, and in which language where there are texts in it
    string("locale", "en-GB"),
    moment("created_at", now=True),
)
Index("accounts_email", func.lower(accounts.c.email), unique=True)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    uuid("id", key=True),
    _account(),
    Column("token_hash", LargeBinary(), nullable=False, unique=True),
    moment("created_at", now=True),
    moment("expires_at"),
    moment("used_at", null=True),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    uuid("id", key=True),
    _account(),
    Column("token_hash", LargeBinary(), nullable=False, unique=True),
    moment("created_at", now=True),
    moment("expires_at"),
    string("agent", ""),
)
Index("sign_ins_account", sign_ins.c.account_id)

members = Table(
    "members",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    _account(),
    # owner, admin, agent, viewer
    string("role"),
    yes_no("is_active", True),
    moment("created_at", now=True),
    of_bot(),
    UniqueConstraint("bot_id", "account_id"),
)
Index("members_account", members.c.account_id)

# A link that lets somebody join a bot's team, once.
invitations = Table(
    "invitations",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("email"),
    string("role"),
    Column("token_hash", LargeBinary(), nullable=False, unique=True),
    uuid("invited_by", null=True),
    moment("created_at", now=True),
    moment("expires_at"),
    moment("accepted_at", null=True),
    moment("revoked_at", null=True),
    belongs_to("members", "invited_by", cascade=True),
    of_bot(),
)

# Public keys to sign in with: https://www.w3.org/TR/webauthn-3/
passkeys = Table(
    "passkeys",
    metadata,
    uuid("id", key=True),
    _account(),
    Column("credential_id", LargeBinary(), nullable=False, unique=True),
    Column("public_key", LargeBinary(), nullable=False),
    number("sign_count", 0, big=True),
    string("name", ""),
    moment("created_at", now=True),
    moment("used_at", null=True),
)
Index("passkeys_account", passkeys.c.account_id)

# What a browser was asked to sign; each is good once.
passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    Column("challenge", LargeBinary(), primary_key=True),
    Column("account_id", UUID(), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True),
    moment("expires_at"),
)

# How a member likes their pages: the columns of a table, their widths and order, kinds of lines hidden.
preferences = Table(
    "preferences",
    metadata,
    uuid("bot_id", key=True),
    uuid("member_id", key=True),
    Column("name", Text(), primary_key=True),
    document("value"),
    belongs_to("members", "member_id", cascade=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("name"),
    string("role"),
    Column("token_hash", LargeBinary(), nullable=False),
    # who made it; it dies with that member's deactivation
    uuid("member_id", null=True),
    moment("created_at", now=True),
    moment("revoked_at", null=True),
    belongs_to("members", "member_id", cascade=True),
    of_bot(),
)
Index("api_tokens_hash", api_tokens.c.token_hash)
