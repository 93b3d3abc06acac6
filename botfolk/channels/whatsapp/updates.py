"""Messages, and the echoes of what the team wrote in the WhatsApp Business app: the events each of them is."""

import re
from datetime import datetime
from typing import Any

from botfolk.channels.events import (
    AnyEvent,
    Echoed,
    Group,
    Happened,
    IdentityMoved,
    InboundMessage,
    Introduced,
    Json,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
)
from botfolk.channels.texts import clean, some
from botfolk.channels.whatsapp import content, profile
from botfolk.channels.whatsapp.around import Around, Strange
from botfolk.channels.whatsapp.payloads import Edit, Message, Reaction, Referral, Revoke, System
from botfolk.channels.whatsapp.profile import Person, known

_NOT_PASSED_ON = (131051, 130501)
_CHANGED = re.compile(r".*changed from (\S+) to (\S+)\s*", re.DOTALL)


def message(around: Around, said: Message) -> list[AnyEvent]:
    """Return a message's events. Raises Strange, Nobody."""
    if said.type == "system" and said.system is not None:
        return _system(around, said, said.system)
    who = around.person(said.from_user_id, said.from_parent_user_id, said.from_)
    common = _common(around, said, who)
    match said:
        case Message(type="reaction", reaction=Reaction() as reaction):
            emoji = some(reaction.emoji)
            group = _in_group(said, who)
            return [
                ReactionChanged(
                    external_id=clean(reaction.message_id), emoji=(emoji,) if emoji else (), **common, **group
                )
            ]
        case Message(type="edit", edit=Edit() as edit):
            return [_edited(edit, said, who, common)]
        case Message(type="revoke", revoke=Revoke() as revoke):
            return [MessageDeleted(external_id=clean(revoke.original_message_id), **common)]
        case Message(type="request_welcome"):
            return [Introduced(profile=who.profile, **common)]
    return [*_referral(said, who, common), _inbound(around, said, who, common)]


def _common(around: Around, said: Message, who: Person) -> dict[str, Any]:
    """Return what all events of a message share: in a group the user is the group."""
    group = said.group_id
    return {
        "dedupe_key": clean(said.id),
        "external_user_id": clean(group) if group else who.id,
        "at": around.moment(said.timestamp),
        "aliases": () if group else who.aliases,
        "account": around.account,
    }


def _in_group(said: Message, who: Person) -> dict[str, Any]:
    """Return whose words they are: the person's own profile, or the group and who in it said them."""
    if said.group_id:
        return {"group": Group(title=None), "sender": profile.sender(who)}
    return {"profile": who.profile}


def _inbound(around: Around, said: Message, who: Person, common: dict[str, Any]) -> InboundMessage:
    found = content.read(said, said.origin)
    if found is None:
        reason = _why(said)
        details = known({"type": said.type or "unknown", "reason": reason})
        theirs = {"group": Group(title=None)} if said.group_id else {"profile": who.profile}
        raise Strange(reason, Happened(kind="not_understood", details=details, **theirs, **common))
    spoken = _in_group(said, who)
    if not said.group_id:
        spoken["profile"] = profile.with_phone(who.profile, found.contact.get("phone"))
    context = said.context
    return InboundMessage(
        external_id=clean(said.id),
        kind=found.kind,
        text=found.text,
        sequence=around.index,
        media=found.media,
        details=found.details | _product(said),
        reply_to=some(context.id) if context else None,
        addressed=not said.group_id or _is_addressed(around, said, found.text),
        # Typing is shown by answering a message.
        address={} if said.group_id else {"message_id": clean(said.id)},
        **spoken,
        **common,
    )


def _why(said: Message) -> str:
    if not said.errors:
        return f"a message of a kind that is not known here: {clean(said.type, 64) or 'none'}"
    error = said.errors[0]
    if error.code in _NOT_PASSED_ON:
        return "WhatsApp does not pass messages of this kind on"
    details = error.error_data.details if error.error_data else None
    return clean(details or error.message or error.title or f"WhatsApp's error {error.code}", 300)


def _product(said: Message) -> Json:
    product = said.context.referred_product if said.context else None
    if product is None:
        return {}
    return {"product": known({"catalog": product.catalog_id, "product": product.product_retailer_id})}


def _is_addressed(around: Around, said: Message, text: str | None) -> bool:
    """Say whether something said in a group is said to the bot: an answer to it, or its number is mentioned."""
    own = around.own_number
    answered = re.sub("[^0-9]", "", (said.context.from_ or "") if said.context else "")
    if answered and answered in (own, around.account):
        return True
    return bool(own and re.search(rf"@\+?{own}\b", text or ""))


def _referral(said: Message, who: Person, common: dict[str, Any]) -> list[AnyEvent]:
    """Return how the person came, when an advertisement or post brought them."""
    if said.referral is None or said.group_id:
        return []
    details = _source(said.referral)
    key = f"{common['dedupe_key']}:referral"
    return [Happened(kind="referral", details=details, profile=who.profile, **common | {"dedupe_key": key})]


def _source(referral: Referral) -> Json:
    return known(
        {
            "source_type": referral.source_type,
            "source_id": referral.source_id,
            "source_url": referral.source_url,
            "headline": referral.headline,
            "body": referral.body,
            "ctwa_clid": referral.ctwa_clid,
        }
    )


def _reacted(reaction: Reaction, said: Message, who: Person, common: dict[str, Any]) -> ReactionChanged:
    emoji = some(reaction.emoji)
    return ReactionChanged(
        external_id=clean(reaction.message_id),
        emoji=(emoji,) if emoji else (),
        **_in_group(said, who),
        **common,
    )


def _edited(edit: Edit, said: Message, who: Person, common: dict[str, Any]) -> MessageEdited:
    now = content.read(edit.message)
    if now is None:
        raise Strange(f"an edit to a kind that is not known here: {edit.message.type or 'none'}")
    return MessageEdited(
        external_id=clean(edit.original_message_id),
        text=now.text,
        profile=None if said.group_id else who.profile,
        group=Group(title=None) if said.group_id else None,
        **common,
    )


def _system(around: Around, said: Message, system: System) -> list[AnyEvent]:
    """A person's number or business-scoped id is another one. The old id stands in different places, or in the text
    only, whose end is WhatsApp's own (the name before it is the person's, and may be anything)."""
    if system.type in ("customer_identity_changed", "user_identity_changed"):
        return []
    if system.type not in ("user_changed_number", "user_changed_user_id", "customer_changed_number"):
        raise Strange(f"a system message of a kind that is not known here: {system.type or 'none'}")
    wa_id = system.wa_id or system.new_wa_id
    now = system.user_id or wa_id
    told = _CHANGED.fullmatch(system.body or "")
    written = told[1] if told and told[2] in (system.user_id, wa_id) else None
    before = said.from_user_id or system.previous_user_id or said.from_ or written
    if not before or not now:
        raise Strange("somebody has another id, but it does not say who")
    names = (wa_id, system.user_id, system.parent_user_id, said.from_, system.previous_user_id)
    return [moved(around, clean(said.id), before, now, names, around.moment(said.timestamp))]


def moved(
    around: Around, key: str, before: str, now: str, names: tuple[str | None, ...], at: datetime
) -> IdentityMoved:
    """Return that a person has another id; `names` are all that are known of them."""
    aliases = dict.fromkeys(clean(name) for name in names if name and name not in (before, now))
    return IdentityMoved(
        dedupe_key=key,
        external_user_id=clean(before),
        new_external_user_id=clean(now),
        at=at,
        aliases=tuple(aliases),
        account=around.account,
    )


def echo(around: Around, said: Message) -> list[AnyEvent]:
    """Return what the team did in the WhatsApp Business app. Raises Strange, Nobody."""
    who = around.person(said.to_user_id, said.to_parent_user_id, said.to)
    common = _common(around, said, who)
    match said:
        case Message(type="revoke", revoke=Revoke() as revoke):
            return [MessageDeleted(external_id=clean(revoke.original_message_id), **common)]
        case Message(type="edit", edit=Edit() as edit):
            return [_edited(edit, said, who, common)]
        case Message(type="reaction" | "system"):
            return []
    found = content.read(said)
    if found is None:
        raise Strange(_why(said))
    return [
        Echoed(
            external_id=clean(said.id),
            kind=found.kind,
            text=found.text,
            media=found.media,
            details=found.details,
            **common,
        )
    ]
