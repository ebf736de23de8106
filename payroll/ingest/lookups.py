"""What a feed may name: the projects in its sender's reach, companies, regions, accounts."""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models.functions import Upper

from payroll.models import Feed, GatewayKey, Terminal
from projects import scope
from projects.models import (
    Account,
    Company,
    Engagement,
    FieldValue,
    Member,
    Party,
    Project,
    Region,
)

PAPERS = ("approval_number", "permit_number")
"""The numbers by which a department may name a project."""


class ProjectRef(NamedTuple):
    pk: int
    contractor_id: int
    start_date: dt.date | None


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
    def key(self) -> GatewayKey | None:
        """The key of a push; its rights take the place of a member's."""
        return self.feed.call.key if self.feed.call is not None else None

    @cached_property
    def member(self) -> Member | None:
        return None if self.feed.sender is None else scope.member_of(self.feed.sender)

    @property
    def unbounded(self) -> bool:
        """A command or a superuser, who is no member of anything, may name every project."""
        if self.key:
            return False
        sender = self.feed.sender
        return sender is None or (self.member is None and sender.is_superuser)

    def may_send(self, kind: str) -> bool:
        """Companies send pay sheets and attendance; registries and banks are the city's."""
        if self.unbounded or self.key:
            return True  # what a key may call was asked when it called
        if self.member is None:
            return False
        if self.member.role == Member.Role.OWNER:
            return False
        return not self.member.is_company or kind in ("payroll", "attendance")

    def reach(self) -> Any:
        """The projects that the sender may name."""
        if self.unbounded:
            return Project.objects.all()
        if self.key:
            return self.key.projects.all()
        return Project.objects.visible_to(self.member)

    def projects(self, codes: Iterable[str]) -> dict[str, ProjectRef | None]:
        """By code; None for an unknown one, and for one out of the sender's reach."""
        wanted = set(codes) - self._projects.keys()
        if wanted:
            found = self.reach().filter(code__in=wanted)
            known = {
                code: ProjectRef(pk, *rest)
                for code, pk, *rest in found.values_list(
                    "code", "pk", "contractor_id", "start_date"
                )
            }
            self._projects.update({code: known.get(code) for code in wanted})
        return self._projects

    def by_paper(self, numbers: Iterable[str]) -> dict[tuple[str, str], set[str]]:
        """Codes of the projects in the sender's reach, by ("approval_number" or "permit_number",
        number): as any source tells it today, or as it holds."""
        wanted = set(numbers)
        found: dict[tuple[str, str], set[str]] = {}
        if not wanted:
            return found
        told = FieldValue.objects.current().filter(
            field__in=PAPERS, value__in=wanted, role="", project__in=self.reach()
        )
        for name, number, code in told.values_list("field", "value", "project__code"):
            found.setdefault((name, number), set()).add(code)
        for name in PAPERS:
            held = self.reach().filter(**{f"{name}__in": wanted})
            for number, code in held.values_list(name, "code"):
                found.setdefault((name, number), set()).add(code)
        return found

    def speaks_for(self, project: int, company: int) -> bool:
        """Whether the sender may send what this company did on this project: a subcontractor's
        member for itself alone, a key for itself and, as general contractor, for all."""
        if self.key:
            if company == self.key.company_id:
                return True
            known = (ref for ref in self._projects.values() if ref and ref.pk == project)
            return any(ref.contractor_id == self.key.company_id for ref in known)
        if self.member is not None and self.member.role == Member.Role.SUB:
            return company == self.member.company_id
        return True

    def began(self, projects: Iterable[int]) -> dict[int, dt.date | None]:
        """When the projects that were looked up began."""
        known = {ref.pk: ref.start_date for ref in self._projects.values() if ref}
        return {pk: known.get(pk) for pk in projects}

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
            found = Account.objects.filter(number__in=wanted, project__in=self.reach())
            known = {
                n: (pk, project) for n, pk, project in found.values_list("number", "pk", "project")
            }
            self._accounts.update({number: known.get(number) for number in wanted})
        return self._accounts

    def terminals(self, names: Iterable[str]) -> list[Terminal]:
        """Terminals in the sender's reach with one of these serials; else those of the project
        with one of these codes."""
        wanted = list(names)
        reach: Any = Terminal.objects.select_related("project")
        if not self.unbounded:
            reach = scope.visible(reach, self.member)
        upper = [name.upper() for name in wanted]
        serials = reach.alias(upper=Upper("serial")).filter(upper__in=upper)
        found: list[Terminal] = list(serials)
        return found or list(reach.filter(project__code__in=wanted))

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
