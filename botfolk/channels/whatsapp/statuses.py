"""What became of what we sent, and what people decided about us."""

from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from botfolk.channels.contract import Failed, Later
from botfolk.channels.events import AnyEvent, ConsentChanged, StatusChanged
from botfolk.channels.texts import clean
from botfolk.channels.whatsapp import errors, updates
from botfolk.channels.whatsapp.around import Around, Strange
from botfolk.channels.whatsapp.payloads import Error, IdUpdate, Preference, Status
from botfolk.channels.whatsapp.profile import Person

_Ours = Literal["sent", "delivered", "read", "failed"]

_STATUSES: dict[str, _Ours] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
"""A voice message that was played was read."""


def status(around: Around, told: Status) -> list[AnyEvent]:
    """Return what became of a message. Raises Strange, Nobody."""
    ours = _STATUSES.get(told.status)
    if ours is None:
        raise Strange(f"a status that is not known here: {told.status}")
    user_id, aliases = _about(around, told)
    common: dict[str, Any] = {
        "external_user_id": user_id,
        "at": around.moment(told.timestamp),
        "aliases": aliases,
        "account": around.account,
    }
    key = clean(f"{told.id}:{told.status}")
    why = failure(told.errors) if ours == "failed" else None
    changed = StatusChanged(
        dedupe_key=key,
        status=ours,
        external_id=clean(told.id),
        message_id=_ours(told.biz_opaque_callback_data),
        reason=why.reason if why else None,
        unreachable=why.state if isinstance(why, Failed) and why.unreachable else None,
        **common,
    )
    if why is None or not told.errors or told.errors[0].code != errors.STOPPED_MARKETING:
        return [changed]
    stopped = ConsentChanged(dedupe_key=f"{key}:stopped", allowed=False, scope="marketing", reason=why.reason, **common)
    return [changed, stopped]


def _about(around: Around, told: Status) -> tuple[str, tuple[str, ...]]:
    """Return whom a status is about and their other ids. A group's status names who of it has the message, too; one to
    a business-scoped id may have no recipient_id."""
    if told.recipient_type == "group" and told.recipient_id:
        return clean(told.recipient_id), ()
    parent = told.recipient_parent_user_id or told.parent_recipient_user_id
    who: Person = around.person(told.recipient_user_id, parent, told.recipient_id)
    return who.id, who.aliases


def failure(reported: list[Error] | None) -> Failed | Later:
    """Return what went wrong, by the first of the errors."""
    if not reported:
        return Failed(reason="WhatsApp could not deliver it, and does not say why")
    first = reported[0]
    details = first.error_data.details if first.error_data else None
    return errors.told(first.code, details or first.message or first.title)


def _ours(data: str | None) -> UUID | None:
    """Return our id of the message, if it is one that we gave."""
    try:
        return UUID(data) if data else None
    except ValueError:
        return None


def preference(around: Around, told: Preference) -> list[AnyEvent]:
    """Return that a person stops or resumes marketing. It has no id of its own. Raises Strange, Nobody."""
    if told.category != "marketing_messages" or told.value not in ("stop", "resume"):
        raise Strange(f"a preference that is not known here: {told.category}, {told.value}")
    who = around.person(told.user_id, told.parent_user_id, told.wa_id)
    unique = sha256("\n".join((who.id, told.value, str(told.timestamp))).encode()).hexdigest()
    changed = ConsentChanged(
        dedupe_key=f"preference:{unique}",
        external_user_id=who.id,
        at=around.moment(told.timestamp),
        aliases=who.aliases,
        account=around.account,
        allowed=told.value == "resume",
        scope="marketing",
        reason=clean(told.detail or ""),
        profile=who.profile,
    )
    return [changed]


def id_update(around: Around, told: IdUpdate) -> list[AnyEvent]:
    """Return that a person's business-scoped id is another one. Raises Strange."""
    before, now = told.user_id.previous, told.user_id.current
    if not before or not now:
        raise Strange("a business-scoped id changed, but it does not say from which to which")
    parent = told.parent_user_id
    names = (told.wa_id, parent.current if parent else None, parent.previous if parent else None)
    key = clean(f"moved:{before}:{now}", None)
    return [updates.moved(around, key, before, now, names, around.moment(told.timestamp))]
