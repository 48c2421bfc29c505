"""Figures of several runs."""

from statistics import median


def spread(values):
    """Half of the distance between the smallest and the largest, as a share of the median. None of
    fewer than two values, which say nothing of it."""
    if len(values) < 2:
        return None
    middle = median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


def text(number):
    """Three digits that count, with thousands apart: 1234567 -> "1 230 000", 0.01234 -> "0.0123"."""
    if number is None:
        return "-"
    if number == 0:
        return "0"
    if abs(number) < 1000:
        return f"{number:.3g}"
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.0f}".replace(",", " ")
