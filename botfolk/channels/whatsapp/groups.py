"""What happens to groups and to who is in them."""

from typing import Any

from botfolk.channels.events import AnyEvent, Group, Happened, Introduced, ReachabilityChanged
from botfolk.channels.texts import clean, some
from botfolk.channels.whatsapp.around import Around, Strange
from botfolk.channels.whatsapp.payloads import GroupNews, Participant

_ENDS = {
    "group_delete": (False, "the group was deleted"),
    "group_suspend": (False, "WhatsApp suspended the group"),
    "group_suspend_cleared": (True, "WhatsApp lets the group go on"),
}


def news(around: Around, told: GroupNews) -> list[AnyEvent]:
    """Return what happened to a group. Raises Strange."""
    if told.errors:
        raise Strange(f"WhatsApp could not do it: {told.type}")
    common: dict[str, Any] = {
        "dedupe_key": clean(f"group:{told.group_id}:{told.type}:{told.timestamp}"),
        "external_user_id": clean(told.group_id),
        "at": around.moment(told.timestamp),
        "account": around.account,
    }
    match told.type:
        case "group_create":
            return [Introduced(group=Group(title=some(told.subject)), **common)]
        case "group_settings_update":
            subject = told.group_subject
            title = some(subject.text) if subject and subject.update_successful else None
            return [Introduced(group=Group(title=title), **common)] if title else []
        case "group_participants_add":
            return [_came_or_went("joined", told.added_participants, common)]
        case "group_participants_remove":
            return [_came_or_went("left", told.removed_participants, common)]
        case "group_join_request_created" | "group_join_request_revoked":
            return []
        case "group_delete" | "group_suspend" | "group_suspend_cleared":
            reachable, reason = _ENDS[told.type]
            return [ReachabilityChanged(reachable=reachable, reason=reason, group=Group(title=None), **common)]
    raise Strange(f"news of a group of a kind that is not known here: {told.type}")


def _came_or_went(kind: Any, people: list[Participant], common: dict[str, Any]) -> Happened:
    names = [some(one.username) or some(one.user_id) or some(one.wa_id) or some(one.input) for one in people]
    told = [name for name in names if name]
    unique = f"{common['dedupe_key']}:{','.join(sorted(told))}"
    return Happened(
        kind=kind, details={"people": told}, group=Group(title=None), **common | {"dedupe_key": clean(unique, 1000)}
    )
