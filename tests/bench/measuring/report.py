"""The table for people and the object for programs."""

import json

from .figures import text

HEADER = ("What", "Trunkline", "Unit", "Spread", "Peer", "Peer's", "Its spread", "Ratio", "Goal", "Met")


def markdown(machine, rows):
    """One table, and below it how each row was measured."""
    lines = [", ".join(f"{key}: {value}" for key, value in machine.items()), "",
             line(HEADER), line("---" for _ in HEADER)]
    lines += [line(cells(row)) for row in rows]
    lines.append("")
    for row in rows:
        details = " ".join(part for part in (row.how, row.note) if part)
        if details:
            lines.append(f"- {row.name}: {details}")
    return "\n".join(lines) + "\n"


def line(words):
    return "| " + " | ".join(words) + " |"


def cells(row):
    met = {None: "", True: "yes", False: "no"}[row.met]
    value = text(row.value) if row.value is not None else "not measured"
    return (row.name, value, row.unit,
            share(row.spread),
            row.peer or "", "" if row.peer_value is None else text(row.peer_value),
            share(row.peer_spread),
            "" if row.ratio is None else text(row.ratio),
            "" if row.budget is None else text(row.budget), met)


def share(spread):
    return "" if spread is None else f"±{spread:.0%}"


def as_json(machine, rows):
    return json.dumps({"machine": machine, "rows": [row.as_dict() for row in rows]}, indent=2) + "\n"
