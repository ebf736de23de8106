"""What a feed may name: the projects in its sender's reach, companies, regions, accounts."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from payroll.models import Feed
from projects import scope
from projects.models import Account, Company, Engagement, Member, Party, Project, Region


class ProjectRef(NamedTuple):
    pk: int
    contractor_id: int


class Lookups:
    """Reads each table once per feed, only for the codes that occur."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._projects: dict[str, ProjectRef | None] = {}
        self._companies: dict[str, int | None] = {}
        self._employers: set[tuple[int, int]] = set()
        self._staffed: set[int] = set()
        self._accounts: dict[str, tuple[int, int] | None] = {}

    @cached_property
    def member(self) -> Member | None:
        return None if self.feed.sender is None else scope.member_of(self.feed.sender)

    @property
    def unbounded(self) -> bool:
        """A command or a superuser, who is no member of anything, may name every project."""
        sender = self.feed.sender
        return sender is None or (self.member is None and sender.is_superuser)

    def may_send(self, kind: str) -> bool:
        """Companies send pay sheets and attendance; registries and banks are the city's."""
        if self.unbounded:
            return True
        if self.member is None:
            return False
        if self.member.role == Member.Role.OWNER:
            return False
        return not self.member.is_company or kind in ("payroll", "attendance")

    def _reach(self) -> Any:
        if self.unbounded:
            return Project.objects.all()
        return Project.objects.visible_to(self.member)

    def projects(self, codes: Iterable[str]) -> dict[str, ProjectRef | None]:
        """By code; None for an unknown one, and for one out of the sender's reach."""
        wanted = set(codes) - self._projects.keys()
        if wanted:
            found = self._reach().filter(code__in=wanted)
            known = {
                code: ProjectRef(pk, contractor)
                for code, pk, contractor in found.values_list("code", "pk", "contractor_id")
            }
            self._projects.update({code: known.get(code) for code in wanted})
        return self._projects

    def companies(self, codes: Iterable[str]) -> dict[str, int | None]:
        wanted = set(codes) - self._companies.keys()
        if wanted:
            known = dict(Company.objects.filter(code__in=wanted).values_list("code", "pk"))
            self._companies.update({code: known.get(code) for code in wanted})
        return self._companies

    def accounts(self, numbers: Iterable[str]) -> dict[str, tuple[int, int] | None]:
        """(account, project) by account number."""
        wanted = set(numbers) - self._accounts.keys()
        if wanted:
            found = Account.objects.filter(number__in=wanted, project__in=self._reach())
            known = {
                n: (pk, project) for n, pk, project in found.values_list("number", "pk", "project")
            }
            self._accounts.update({number: known.get(number) for number in wanted})
        return self._accounts

    def regions(self, codes: Iterable[str]) -> set[str]:
        return set(Region.objects.filter(code__in=set(codes)).values_list("code", flat=True))

    def employers(self, projects: Iterable[int]) -> set[tuple[int, int]]:
        """(project, company): the parties that may employ, and who employs already."""
        wanted = set(projects) - self._staffed
        if wanted:
            parties = Party.objects.filter(project__in=wanted).exclude(role=Party.Role.OWNER)
            self._employers.update(parties.values_list("project", "company"))
            own = Project.objects.filter(pk__in=wanted)
            self._employers.update(own.values_list("pk", "contractor"))
            engaged = Engagement.objects.filter(project__in=wanted, registered=True)
            self._employers.update(engaged.values_list("project", "employer").distinct())
            self._staffed |= wanted
        return self._employers
