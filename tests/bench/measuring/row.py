"""A row of the table: what Trunkline does, what a peer does, and the goal for their ratio."""

from dataclasses import asdict, dataclass
from statistics import median

from .figures import spread


class CannotMeasure(Exception):
    """Says why this machine, or today's Trunkline, has no such figure."""


@dataclass
class Row:
    """`ratio`: larger is better, whatever the unit; `budget`: the least that it shall be, None where
    there is no goal. `peer` may be the goal itself, as in "1 KiB". `spread` and `peer_spread`: see
    figures.spread. `value` None: not measured, and `note` says why. `how`: how it was measured, and `note` what else
    was seen."""

    name: str
    unit: str
    value: float = None
    spread: float = None
    peer: str = None
    peer_value: float = None
    peer_spread: float = None
    ratio: float = None
    budget: float = None
    how: str = ""
    note: str = ""

    @property
    def met(self):
        """None where there is nothing to judge."""
        if self.budget is None or self.ratio is None:
            return None
        return self.ratio >= self.budget

    def as_dict(self):
        return asdict(self)


def row_of(name, unit, values, *, peer=None, peer_values=(), less_is_better=False, **more):
    """The row of several runs: medians, their spreads, and their ratio."""
    row = Row(name, unit, value=median(values), spread=spread(values), **more)
    if peer_values:
        row.peer, row.peer_value = peer, median(peer_values)
        row.peer_spread = spread(peer_values)
        ours, theirs = row.value, row.peer_value
        if less_is_better:
            ours, theirs = theirs, ours
        row.ratio = ours / theirs if theirs else None
    return row
