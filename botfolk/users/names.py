"""How a user is called on the pages."""

from uuid import UUID

from botfolk.pages.catalogue import gettext as _


def shown_name(
    user_id: UUID, first: str | None, last: str | None, *, group_title: str | None = None, kind: str | None = None
) -> str:
    """Return the name to show; without one "Dear User", on web chat "Guest" and a number that stays. It is never
    stored as a name. `kind` is the channel's."""
    name = group_title or " ".join(part for part in (first, last) if part)
    if name:
        return name
    if kind == "webchat":
        return _("Guest %s") % f"{user_id.int % 90_000 + 10_000}"
    return _("Dear User")
