"""Papers as downloads: exactly the bytes that came, never shown inside a page, never cached."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from alerts import papers


def paper(found: Any) -> StreamingHttpResponse:
    """A row that has a Paper's fields (alerts/papers.py)."""
    response = StreamingHttpResponse(
        papers.open_bytes(found), content_type="application/octet-stream"
    )
    disposition = content_disposition_header(True, found.filename)
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "private, no-store"
    return response
