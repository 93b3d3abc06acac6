"""Names as services that know only one of a person give them."""

from botfolk.channels.texts import some


def names(display_name: str | None) -> dict[str, str]:
    """Return first and last name of a display name: "Megan Bowen", and "Bowen, Megan" as directories write it."""
    name = " ".join((some(display_name) or "").split())
    last, comma, first = name.partition(", ")
    if not comma or not first or "," in first:
        first, _, last = name.partition(" ")
    return {field: value for field, value in (("first_name", first), ("last_name", last)) if value}
