"""A camt.053 with 100,000 entries: time and peak memory of reading it, in a process of its own.

    python bench/camt.py [--entries N] [--load]

`--load` takes it through the whole pipeline into a scratch PostgreSQL database
(WAGEWATCH_DATABASE_URL as in load.py) instead of the reader alone.
"""

import argparse
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCOUNT = "330900100000000001"
LIMIT_MB = 300


def write(path: Path, entries: int) -> None:
    """One statement of wage payments, one detail each, as banks write them in version .08."""
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    account = f"<Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id></Acct>"
    opening = entries * 6000
    with path.open("w", encoding="utf-8") as file:
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{space}"><BkToCstmrStmt>'
            "<GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><FrToDt>"
            "<FrDtTm>2026-04-01T00:00:00</FrDtTm><ToDtTm>2026-04-15T23:59:59</ToDtTm></FrToDt>"
            f"{account}{_balance('OPBD', opening)}{_balance('CLBD', 0)}"
        )
        for n in range(entries):
            file.write(
                '<Ntry><Amt Ccy="CNY">6000.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
                "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-04-15</Dt></BookgDt>"
                f"<AcctSvcrRef>B{n:010d}</AcctSvcrRef><NtryDtls><TxDtls><Refs>"
                f"<EndToEndId>GZ{n:08d}</EndToEndId></Refs><RltdPties><Cdtr><Pty><Nm>工人{n}</Nm>"
                "</Pty></Cdtr><CdtrAcct><Id><Othr><Id>"
                f"622848{n:013d}</Id></Othr></Id></CdtrAcct></RltdPties><RmtInf>"
                "<Ustrd>2026年3月工资</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
            )
        file.write("</Stmt></BkToCstmrStmt></Document>")


def _balance(code: str, amount: int) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='CNY'>{amount}.00</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-04-15</Dt></Dt></Bal>"
    )


def read(path: str) -> dict[str, float]:
    """In the child: the reader alone."""
    from payroll import feeds
    from payroll.checks.issues import Issues

    issues, rows = Issues(), 0
    start = time.perf_counter()
    with open(path, "rb") as file:
        source = feeds.Source(file, path)
        for chunk in feeds.detect(source).read(source, issues):
            rows += len(chunk.frame)
    return {"rows": rows, "errors": issues.errors, "seconds": time.perf_counter() - start}


def load(path: str) -> dict[str, float]:
    """In the child: receive, read, check, stage, commit, match."""
    from django.utils import timezone

    from payroll import ingest

    start = time.perf_counter()
    with open(path, "rb") as file:
        day = dt.date(2026, 4, 16)
        feed = ingest.receive(file, "s.xml", received_on=day, received_at=timezone.now())
    feed = ingest.process(feed, evaluate=False)
    assert feed.status == "accepted", ingest.report(feed)["errors"][:3]
    return {"rows": feed.accepted, "errors": 0, "seconds": time.perf_counter() - start}


def child(act: str, path: str) -> None:
    import django

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wagewatch.settings")
    django.setup()
    found = read(path) if act == "read" else load(path)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def measure(act: str, path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--child", act, str(path)],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def make_account() -> None:
    from projects.models import Account, Company, Project

    company = Company.objects.create(code="91330900MA0000002E", name="示例建工")
    project = Project.objects.create(
        code="P1", name="示例工程", region_id="330902", contractor=company
    )
    day = dt.date(2026, 1, 1)
    made = Account.objects.create(project=project, number=ACCOUNT)
    made.versions.create(open_date=day, known_from=day)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=100_000)
    arguments.add_argument("--load", action="store_true")
    arguments.add_argument("--child", nargs=2)
    given = arguments.parse_args()
    if given.child:
        child(*given.child)
        return
    with tempfile.TemporaryDirectory(prefix="wagewatch-bench-") as place:
        path = Path(place) / "statement.xml"
        write(path, given.entries)
        if given.load:
            from scratch import database

            with database("camt"):
                make_account()
                found = measure("load", path)
        else:
            found = measure("read", path)
        size = path.stat().st_size / 1e6
    assert found["rows"] == given.entries and not found["errors"], found
    print(
        f"camt.053, {given.entries:,} entries ({size:.0f} MB), {'load' if given.load else 'read'}: "
        f"{found['seconds']:.1f} s, peak {found['peak_mb']:.0f} MB"
        f"{'' if given.load else f' (limit {LIMIT_MB})'}"
    )


if __name__ == "__main__":
    main()
