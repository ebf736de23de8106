"""Puts the signed-in member on the request, so that views and pages ask once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from projects.scope import member_of


class MemberMiddleware:
    """`request.member`: the Member that the user is, falsy for nobody; read when first asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = SimpleLazyObject(lambda: member_of(request.user))  # type: ignore[attr-defined]
        return self.get_response(request)
