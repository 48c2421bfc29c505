"""The one exception that the lab raises for what its user can do something about."""


class LabError(Exception):
    """Says what went wrong and, where that helps, what to do."""
