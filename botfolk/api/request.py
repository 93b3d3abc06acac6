"""Bodies of the API: JSON, decoded strictly into the type the handler names."""

from typing import Any, get_args, get_type_hints

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException, ValidationException

_ANY_KEY = "[...]"


class UnsupportedMediaType(HTTPException):
    """The body is something else than JSON."""

    status_code = 415


class ApiRequest(Request[Any, Any, Any]):
    """A request whose body is taken as it is: "true" is no yes, "10" is no number.

    The framework by itself would convert one into the other, as fits the fields of a form.
    """

    async def json(self) -> Any:
        """Return the body as what the handler's `data` is. Raises ValidationException (400), UnsupportedMediaType."""
        kind = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise UnsupportedMediaType("Send the body as application/json.")
        asked = self.route_handler.parsed_fn_signature.parameters.get("data")
        shape = Any if asked is None else asked.annotation
        body = await self.body()
        try:
            return msgspec.json.decode(body, type=shape)
        except msgspec.ValidationError as error:
            raise _invalid(_naming_the_words(_naming_the_key(str(error), body, shape), shape)) from None
        except RecursionError:
            raise _invalid("The body is nested too deeply") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _invalid(f"The body is not JSON: {error}") from None


def _invalid(message: str) -> ValidationException:
    return ValidationException(detail="The body cannot be taken.", extra=[{"message": message}])


def _naming_the_words(message: str, shape: Any) -> str:
    """Say in the error of a field of few words which they are."""
    said, _, name = message.rpartition(" - at `$.")
    if not said.startswith("Invalid enum value"):
        return message
    hint = get_type_hints(shape).get(name.rstrip("`"))
    words = [word for part in (hint, *get_args(hint)) for word in get_args(part) if isinstance(word, str)]
    return message.replace(said, f"{said}: it is one of {', '.join(words)}") if words else message


def _naming_the_key(message: str, body: bytes, shape: Any) -> str:
    """Put the key of a mapping ("$.attributes[...]") by name into the path of an error: try each alone."""
    path = message.rpartition("`$")[2].partition(_ANY_KEY)[0]
    if _ANY_KEY not in message or not path.startswith("."):
        return message
    name = path[1:]
    try:
        given = msgspec.json.decode(body)[name]
    except (msgspec.DecodeError, RecursionError):  # a number that nothing can hold; too many brackets
        return f"{message.rpartition('`$')[0]}`$.{name}`"
    for key, value in given.items():
        try:
            msgspec.convert({name: {key: value}}, type=shape)
        except msgspec.ValidationError as error:
            if _ANY_KEY in str(error):
                return str(error).replace(_ANY_KEY, f".{key}", 1)
    return message.replace(_ANY_KEY, "", 1)
