"""Errors of the API: problem details (RFC 9457), naming the field where there is one."""

import re
from http import HTTPStatus
from traceback import format_tb
from typing import Any

import psycopg
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct
from psycopg_pool import PoolTimeout

from botfolk.db.cursors import BadCursor
from botfolk.filters.errors import FilterError
from botfolk.outbox.queue import CannotSend
from botfolk.segments.segments import NoSuchSegment, SegmentInUse
from botfolk.users.edits import Clash, InvalidEdit, UserNotFound
from botfolk.users.in_time import TooSlow
from botfolk.users.part import CannotPart, NoSuchMerge

log = structlog.get_logger("api")

MEDIA_TYPE = "application/problem+json"
_NAMED_FIELD = re.compile(r"(?:unknown|missing required) field `([^`]*)`")
_AT = re.compile(r" - at `\$\.?([^`]*)`")


class FieldError(Struct, frozen=True, omit_defaults=True):
    """What is wrong with one field. Of a filter: where in its text (`position` and `length` in characters), and a hint
    how to mend it."""

    field: str
    message: str
    position: int | None = None
    length: int | None = None
    hint: str | None = None


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem detail (RFC 9457). `errors`: what is wrong with each field; `version`, `fields`: of a clash, the user's
    version now, and by field the value it has (`current`) and the one asked for (`yours`)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
    version: int | None = None
    fields: dict[str, dict[str, Any]] = {}


_MISSING: dict[type[Exception], str] = {UserNotFound: "user", NoSuchMerge: "merge", NoSuchSegment: "segment"}


def problem_of(error: Exception) -> Problem:
    """Return what an error is to who called the API."""
    match error:
        case InvalidEdit():
            errors = [FieldError(field, message) for field, message in error.errors.items()]
            return _problem(422, str(error), errors=errors)
        case Clash():
            fields = {name: {"current": now, "yours": asked} for name, (now, asked) in error.fields.items()}
            return _problem(409, str(error), version=error.version, fields=fields)
        case UserNotFound() | NoSuchMerge() | NoSuchSegment():
            return _problem(404, f"There is no such {_MISSING[type(error)]}.")
        case CannotSend() | CannotPart() | SegmentInUse():
            return _problem(409, str(error))
        case FilterError() | TooSlow():
            return _of_filter(error)
        case BadCursor():
            return _problem(400, str(error), errors=[FieldError("cursor", str(error))])
        case psycopg.OperationalError() | PoolTimeout():
            return _problem(503, "The database cannot be reached at the moment. Nothing was changed; try again.")
        case ValidationException():
            return _invalid(error)
        case HTTPException():
            return _problem(error.status_code, error.detail or HTTPStatus(error.status_code).phrase)
    return _problem(500, "This failed on our side; the log says why. Nothing was changed.")


def _of_filter(error: FilterError | TooSlow) -> Problem:
    if isinstance(error, TooSlow):
        return _problem(422, str(error), errors=[FieldError("filter", str(error))])
    wrong = FieldError("filter", error.message, error.position, error.length, error.hint)
    return _problem(400, f"filter: {error}", errors=[wrong])


def _problem(status: int, detail: str, **more: Any) -> Problem:
    title = HTTPStatus(status).phrase
    return Problem(type="about:blank", title=title, status=status, detail=detail, **more)


def _invalid(error: ValidationException) -> Problem:
    given = error.extra if isinstance(error.extra, list) else []
    errors = [_field_error(str(each.get("key") or ""), str(each.get("message", ""))) for each in given]
    detail = "; ".join(f"{each.field}: {each.message}" if each.field else each.message for each in errors)
    return _problem(400, detail or error.detail, errors=errors)


def _field_error(key: str, message: str) -> FieldError:
    if key == "data":
        return FieldError("", "Give a JSON object as the body")
    at, named = _AT.search(message), _NAMED_FIELD.search(message)
    parts = (key or (at[1] if at else ""), named[1] if named else "")
    return FieldError(".".join(part for part in parts if part), _AT.sub("", message))


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer with a problem; what nobody foresaw is logged, without what people wrote."""
    problem = problem_of(error)
    if problem.status >= 500 and not isinstance(error, HTTPException):
        # Not the error's own text: a database's may hold what a person wrote.
        where = "".join(format_tb(error.__traceback__)[-5:])
        log.error("the API failed", path=request.url.path, error=type(error).__name__, where=where)
    headers = dict(getattr(error, "headers", None) or {})
    if problem.status == 503:
        headers["Retry-After"] = "5"
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="botfolk"'
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
