"""What every part of the REST interface shares: pages by cursor, and errors as RFC 9457."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler


class Pages(CursorPagination):
    """`next` and `previous` are addresses; there is no count and no page number."""

    page_size = 100
    page_size_query_param = "size"
    max_page_size = 1000
    ordering = "-pk"


class Problem(exceptions.APIException):
    """An error with a code of its own."""

    def __init__(self, code: str, detail: Any, status_code: int) -> None:
        super().__init__(detail, code)
        self.status_code = status_code


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Any error as `application/problem+json`: type, title, status, code, detail, fields."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    body: dict[str, Any] = {"type": "about:blank", "status": response.status_code}
    if isinstance(error, exceptions.ValidationError):
        body |= {"code": "invalid", "title": _("Some values are not right.")}
        body["fields"] = response.data
    else:
        code = error.get_codes() if isinstance(error, exceptions.APIException) else "error"
        detail = getattr(error, "detail", "")
        body |= {"code": str(code), "title": str(detail)}
    if response.status_code == status.HTTP_401_UNAUTHORIZED:
        body["detail"] = _("Send the header “Authorization: Bearer TOKEN” with a token that works.")
    if response.status_code == status.HTTP_429_TOO_MANY_REQUESTS:
        body["detail"] = _("Wait as many seconds as the header Retry-After says.")
    response.data = body
    response.content_type = "application/problem+json"
    return response
