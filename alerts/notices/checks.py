"""When a notice is refused: what must hold before anything is drafted."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from alerts.models import Warning
from alerts.notices.duties import binds
from alerts.notices.errors import NoticeError
from projects import scope
from projects.models import Authority, Member, Project
from wagewatch.bilingual import Text

NO_WARNING = Text("没有选择预警,或者预警不存在。", "No warning was chosen, or it does not exist.")
COMPANIES = Text(
    "一份文书只能针对一个单位,所选预警涉及 {count} 个单位:{names}。",
    "A notice is about one company; the warnings chosen are about {count}: {names}.",
)
NOT_OPEN = Text("预警 {warning} 已不是未处置状态。", "Warning {warning} is not open.")
MISSING = Text(
    "预警 {warning} 资料缺失,只能催报资料,不能据以制作文书。",
    "Warning {warning} lacks data: it asks for data and carries no notice.",
)
LATER = Text(
    "预警 {warning} 于 {opened} 发现,文书日期 {issued} 早于该日。",
    "Warning {warning} was opened on {opened}, after the notice's date {issued}.",
)
NOT_HRSS = Text(
    "{name} 不是人力资源社会保障行政部门,不能制作劳动保障监察文书。",
    "{name} is no human resources authority: it cannot issue labour inspection documents.",
)
NO_MARK = Text("{name} 没有设置文书字号。", "{name} has no document mark.")
SAME_MARK = Text(
    "{name} 与 {other} 的文书字号相同,文号会重复。",
    "{name} and {other} have the same document mark: their numbers would collide.",
)
OUTSIDE = Text(
    "项目“{project}”不在 {name} 的管辖区域内。",
    "Project “{project}” is outside the territory of {name}.",
)
NOT_YOURS = Text(
    "您无权以 {name} 的名义就所选预警制作文书。",
    "You may not issue a notice of {name} on the warnings chosen.",
)
TOO_SOON = Text(
    "改正期限 {due} 应当晚于文书日期 {issued}。",
    "The day to correct by, {due}, must be after the notice's date, {issued}.",
)
NO_AUTHORITY = Text(
    "没有管辖所选项目的人力资源社会保障行政部门(须设置文书字号)。",
    "No human resources authority with a document mark has all the projects in its territory.",
)


def may_carry(warning: Warning) -> bool:
    """Whether a notice can rest on it at all: open, proved, and of a rule that sets a duty."""
    open_and_proved = warning.status == Warning.Status.OPEN and not warning.data_missing
    return open_and_proved and binds(warning)


def check(
    warnings: Sequence[Warning],
    *,
    user: Any,
    authority: Authority,
    issued_on: dt.date,
    due_on: dt.date,
) -> None:
    """NoticeError unless these warnings may be put into one notice of this authority."""
    if not warnings:
        raise NoticeError(NO_WARNING)
    companies = {w.company_id: w.company.name for w in warnings}
    if len(companies) > 1:
        names = "、".join(companies.values())
        raise NoticeError(COMPANIES, count=len(companies), names=names)
    for warning in warnings:
        _check_warning(warning, issued_on)
    _check_authority(authority, [w.project for w in warnings])
    _check_user(user, authority, warnings)
    if due_on <= issued_on:
        raise NoticeError(TOO_SOON, due=due_on, issued=issued_on)


def _check_warning(warning: Warning, issued_on: dt.date) -> None:
    if warning.status != Warning.Status.OPEN:
        raise NoticeError(NOT_OPEN, warning=warning.pk)
    if warning.data_missing:
        raise NoticeError(MISSING, warning=warning.pk)
    if warning.opened_on > issued_on:
        raise NoticeError(LATER, warning=warning.pk, opened=warning.opened_on, issued=issued_on)


def _check_authority(authority: Authority, projects: Sequence[Project]) -> None:
    if authority.kind != Authority.Kind.HRSS:
        raise NoticeError(NOT_HRSS, name=authority.name)
    if not authority.document_mark:
        raise NoticeError(NO_MARK, name=authority.name)
    twins = Authority.objects.filter(document_mark=authority.document_mark)
    if twin := twins.exclude(pk=authority.pk).first():
        raise NoticeError(SAME_MARK, name=authority.name, other=twin.name)
    for project in projects:
        if not project.region_id.startswith(authority.region.prefix):
            raise NoticeError(OUTSIDE, project=project.name, name=authority.name)


def _check_user(user: Any, authority: Authority, warnings: Sequence[Warning]) -> None:
    """A person acts for the own authority within the own territory; None is the command line."""
    if user is None or getattr(user, "is_superuser", False):
        return
    member = scope.member_of(user)
    if (
        member is None
        or member.role != Member.Role.INSPECTOR
        or member.authority_id not in (None, authority.pk)
        or scope.visible(Warning.objects.filter(pk__in=[w.pk for w in warnings]), member).count()
        != len(warnings)
    ):
        raise NoticeError(NOT_YOURS, name=authority.name)


def authority_for(warnings: Sequence[Warning], user: Any = None) -> Authority:
    """Who issues: the user's own authority; else that of the projects' district, else the city's.

    NoticeError when none with a document mark has all the projects in its territory.
    """
    if not warnings:
        raise NoticeError(NO_WARNING)
    member = scope.member_of(user)
    if member is not None and member.authority is not None:
        return member.authority
    regions = {w.project.region_id for w in warnings}
    places = {code for region in regions for code in (region[:6], f"{region[:4]}00")}
    found = Authority.objects.filter(kind=Authority.Kind.HRSS, region__in=places)
    able = [
        authority
        for authority in found.exclude(document_mark="").select_related("region")
        if all(region.startswith(authority.region.prefix) for region in regions)
    ]
    if not able:
        raise NoticeError(NO_AUTHORITY)
    return max(able, key=lambda authority: len(authority.region.prefix))
