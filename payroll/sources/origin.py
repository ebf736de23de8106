"""Whose data a registry feed is: named by who may name it, else by who sent it."""

from payroll.checks.issues import Unreadable
from projects.models import Authority, Industry, Member, Source

KINDS = frozenset(
    {"projects", "participants", "accounts", "securities", "workers", "sites", "companies"}
    | {"teams", "contracts", "entries"}
)
"""The registry feeds: those that have a source."""

_OF_AUTHORITY = {
    Authority.Kind.HRSS: Source.HRSS,
    Authority.Kind.REFORM: Source.REFORM,
    Authority.Kind.HOUSING: Source.HOUSING,
    Authority.Kind.TRANSPORT: Source.TRANSPORT,
    Authority.Kind.WATER: Source.WATER,
}
_OF_INDUSTRY = {
    Industry.HOUSING: Source.HOUSING,
    Industry.MUNICIPAL: Source.HOUSING,
    Industry.TRANSPORT: Source.TRANSPORT,
    Industry.WATER: Source.WATER,
}


def of_member(member: Member) -> str:
    """The department (or contractor) that a member speaks for; unknown where that is not clear."""
    if member.is_company:
        return Source.CONTRACTOR
    if member.authority is not None:
        return _OF_AUTHORITY.get(Authority.Kind(member.authority.kind), Source.UNKNOWN)
    if member.role == Member.Role.INSPECTOR:
        return Source.HRSS
    sectors = {_OF_INDUSTRY.get(Industry(one), Source.UNKNOWN) for one in member.industries}
    return sectors.pop() if len(sectors) == 1 else Source.UNKNOWN


def may_name(member: Member | None) -> bool:
    """Whether a member may name another department as the source: inspectors, who pass on what
    other departments gave them. Others speak for themselves."""
    return member is not None and member.role == Member.Role.INSPECTOR


def of_feed(named: str, kind: str, member: Member | None, *, pushed: bool) -> str:
    """The source of a feed of this kind; "" for kinds that have none. `pushed`: by a key of the
    real-name interface. Raises Unreadable for a source that the sender may not name."""
    if kind not in KINDS:
        return ""
    if pushed:
        return Source.CONTRACTOR
    if named and named not in Source.values:
        raise Unreadable("source-name", value=named, sources=", ".join(Source.values))
    if member is None:
        return named or Source.UNKNOWN
    own = of_member(member)
    if named and named != own and not may_name(member):
        raise Unreadable("source-not-allowed", value=named)
    return named or own
