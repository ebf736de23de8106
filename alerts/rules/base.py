"""What a rule is, what it finds, and the shape of the evidence.

Evidence is JSON, so that a warning keeps what it was judged by:

    facts       [{"label": {zh, en}, "value": str, "kind": KIND}]   what is known, in reading order
    arithmetic  [{"label": {zh, en}, "value": str, "kind": KIND, "sign": "", "+", "-" or "="}]
    columns     [{"key": str, "label": {zh, en}, "kind": KIND}]     of the rows below
    rows        [{key: str}]     the sheet lines, entries or days; personal numbers masked
    sources     [{"feed": id, "filename": str, "sha256": str, "received_on": date}]
    parameters  {name: str}      the values it was judged by
    responsible [{"code": str, "name": str, "role": str}]           in the law's order
    clears      {zh, en}         what would clear it

KIND is one of text, money (CNY, two places), date, days, count, month.
"""
