"""camt.053 and camt.054 files as banks write them, in every version; balances add up."""

from collections.abc import Sequence
from decimal import Decimal

from tests.payroll.files import ACCOUNT

VERSIONS = range(2, 14)


def party(role: str, who: str, number: str, version: int = 8) -> str:
    inner = f"<Nm>{who}</Nm>" if version < 8 else f"<Pty><Nm>{who}</Nm></Pty>"
    account = f"<{role}Acct>{account_id(number)}</{role}Acct>" if number else ""
    return f"<{role}>{inner}</{role}>{account}"


def account_id(number: str) -> str:
    if number[:2].isalpha():
        return f"<Id><IBAN>{number}</IBAN></Id>"
    return f"<Id><Othr><Id>{number}</Id></Othr></Id>"


def amount(value: str, currency: str = "CNY") -> str:
    return f'<Amt Ccy="{currency}">{value}</Amt>'


def details(
    role: str,
    who: str,
    number: str,
    version: int = 8,
    more: str = "",
    own: str = "",
    value: str = "",
    reference: str = "",
) -> str:
    """One TxDtls; `value` is its amount: in AmtDtls up to version .02, direct from .03 on."""
    refs = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    refs += f"<EndToEndId>{own}</EndToEndId>" if own else ""
    part = ""
    if value:
        part = amount(value)
        part = f"<AmtDtls><TxAmt>{part}</TxAmt></AmtDtls>" if version < 3 else part
    return (
        f"<TxDtls>{f'<Refs>{refs}</Refs>' if refs else ''}{part}"
        f"<RltdPties>{party(role, who, number, version)}</RltdPties>{more}</TxDtls>"
    )


def entry(
    reference: str,
    value: str,
    side: str,
    *parts: str,
    version: int = 8,
    day: str = "2026-04-15",
    status: str = "BOOK",
    reversal: bool = False,
    batch: str = "",
    currency: str = "CNY",
) -> str:
    sts = f"<Sts>{status}</Sts>" if version < 7 else f"<Sts><Cd>{status}</Cd></Sts>"
    grouped = f"<NtryDtls>{batch}{''.join(parts)}</NtryDtls>" if parts or batch else ""
    return (
        f"<Ntry>{amount(value, currency)}<CdtDbtInd>{side}</CdtDbtInd>"
        f"{'<RvslInd>true</RvslInd>' if reversal else ''}{sts}"
        f"<BookgDt><Dt>{day}</Dt></BookgDt>"
        f"{f'<AcctSvcrRef>{reference}</AcctSvcrRef>' if reference else ''}{grouped}</Ntry>"
    )


def balance(code: str, value: Decimal, day: str) -> str:
    side = "DBIT" if value < 0 else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{amount(f'{abs(value):.2f}')}"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def moved(entries: Sequence[str]) -> Decimal:
    total = Decimal(0)
    for one in entries:
        if ">PDNG<" in one:
            continue
        value = Decimal(one.partition('">')[2].partition("</Amt>")[0])
        side = one.partition("<CdtDbtInd>")[2][:4]
        total += -value if side == "DBIT" else value
    return total


def statement(
    *entries: str,
    account: str = ACCOUNT,
    first: str = "2026-04-01",
    last: str = "2026-04-15",
    opening: str = "1000.00",
    closing: str = "",
    name: str = "S1",
    sequence: str = "",
) -> str:
    end = Decimal(closing) if closing else Decimal(opening) + moved(entries)
    return (
        f"<Stmt><Id>{name}</Id>"
        f"{f'<ElctrncSeqNb>{sequence}</ElctrncSeqNb>' if sequence else ''}"
        f"<FrToDt><FrDtTm>{first}T00:00:00</FrDtTm><ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct>{account_id(account)}</Acct>"
        f"{balance('OPBD', Decimal(opening), first)}{balance('CLBD', end, last)}"
        f"{''.join(entries)}</Stmt>"
    )


def notification(*entries: str, account: str = ACCOUNT, name: str = "N1") -> str:
    return f"<Ntfctn><Id>{name}</Id><Acct>{account_id(account)}</Acct>{''.join(entries)}</Ntfctn>"


def message(
    *holders: str, version: int = 8, kind: str = "053", prefix: str = "", head: str = ""
) -> bytes:
    """A whole file; with `prefix` every element bears it instead of the default namespace."""
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version:02d}"
    root = "BkToCstmrStmt" if kind == "053" else "BkToCstmrDbtCdtNtfctn"
    body = f"<{root}><GrpHdr><MsgId>M1</MsgId></GrpHdr>{''.join(holders)}</{root}>"
    if prefix:
        body = body.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
        text = f'<{prefix}:Document xmlns:{prefix}="{space}">{body}</{prefix}:Document>'
    else:
        text = f'<Document xmlns="{space}">{body}</Document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{text}'.encode()
