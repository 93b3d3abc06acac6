"""Sign-in, sign-out and one's own account."""

import asyncio
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Redirect

from botfolk.pages import formats
from botfolk.pages.catalogue import LOCALE, LOCALES, speak
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team import accounts, passkeys, sign_in
from botfolk.team.attempts import Attempts
from botfolk.team.guards import public, viewer
from botfolk.team.principal import COOKIE, find_principal, principal
from botfolk.users.fields import BadValue, clean_timezone

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Next = Annotated[str, QueryParameter(name="next", max_length=1000)]

_attempts = Attempts()


def _within(address: str) -> str:
    """Return an address of ours to go on to; anything else is the first page."""
    # A browser reads a backslash as a slash, and passes over what cannot be printed.
    plain = address.isascii() and address.isprintable() and "\\" not in address and " " not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/users"


def cookie_of(request: AnyRequest, token: str) -> Cookie:
    """Return the cookie of a sign-in."""
    return Cookie(
        key=COOKIE,
        value=token,
        httponly=True,
        secure=services(request).settings.public_url.startswith("https://"),
        samesite="lax",
        max_age=int(sign_in.LASTS.total_seconds()),
        path="/",
    )


def signed_in(request: AnyRequest, token: str, address: str) -> Redirect:
    """Answer with the cookie of a sign-in, and go on to an address of ours."""
    return Redirect(_within(address), status_code=303, cookies=[cookie_of(request, token)])


@get("/", guards=[public], include_in_schema=False)
async def front() -> Redirect:
    """The first page."""
    return Redirect("/users", status_code=303)


@get("/sign-in", guards=[public], include_in_schema=False)
async def show(request: AnyRequest, next_: Next = "") -> Response[Any]:
    """Show the form; who is signed in already goes on."""
    if find_principal(request) is not None:
        return Redirect(_within(next_), status_code=303)
    return page(request, "team/sign_in.html", email="", error="", next=_within(next_))


@post("/sign-in", guards=[public], include_in_schema=False, status_code=200)
async def with_password(request: AnyRequest, data: Form) -> Response[Any]:
    """Sign in by email and password."""
    email, address = data.get("email", "").strip(), _within(data.get("next", ""))
    client = request.client.host if request.client else ""
    key = f"{email.lower()} {client}"
    if not _attempts.allow(key, asyncio.get_running_loop().time()):
        error = _("Too many tries. Wait five minutes, or ask an owner for a sign-in link.")
        return page(request, "team/sign_in.html", status=429, email=email, error=error, next=address)
    shared = services(request)
    agent = request.headers.get("user-agent", "")
    token = await sign_in.by_password(shared.pool, email, data.get("password", ""), shared.clock(), agent)
    if token is None:
        error = _("This email and password do not belong together.")
        return page(request, "team/sign_in.html", status=422, email=email, error=error, next=address)
    _attempts.forget(key)
    return signed_in(request, token, address)


@get("/sign-in/{token:str}", guards=[public], include_in_schema=False)
async def show_link(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Show what a one-time link does; only the button uses it up, since mail programs open links by themselves."""
    shared = services(request)
    async with shared.pool.connection() as connection:
        good = await sign_in.link_is_good(connection, token, shared.clock())
    return page(request, "team/link.html", status=200 if good else 410, good=good, token=token)


@post("/sign-in/{token:str}", guards=[public], include_in_schema=False, status_code=200)
async def with_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Use a one-time link up."""
    shared = services(request)
    async with shared.pool.connection() as connection:
        agent = request.headers.get("user-agent", "")
        cookie = await sign_in.use_link(connection, token, shared.clock(), agent)
    if cookie is None:
        return page(request, "team/link.html", status=410, good=False, token=token)
    return signed_in(request, cookie, "/users")


@post("/sign-out", guards=[public], include_in_schema=False, status_code=200)
async def sign_out(request: Request[Any, Any, Any]) -> Redirect:
    """End this sign-in."""
    me = find_principal(request)
    if me is not None and me.sign_in_id is not None:
        async with services(request).pool.connection() as connection:
            await sign_in.end(connection, me.sign_in_id)
    answer = Redirect("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


@get("/account", guards=[viewer], include_in_schema=False)
async def account(request: AnyRequest) -> Response[str]:
    """Show one's own account."""
    me = principal(request)
    form = {"name": me.name, "email": me.email, "timezone": me.timezone, "locale": me.locale}
    return await _account(request, form=form, errors={}, saved=False)


async def _account(request: AnyRequest, *, status: int = 200, **context: Any) -> Response[str]:
    me, keys = principal(request), []
    if me.account_id is not None:
        async with services(request).pool.connection() as connection:
            keys = await passkeys.list_passkeys(connection, me.account_id)
    locales = formats.locales()
    return page(request, "team/account.html", status=status, passkeys=keys, locales=locales, **context)


@post("/account", guards=[viewer], include_in_schema=False, status_code=200)
async def save_account(request: AnyRequest, data: Form) -> Response[str]:
    """Change one's name, email and timezone, and the password when one is given; all or nothing."""
    me = principal(request)
    form, errors = _read(data)
    password = data.get("password", "")
    if me.account_id is not None and not errors:
        try:
            hashed = await sign_in.hash_password(password) if password else None
            async with services(request).pool.connection() as connection:
                await accounts.describe(connection, me.account_id, **form)
                if hashed is not None:
                    await sign_in.set_password(connection, me.account_id, hashed, me.sign_in_id)
        except accounts.EmailTaken:
            errors["email"] = _("Somebody else signs in with this email.")
        except sign_in.BadPassword as error:
            errors["password"] = str(error)
    status = 422 if errors else 200
    if not errors:
        speak(form["locale"])
    return await _account(request, status=status, form=form, errors=errors, saved=not errors)


def _read(data: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what was typed, cleaned, and what is wrong with it."""
    form = {name: " ".join(data.get(name, "").replace("\x00", "").split()) for name in ("name", "email", "timezone")}
    errors: dict[str, str] = {}
    if not 1 <= len(form["name"]) <= 100:
        errors["name"] = _("A name has 1 to 100 characters.")
    if not 3 <= len(form["email"]) <= 254 or "@" not in form["email"]:
        errors["email"] = _("Give an email, such as name@example.com.")
    form["locale"] = data.get("locale", LOCALE)
    if form["locale"] not in LOCALES:
        errors["locale"] = _("Choose one of the list.")
    try:
        form["timezone"] = clean_timezone(form["timezone"])
    except BadValue as error:
        errors["timezone"] = str(error)
    return form, errors


handlers = [front, show, with_password, show_link, with_link, sign_out, account, save_account]
