"""What methods have in common: a push names the rows it brings, a query the rows it gives."""

from collections.abc import Mapping
from typing import Any

from payroll.gateway.envelope import Call, Refused, decrypted, encrypted
from projects import scope

PAGE = 50
MOST_ROWS = 1000
Row = dict[str, str]
_PROJECT = {"projectCode": "projectCode"}


class Method:
    """One method. `project` says whether its data must name one of the key's projects."""

    def __init__(self, name: str, *, project: bool = True) -> None:
        self.name = name
        self.project = project

    def answer(self, call: Call) -> dict[str, Any]:
        """The `data` of the answer. Raises Refused."""
        raise NotImplementedError


class Push(Method):
    """A write: `kind` of feed; `top` and `each` map the protocol's names to the feed's columns,
    of the data itself and of the items of its list `items` (empty: the data is the only row).

    `secret` are columns that come encrypted; `again`: the same data a second time is news (an
    update back to former values), and no duplicate.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        *,
        top: Mapping[str, str],
        items: str = "",
        each: Mapping[str, str] | None = None,
        secret: tuple[str, ...] = (),
        required: tuple[str, ...] = (),
        again: bool = False,
        project: bool = True,
    ) -> None:
        super().__init__(name, project=project)
        self.kind = kind
        named = {**(_PROJECT if project else {}), **top}
        self.top = {n.lower(): column for n, column in named.items()}
        self.items = items
        self.each = {n.lower(): column for n, column in (each or {}).items()}
        self.secret = frozenset(secret)
        self.required = required
        self.again = again

    def check(self, call: Call) -> None:
        """What can be told at once; the rows are checked in the background. Raises Refused."""
        for name in self.required:
            if not text(call.data.get(name.lower())):
                raise Refused(-1, f"data 缺少 {name}。", f"data lacks {name}.")
        if not self.items:
            return
        rows = call.data.get(self.items.lower())
        if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
            raise Refused(
                -1, f"{self.items} 应为非空的对象列表。", f"{self.items} must be a list of objects."
            )
        if len(rows) > MOST_ROWS:
            raise Refused(
                -1,
                f"{self.items} 超过 {MOST_ROWS} 条。",
                f"{self.items} has more than {MOST_ROWS} rows.",
            )

    def answer(self, call: Call) -> dict[str, Any]:
        from payroll.gateway import inbox

        self.check(call)
        return {"requestSerialCode": inbox.keep(call, self)}

    def rows(
        self, data: Mapping[str, Any], secret: bytes, known: Mapping[str, str], seen: dict[str, str]
    ) -> tuple[list[Row], list[tuple[int, str]]]:
        """The rows of the feed, and where (row from 1, column) a field could not be decrypted.
        `seen` remembers what was decrypted with this secret."""
        faults: list[tuple[int, str]] = []
        found: list[Row] = []
        shared = {column: text(data.get(name)) for name, column in self.top.items()}
        shared.update(known)
        items = data.get(self.items.lower(), []) if self.items else [data]
        for number, item in enumerate(items, start=1):
            row = shared.copy()
            for name, column in self.each.items():
                value = text(item.get(name))
                if value and column in self.secret:
                    plain = seen.get(value)
                    if plain is None:
                        try:
                            plain = seen[value] = decrypted(secret, value)
                        except ValueError:
                            faults.append((number, column))
                            plain = ""
                    value = plain
                row[column] = value
            found.append(row)
        return found, faults


class Query(Method):
    """A read: pages of rows that the key may see."""

    def rows(self, call: Call) -> Any:
        """The queryset, in a stable order."""
        raise NotImplementedError

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        raise NotImplementedError

    def answer(self, call: Call) -> dict[str, Any]:
        size = _number(call, "pageSize", PAGE, 1, PAGE)
        start = _number(call, "pageIndex", 0, 0, 1_000_000) * size
        found = self.rows(call)
        return {
            "totalCount": found.count(),
            "rows": self.show(call, list(found[start : start + size])),
        }


def _number(call: Call, name: str, default: int, low: int, high: int) -> int:
    given = text(call.data.get(name.lower()))
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or not low <= int(given) <= high:
        raise Refused(
            -1, f"{name} 应为 {low} 至 {high} 的整数。", f"{name} must be {low} to {high}."
        )
    return int(given)


def text(value: Any) -> str:
    """A JSON value as the text of a cell."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value).strip()


def reach(call: Call, queryset: Any) -> Any:
    """The rows of the project named, or of all the key's projects, that the key may see."""
    projects = [call.project_id] if call.project_id else list(call.caller.projects.values())
    return scope.of_company(queryset, call.caller.key.company_id, projects)


def by_id_number(call: Call, queryset: Any, path: str) -> Any:
    """Narrowed to the worker that an (encrypted) idCardNumber names, where one is given."""
    from wagewatch import identity, vault

    given = text(call.data.get("idcardnumber"))
    if not given:
        return queryset
    try:
        number = decrypted(call.secret, given)
    except ValueError as error:
        raise Refused(-1, "idCardNumber 无法解密。", "idCardNumber cannot be decrypted.") from error
    return queryset.filter(**{path: vault.blind(identity.normalise(number))})


def sealed(call: Call, number: str | None) -> str:
    """A personal number as the protocol carries it."""
    return encrypted(call.secret, number or "")


def day(value: Any) -> str:
    return "" if value is None else f"{value:%Y-%m-%d}"


METHODS: dict[str, Method] = {}


def register(*methods: Method) -> None:
    METHODS.update({method.name: method for method in methods})
