"""Sign-in: accounts are issued by an administrator; nobody registers himself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class ClosedSignup(DefaultAccountAdapter):
    def is_open_for_signup(self, request: Any) -> bool:
        return False
