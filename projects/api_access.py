"""Who calls the REST interface: a token of a member."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from projects import tokens


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        scheme, _space, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = tokens.find(text.decode("latin-1").strip(), timezone.localdate())
        if token is None:
            raise AuthenticationFailed(_("The token is unknown, revoked or out of date."))
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "projects.api_access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class MembersOnly(BasePermission):
    """A token of a member; one that may only read changes nothing."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.auth is None:
            return False
        if request.method not in SAFE_METHODS and not request.auth.may_write:
            raise PermissionDenied(_("This token may only read."), code="read-only")
        return True
