"""How long a service lets a person be written to after they last wrote: pure, so that each rule is a line of a test."""

from datetime import datetime

from botfolk.channels.contract import Features

OUTSIDE = "The person wrote too long ago: the service lets only an approved template be sent now"
OUTSIDE_WITHOUT_TEMPLATES = "The person wrote too long ago: the service lets nothing be sent until they write again"


def closes_at(features: Features, heard_at: datetime | None, *, by_member: bool) -> datetime | None:
    """Return until when a person can be written to freely; None where there is no window, or nothing was heard."""
    if features.window is None or heard_at is None:
        return None
    longest = features.window
    if by_member and features.member_window is not None:
        longest = max(longest, features.member_window)
    return heard_at + longest


def closed(
    features: Features, heard_at: datetime | None, now: datetime, *, by_member: bool, is_template: bool = False
) -> str | None:
    """Say that the window has passed; None when it has not, or does not matter."""
    if features.window is None or (is_template and features.templates):
        return None
    end = closes_at(features, heard_at, by_member=by_member)
    if end is not None and now < end:
        return None
    return OUTSIDE if features.templates else OUTSIDE_WITHOUT_TEMPLATES
