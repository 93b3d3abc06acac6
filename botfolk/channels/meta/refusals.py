"""What a refused send means, by the number of the error. A kind adds its own to those that all of Meta shares."""

from collections.abc import Mapping

from msgspec import structs

from botfolk.channels.contract import Failed, Later, Outcome, Unknown
from botfolk.channels.meta.graph import Answer, GraphError, Unclear, is_passing
from botfolk.http import Broken, NotSent

Refusals = Mapping[tuple[int, int | None], Failed | Later]
"""(code, subcode) → what it means; a subcode of None is any other."""

_REAUTHORISE = "Meta no longer accepts the access token: make a new one and give it to the channel"
_NO_PERMISSION = "the app lacks the permission to send: check the permissions of the app and of the access token"

COMMON: Refusals = {
    # https://developers.facebook.com/docs/graph-api/guides/error-handling
    (1, None): Later(reason="Meta cannot take it now"),
    (2, None): Later(reason="Meta cannot take it now"),
    (3, None): Failed(reason=_NO_PERMISSION, channel_broken=True),
    (4, None): Later(reason="Meta asks to wait: the app calls too often", after=60.0, whole_channel=True),
    (10, None): Failed(reason=_NO_PERMISSION, channel_broken=True),
    (17, None): Later(reason="Meta asks to wait: too many calls", after=60.0, whole_channel=True),
    (32, None): Later(reason="Meta asks to wait: too many calls for this page", after=60.0, whole_channel=True),
    (102, None): Failed(reason=_REAUTHORISE, channel_broken=True),
    (190, None): Failed(reason=_REAUTHORISE, channel_broken=True),
    (368, None): Failed(
        reason="Meta has stopped this account from sending because of its policies: see its support inbox",
        channel_broken=True,
    ),
    (613, None): Later(reason="Meta asks to wait: too many calls", after=60.0, whole_channel=True),
}


def network(error: NotSent | Broken | Unclear) -> Outcome:
    """Return what became of a send that no answer came to."""
    if isinstance(error, NotSent):
        return Later(reason=f"Meta could not be reached: {error}")
    return Unknown(reason=f"the connection broke before Meta answered: {error}")


def refused(answer: Answer, known: Refusals) -> Failed | Later:
    """Return what an answer that holds an error means, by a kind's own numbers and those that all share."""
    error = answer.error or GraphError()
    found = _find(error, known) or _find(error, COMMON) or _by_range(answer.status, error)
    if isinstance(found, Later) and answer.wait is not None:
        return structs.replace(found, after=answer.wait)
    return found


def _find(error: GraphError, known: Refusals) -> Failed | Later | None:
    return known.get((error.code, error.error_subcode)) or known.get((error.code, None))


def _by_range(status: int, error: GraphError) -> Failed | Later:
    if 200 <= error.code < 300:
        return Failed(reason=f"{_NO_PERMISSION} ({error.words})", channel_broken=True)
    if is_passing(error):
        waits = 80_000 <= error.code < 80_015 or status == 429
        return Later(reason=f"Meta asks to wait: {error.words}", after=60.0 if waits else None, whole_channel=waits)
    return Failed(reason=f"Meta refused it: {error.words}")
