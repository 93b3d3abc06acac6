"""Errors of the API: problem details (RFC 9457), naming the field where there is one."""

import re
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from botfolk.outbox.queue import CannotSend
from botfolk.users.edits import Clash, InvalidEdit, UserNotFound
from botfolk.users.read import BadCursor

log = structlog.get_logger("api")

MEDIA_TYPE = "application/problem+json"
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_AT = re.compile(r" - at `\$\.?([^`]*)`")


class FieldError(Struct, frozen=True):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem detail. `errors`: by field; `fields`, `version`: of a clash, the values now and those asked for."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: list[FieldError] = []
    version: int | None = None
    fields: dict[str, dict[str, Any]] = {}


def problem_of(error: Exception) -> Problem:
    """Return what an error is to who called the API."""
    match error:
        case InvalidEdit():
            errors = [FieldError(field, message) for field, message in error.errors.items()]
            return _problem(422, str(error), errors=errors)
        case Clash():
            fields = {name: {"current": now, "yours": asked} for name, (now, asked) in error.fields.items()}
            return _problem(409, str(error), version=error.version, fields=fields)
        case UserNotFound():
            return _problem(404, "There is no such user.")
        case CannotSend():
            return _problem(409, str(error))
        case BadCursor():
            return _problem(400, str(error), errors=[FieldError("cursor", str(error))])
        case ValidationException():
            return _invalid(error)
        case HTTPException():
            return _problem(error.status_code, error.detail or HTTPStatus(error.status_code).phrase)
    return _problem(500, "This failed on our side; the log says why. Nothing was changed.")


def _problem(status: int, detail: str, **more: Any) -> Problem:
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)


def _invalid(error: ValidationException) -> Problem:
    given = error.extra if isinstance(error.extra, list) else []
    errors = []
    for each in given:
        message = str(each.get("message", ""))
        at, unknown = _AT.search(message), _UNKNOWN_FIELD.search(message)
        field = str(each.get("key") or "") or (at[1] if at else "")
        if unknown:
            field = ".".join(part for part in (field, unknown[1]) if part)
        field = "" if field == "data" else field.removeprefix("data.")
        errors.append(FieldError(field, _AT.sub("", message)))
    detail = "; ".join(f"{each.field}: {each.message}" for each in errors) or error.detail
    return _problem(400, detail, errors=errors)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer with a problem; what nobody foresaw is logged, without what people wrote."""
    problem = problem_of(error)
    if problem.status >= 500 and not isinstance(error, HTTPException):
        log.error("the API failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    headers = dict(getattr(error, "headers", None) or {})
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="botfolk"'
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
