from projects.models.company import Authority, Company
from projects.models.membership import Member
from projects.models.minimum_wage import MinimumWage
from projects.models.project import Industry, Party, Project, ProjectStatus, ProjectVersion
from projects.models.region import Region
from projects.models.security import (
    Account,
    AccountStatus,
    AccountVersion,
    NoticeBoard,
    Security,
)
from projects.models.team import Team
from projects.models.token import ApiToken
from projects.models.worker import Engagement, Worker, WorkerCard

__all__ = [
    "Account",
    "AccountStatus",
    "AccountVersion",
    "ApiToken",
    "Authority",
    "Company",
    "Engagement",
    "Industry",
    "Member",
    "MinimumWage",
    "NoticeBoard",
    "Party",
    "Project",
    "ProjectStatus",
    "ProjectVersion",
    "Region",
    "Security",
    "Team",
    "Worker",
    "WorkerCard",
]
