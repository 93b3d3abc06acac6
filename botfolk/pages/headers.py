"""What answers tell the browser about what it may load, do and keep."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from botfolk.services import Services

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HTML_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A profile must not be shown from a cache after signing out.
    "Cache-Control": "no-store",
    "Vary": "Cookie, HX-Request",
}
HSTS = "max-age=31536000"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # People are in most answers: none stays in a cache unless it says so.
    "Cache-Control": "no-store",
}
"""What every answer says, whatever it is, unless it says something else itself."""


async def complete(message: Message, scope: Scope) -> None:
    """Add to an answer's headers what it does not say itself; a hook called before each part is sent."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    wanted = dict(ALWAYS)
    services: Services = scope["litestar_app"].state.services
    if services.settings.public_url.startswith("https://"):
        wanted["Strict-Transport-Security"] = HSTS
    for name, value in wanted.items():
        headers.setdefault(name, value)
