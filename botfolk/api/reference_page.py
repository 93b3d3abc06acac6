"""`GET /api`: what the API can do, for people."""

from litestar import Response, get

from botfolk.api.described import described
from botfolk.api.openapi import SUBJECTS
from botfolk.api.reference import reference
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team.guards import viewer


@get("/api", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest) -> Response[str]:
    """Show every call and shape, from the description that programs get."""
    document = described(request.app)
    return page(
        request,
        "api/reference.html",
        reference=reference(document),
        about=document["info"]["description"],
        subject_words=SUBJECTS,
        base=services(request).settings.public_url,
    )


handlers = [show]
