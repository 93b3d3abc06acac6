"""What a person sees when a page cannot be shown: what happened, and where to go."""

from traceback import format_tb

import structlog
from litestar import MediaType, Response
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.headers import HTML_HEADERS
from botfolk.pages.render import AnyRequest, html

_log = structlog.get_logger(__name__)


def _words(status: int) -> tuple[str, str]:
    match status:
        case 403:
            return _("You may not do this"), _(
                "Your role does not allow it. Ask an owner of the bot to change your role."
            )
        case 404:
            return _("There is nothing here"), _("The address is wrong, or what it showed has been removed.")
        case 405:
            return _("This address takes no such request"), _("Go back and use the page's own buttons.")
        case 413:
            return _("That was too large"), _("Send something smaller.")
        case 429:
            return _("Too many tries"), _("Wait a minute and try again.")
        case 503:
            return _("Botfolk is busy"), _("Try again in a few seconds. Nothing was saved.")
        case 400 | 422:
            return _("Botfolk did not understand that"), _("Go back, reload the page and try again.")
        case _:
            return _("Botfolk failed"), _("Nothing was saved. Try again; the log on the server says what went wrong.")


def error_page(request: AnyRequest, error: Exception) -> Response[str]:
    """Answer a request for a page with what went wrong; for an error that nobody foresaw also in the log."""
    status = error.status_code if isinstance(error, HTTPException) else HTTP_500_INTERNAL_SERVER_ERROR
    if status >= HTTP_500_INTERNAL_SERVER_ERROR:
        # Not the error's own text: a database's may hold what a person wrote.
        where = "".join(format_tb(error.__traceback__)[-5:])
        _log.error("a page failed", path=request.url.path, error=type(error).__name__, where=where)
    title, words = _words(status)
    context = {"title": title, "text": words, "way": "/users", "way_label": _("Go to the users")}
    headers = {**HTML_HEADERS, **(getattr(error, "headers", None) or {})}
    return Response(
        html("layout/message.html", context), status_code=status, headers=headers, media_type=MediaType.HTML
    )
