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

What an authority is late with, a company's indicators and who complained are no company's business:
`for_companies` of a path says what is left of it for a company.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from projects.models import Company, Engagement, Member, Party, Project

M = TypeVar("M", bound=Model)


class Path(NamedTuple):
    """Lookups from a row; "" is the row itself. `all_projects`: a row that is about several
    projects is shown only to those who may see every one of them. `private`: a company sees rows
    about itself alone, whatever its part in the project. `shared`: rows about no company are for
    every company on the project. `region`: of a row that has no project yet, the region that
    inspectors and governments see it by; one that has none either is every inspector's.
    `for_companies`: what else must hold of a row that a company's member sees."""

    project: str
    company: str | None = None
    all_projects: str | None = None
    private: bool = False
    shared: bool = False
    region: str | None = None
    for_companies: Callable[[Member], Q] | None = None


PRIVATE_RULES = ("I2",)
"""Rules that rest on what a company pays and owes elsewhere: shown to it, and to no other."""


def _warnings_for_companies(member: Member) -> Q:
    others = Q(rule__in=PRIVATE_RULES) & ~Q(company=member.company)
    return Q(internal=False) & ~others


def _authorities_only(member: Member) -> Q:
    return Q(pk__in=())


def _complaints_for_companies(member: Member) -> Q:
    return Q(shared_on__isnull=False)


PATHS: dict[str, Path] = {
    "projects.project": Path(""),
    "projects.account": Path("project"),
    "projects.security": Path("project"),
    "projects.noticeboard": Path("project"),
    "projects.party": Path("project", "company"),
    "projects.fieldvalue": Path("project", "company", shared=True),
    "projects.conflict": Path("project", "company", shared=True),
    "projects.fielddecision": Path("project", "company", shared=True),
    "projects.engagement": Path("project", "employer"),
    "projects.team": Path("project", "company"),
    "payroll.cycle": Path("project", "employer"),
    "payroll.arrear": Path("project", "employer"),
    "payroll.difference": Path("project", "employer"),
    "payroll.gatewaykey": Path("projects", "company", "projects"),
    "payroll.sheet": Path("project", "employer"),
    "payroll.sheetline": Path("sheet__project", "sheet__employer"),
    "payroll.review": Path("sheet__project", "sheet__employer"),
    "payroll.confirmation": Path("engagement__project", "engagement__employer"),
    "payroll.attendanceday": Path("engagement__project", "engagement__employer"),
    "payroll.attendancemonth": Path("engagement__project", "engagement__employer"),
    "payroll.terminal": Path("project", "company"),
    "payroll.terminaluser": Path("terminal__project", "terminal__company"),
    "payroll.bankentry": Path("account__project"),
    "payroll.paymentmatch": Path("engagement__project", "engagement__employer"),
    "payroll.complaint": Path("project", region="region", for_companies=_complaints_for_companies),
    "alerts.warning": Path("project", "company", for_companies=_warnings_for_companies),
    "alerts.case": Path("project", all_projects="projects", for_companies=_authorities_only),
    "alerts.forecast": Path("project"),
    "alerts.answer": Path("warning__project", "company", private=True),
    "alerts.notice": Path("project", "company", "warnings__project"),
}

# What a subcontractor never sees: rows of a project that are about no single company.
_NOT_FOR_SUBS = {
    *("projects.account", "projects.security", "payroll.bankentry", "payroll.complaint"),
    "alerts.forecast",
}


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
    if path.for_companies and member.is_company:
        queryset = queryset.filter(path.for_companies(member))
    prefix = f"{path.project}__" if path.project else ""
    if member.role != Member.Role.SUB:
        reach = _reach(member)
        if reach is None:
            return queryset.none()
        within = Q(**{f"{prefix}{way}": value for way, value in reach.items()})
        if path.region and member.region:
            within |= _unplaced(path, member)
        queryset = queryset.filter(within)
        if path.private and path.company and member.is_company:
            queryset = queryset.filter(**{path.company: member.company})
        if path.all_projects:
            hidden = Project.objects.exclude(**reach)
            queryset = queryset.exclude(**{f"{path.all_projects}__in": hidden})
        return queryset
    if member.company is None:
        return queryset.none()
    if label in _NOT_FOR_SUBS:
        return queryset.none()
    if path.company is not None and not path.shared:
        return queryset.filter(**{path.company: member.company})
    mine = Party.objects.filter(
        company=member.company, role=Party.Role.SUB, known_until__isnull=True
    ).values("project")
    queryset = queryset.filter(Q(**{f"{path.project or 'pk'}__in": mine}))
    if path.company is not None:
        none = Q(**{f"{path.company}__isnull": True})
        queryset = queryset.filter(none | Q(**{path.company: member.company}))
    return queryset


def _unplaced(path: Path, member: Member) -> Q:
    """Rows without a project that an authority's member sees by their own region."""
    assert path.region and member.region
    unplaced = Q(**{f"{path.project}__isnull": True})
    inside = unplaced & Q(**{f"{path.region}__code__startswith": member.region.prefix})
    if member.role == Member.Role.INSPECTOR:
        return inside | (unplaced & Q(**{f"{path.region}__isnull": True}))
    return inside if member.role == Member.Role.GOVERNMENT else Q(pk__in=())


def _reach(member: Member) -> dict[str, Any] | None:
    """What holds for each project that an authority, a contractor or an owner may see."""
    if member.role == Member.Role.GENERAL:
        return {"contractor": member.company} if member.company else None
    if member.role == Member.Role.OWNER:
        return {"owner": member.company} if member.company else None
    if member.region is None:
        return None
    reach: dict[str, Any] = {"region__code__startswith": member.region.prefix}
    if member.role == Member.Role.REGULATOR:
        reach["industry__in"] = member.industries
    return reach


def visible_companies(member: Member | None) -> Any:
    """The companies whose standing `member` may see: a company itself alone; an authority those
    that build, own or work on a project of its territory and sector."""
    if member is None:
        return Company.objects.none()
    if member.is_company:
        return Company.objects.filter(pk=member.company_id or 0)
    mine = visible(Project.objects.all(), member)
    return Company.objects.filter(
        Q(pk__in=mine.values("contractor"))
        | Q(pk__in=mine.values("owner"))
        | Q(pk__in=Party.objects.filter(project__in=mine).values("company"))
        | Q(pk__in=Engagement.objects.filter(project__in=mine).values("employer"))
    )


def of_company(queryset: "QuerySet[M]", company: int, projects: Any) -> Any:
    """What a program of `company` (a key of the real-name interface) may read: of `projects`
    (primary keys) every row where the company is general contractor, else its own rows."""
    path = PATHS[queryset.model._meta.label_lower]
    prefix = f"{path.project}__" if path.project else ""
    if path.for_companies is not None:
        raise KeyError(f"{queryset.model._meta.label_lower} is not for programs")
    queryset = queryset.filter(**{f"{path.project or 'pk'}__in": projects})
    if path.company is None:
        return queryset
    return queryset.filter(Q(**{f"{prefix}contractor": company}) | Q(**{path.company: company}))


def of_territory(queryset: "QuerySet[M]", member: Member | None) -> Any:
    """Rows about a territory as a whole (field `territory`), such as trials of rules: an inspector
    sees those of the own territory and of what lies inside it; nobody else sees any."""
    if member is None or member.role != Member.Role.INSPECTOR or member.region is None:
        return queryset.none()
    return queryset.filter(territory__code__startswith=member.region.prefix)


def visible_feeds(queryset: "QuerySet[M]", member: Member | None) -> Any:
    """Feeds that `member` may see: a company's own; an authority's own, and those that touched a
    project of its territory and sector (a rejected feed touched none: its sender alone sees it)."""
    if member is None:
        return queryset.none()
    if member.is_company:
        return queryset.filter(company=member.company)
    touched = queryset.filter(projects__in=visible(Project.objects.all(), member)).values("pk")
    return queryset.filter(Q(sender=member.user_id) | Q(pk__in=touched))
