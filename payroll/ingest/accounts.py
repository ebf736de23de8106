"""Registry feed `accounts`: a version for each account and day; Account has the newest values."""

from payroll.ingest.registry import RegistryLoader, write_versions
from payroll.sql import insert
from projects.models import Account, AccountVersion
from wagewatch import bulk

_FACTS = ["bank_code", "bank_name", "open_date", "close_date", "agreement_date", "status"]


class AccountsLoader(RegistryLoader):
    kind = "accounts"

    def commit(self) -> None:
        numbers = {record["number"] for record in self.records}
        known = set(Account.objects.filter(number__in=numbers).values_list("number", flat=True))
        facts = {r["number"]: {name: r[name] for name in _FACTS} for r in self.records}
        insert(
            [
                Account(number=r["number"], project_id=r["project_id"], **facts[r["number"]])
                for r in self.records
                if r["number"] not in known
            ]
        )
        ids = dict(Account.objects.filter(number__in=numbers).values_list("number", "pk"))
        versions = [
            AccountVersion(
                account_id=ids[number],
                known_from=self.feed.received_on,
                feed_id=self.feed.pk,
                **values,
            )
            for number, values in facts.items()
        ]
        write_versions(AccountVersion, ["account"], versions, owner="account")
        newest = AccountVersion.objects.filter(
            known_until__isnull=True, account__in=list(ids.values())
        ).order_by("account")
        bulk.insert_from(
            Account,
            ["id", "number", "project", *_FACTS],
            newest.values_list("account_id", "account__number", "account__project_id", *_FACTS),
            conflict=["id"],
            update=_FACTS,
        )


LOADER = AccountsLoader
