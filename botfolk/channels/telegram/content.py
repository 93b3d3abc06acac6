"""What a message holds: its kind, text, files and details."""

import re

from botfolk.channels.contract import Channel
from botfolk.channels.events import Json, Media, MessageKind, Said
from botfolk.channels.telegram.payloads import Contact, File, Message, Tapped
from botfolk.channels.texts import clean, some

_MOST_TEXT = 16_384
_COMMAND = re.compile(r"/(\w{1,64})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_E164 = re.compile(r"[1-9][0-9]{6,14}")


def read(message: Message) -> Said | None:
    """Return what a message says; None for service messages (joined, pinned…), which nobody said."""
    caption = some(message.caption, _MOST_TEXT)
    if message.text is not None:
        text = clean(message.text, _MOST_TEXT)
        return Said("text", text, details=_command(text))
    if message.photo:
        largest = max(message.photo, key=lambda size: (size.width or 0) * (size.height or 0))
        return Said("photo", caption, (_media(largest),))
    return _file(message, caption) or _thing(message)


def _file(message: Message, caption: str | None) -> Said | None:
    # Telegram repeats an animation as a document: the order matters.
    files: tuple[tuple[MessageKind, File | None], ...] = (
        ("video", message.animation or message.video or message.video_note),
        ("voice", message.voice),
        ("audio", message.audio),
        ("document", message.document),
    )
    for kind, file in files:
        if file is not None:
            return Said(kind, caption, (_media(file),))
    return None


def _thing(message: Message) -> Said | None:
    if message.sticker is not None:
        sticker = message.sticker
        kind = "video/webm" if sticker.is_video else "application/x-tgsticker" if sticker.is_animated else "image/webp"
        media = Media(
            ref=clean(sticker.file_id),
            content_type=kind,
            size=sticker.file_size,
            width=sticker.width,
            height=sticker.height,
        )
        return Said("sticker", None, (media,), _known({"emoji": some(sticker.emoji)}))
    if message.dice is not None:
        return Said("sticker", None, (), _known({"emoji": some(message.dice.emoji), "value": message.dice.value}))
    if message.venue is not None or message.location is not None:
        return Said("location", None, (), _place(message))
    if message.contact is not None:
        return _contact(message, message.contact)
    if message.web_app_data is not None:
        title = some(message.web_app_data.button_text)
        return Said("button", title, (), _known({"data": clean(message.web_app_data.data, _MOST_TEXT), "title": title}))
    return None


def _known(details: Json) -> Json:
    return {name: value for name, value in details.items() if value is not None}


def _media(file: File) -> Media:
    return Media(
        ref=clean(file.file_id),
        content_type=some(file.mime_type),
        name=some(file.file_name),
        size=file.file_size,
        width=file.width,
        height=file.height,
        duration=file.duration,
    )


def _place(message: Message) -> Json:
    place = message.location or (message.venue.location if message.venue else None)
    details: Json = {"latitude": place.latitude, "longitude": place.longitude} if place else {}
    if message.venue is not None:
        details |= {"title": some(message.venue.title), "address": some(message.venue.address)}
    return _known(details)


def _contact(message: Message, contact: Contact) -> Said:
    """A shared contact is the person's own only if it names their user id: anyone can share anyone's."""
    is_own = contact.user_id is not None and message.from_ is not None and contact.user_id == message.from_.id
    phone = clean(contact.phone_number)
    if is_own:
        # Telegram gives its own numbers in international form, with the plus or without.
        digits = re.sub("[^0-9]", "", phone)
        phone = f"+{digits}" if _E164.fullmatch(digits) else phone
    name = " ".join(part for part in (some(contact.first_name), some(contact.last_name)) if part)
    details: Json = {"phone": phone, "name": name, "is_own": is_own}
    return Said("contact", None, (), details, {"phone": phone} if is_own and phone.startswith("+") else {})


def _command(text: str) -> Json:
    found = _COMMAND.fullmatch(text)
    if found is None:
        return {}
    details = {"command": found[1]}
    if found[3]:
        details["payload"] = found[3].strip()
    return details


def is_addressed(channel: Channel, message: Message) -> bool:
    """Say whether something said in a group is said to the bot: a command, a mention, or an answer to it."""
    text = message.text or message.caption or ""
    username = str(channel.config.get("username") or "").lower()
    command = _COMMAND.fullmatch(text)
    if command is not None:
        return command[2] is None or command[2].lower() == username
    if username and re.search(rf"@{re.escape(username)}\b", text, re.IGNORECASE):
        return True
    answered = message.reply_to_message.from_ if message.reply_to_message else None
    return answered is not None and answered.id == channel.config.get("bot_id")


def title_of(message: Tapped | None, data: str | None) -> str | None:
    """Return the title of the button that sends `data`, as far as the message shows it."""
    if data is None or message is None or message.reply_markup is None:
        return None
    for row in message.reply_markup.inline_keyboard:
        for button in row:
            if button.callback_data == data:
                return some(button.text)
    return None
