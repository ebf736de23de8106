from tests.payroll.conftest import city, load

__all__ = ["city", "load"]
