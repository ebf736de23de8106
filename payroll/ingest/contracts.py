"""Kind `contracts`: the contract date and the unit price of registered workers."""

from decimal import Decimal

from payroll.ingest.engaged import EngagedLoader


class ContractsLoader(EngagedLoader):
    kind = "contracts"
    facts = ("contract_date", "unit_price")

    def commit(self) -> None:
        held = self.engagements()
        for record in self.records:
            if one := held.get(record["engagement"]):
                one.contract_date = record["contract_date"]
                if record["has_price"]:
                    one.unit_price = Decimal(record["unit_price"]) / 100
        self.write(held)


LOADER = ContractsLoader
