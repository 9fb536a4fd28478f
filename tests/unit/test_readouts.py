"""Readouts write numbers as d3-format does: the values here are what it gives."""

import pytest
from blog.convert.readouts import MINUS, readout


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (14, "d", "14"), (-14, "d", f"{MINUS}14"), (1234567, ",d", "1,234,567"), (2.6, "d", "3"),
        (0.5, ".2f", "0.50"), (-0.001, ".2f", "0.00"), (1234.5, ",.1f", "1,234.5"), (0.127, ".1%", "12.7%"),
        (1, ".3g", "1.00"), (1234.5, ".3g", "1.23e+3"), (0.000012345, ".3g", "0.0000123"),
        (1e-7, ".3g", "1.00e-7"), (1500, ".3s", "1.50k"), (0.0012, ".2s", "1.2m"), (42e6, ".3s", "42.0M"),
        (12.3456, ".3r", "12.3"), (1.5, ".3~f", "1.5"), (2, ".2~f", "2"), (1234.5, ".2e", "1.23e+3"),
        (3, "+d", "+3"), (0, ".3g", "0.00"), (0, ".3s", "0.00"), (float("inf"), ".2f", "inf"),
        (1.5, "x?", "1.5"), (0.5, "d", "1"), (2.5, ".0f", "3"), (99.95, ".3g", "100"), (1, "", "1"),
    ],
)  # fmt: skip
def test_readout(value: float, form: str, text: str) -> None:
    assert readout(value, form) == text
