"""The edits that what a channel says of a person amounts to."""

from botfolk.channels.events import Profile
from botfolk.users.edits import Edit, SetAttribute, SetField


def edits_of(profile: Profile) -> list[Edit]:
    """Return the edits. A value the channel does not give erases nothing, unless it says all it knows (`full`)."""
    edits: list[Edit] = [SetField(name, value) for name, value in profile.fields.items() if value or profile.full]
    return edits + [SetAttribute(name, value) for name, value in profile.attributes.items()]
