"""THE one place that decides which rows a member sees.

Every model that a member may see is named in PATHS with the way from its rows to the project and,
where a row is about one company, to that company. Every list, page, file, API answer and export
takes its rows from `visible(queryset, member)`.

| role | rows |
| --- | --- |
| inspector, local government | projects in their territory |
| sector regulator | projects of their sectors in their territory |
| owner, general contractor | projects on which they are that party |
| subcontractor | on projects where it is a party, rows about itself |
"""

from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from projects.models import Member, Party

M = TypeVar("M", bound=Model)


class Path(NamedTuple):
    """Lookups from a row; "" is the row itself."""

    project: str
    company: str | None = None


PATHS: dict[str, Path] = {
    "projects.project": Path(""),
    "projects.account": Path("project"),
    "projects.security": Path("project"),
    "projects.noticeboard": Path("project"),
    "projects.party": Path("project", "company"),
    "projects.engagement": Path("project", "employer"),
    "payroll.cycle": Path("project", "employer"),
    "payroll.sheet": Path("project", "employer"),
    "payroll.sheetline": Path("sheet__project", "sheet__employer"),
    "payroll.attendanceday": Path("engagement__project", "engagement__employer"),
    "payroll.attendancemonth": Path("engagement__project", "engagement__employer"),
    "payroll.bankentry": Path("account__project"),
    "payroll.paymentmatch": Path("engagement__project", "engagement__employer"),
    "alerts.warning": Path("project", "company"),
    "alerts.notice": Path("project", "company"),
}

# What a subcontractor never sees: rows of a project that are about no single company.
_NOT_FOR_SUBS = {"projects.account", "projects.security", "payroll.bankentry"}


def member_of(user: Any) -> Member | None:
    """The member that a signed-in user is, or None."""
    if not getattr(user, "is_authenticated", False):
        return None
    return Member.objects.select_related("company", "region", "authority").filter(user=user).first()


def visible(queryset: "QuerySet[M]", member: Member | None) -> Any:
    """The rows of `queryset` that `member` may see; none for nobody. KeyError for a model that
    PATHS does not name: what nobody thought of is shown to nobody."""
    label = queryset.model._meta.label_lower
    path = PATHS[label]
    if member is None:
        return queryset.none()
    prefix = f"{path.project}__" if path.project else ""
    if member.role in (Member.Role.INSPECTOR, Member.Role.GOVERNMENT, Member.Role.REGULATOR):
        if member.region is None:
            return queryset.none()
        queryset = queryset.filter(**{f"{prefix}region__code__startswith": member.region.prefix})
        if member.role == Member.Role.REGULATOR:
            queryset = queryset.filter(**{f"{prefix}industry__in": member.industries})
        return queryset
    if member.company is None:
        return queryset.none()
    if member.role == Member.Role.GENERAL:
        return queryset.filter(**{f"{prefix}contractor": member.company})
    if member.role == Member.Role.OWNER:
        return queryset.filter(**{f"{prefix}owner": member.company})
    if label in _NOT_FOR_SUBS:
        return queryset.none()
    if path.company is not None:
        return queryset.filter(**{path.company: member.company})
    mine = Party.objects.filter(
        company=member.company, role=Party.Role.SUB, known_until__isnull=True
    ).values("project")
    return queryset.filter(Q(**{f"{path.project or 'pk'}__in": mine}))


def visible_feeds(queryset: "QuerySet[M]", member: Member | None) -> Any:
    """Feeds that `member` may see: a company's own; an authority's own, and those that touched a
    project of its territory and sector (a rejected feed touched none: its sender alone sees it)."""
    if member is None:
        return queryset.none()
    if member.is_company:
        return queryset.filter(company=member.company)
    from projects.models import Project

    touched = queryset.filter(projects__in=visible(Project.objects.all(), member)).values("pk")
    return queryset.filter(Q(sender=member.user_id) | Q(pk__in=touched))
