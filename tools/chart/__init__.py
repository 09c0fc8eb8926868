"""What is generated of the Helm charts from their `values.yaml`: the JSON Schema of the values and the table in the README.

And docs/rbac.yaml, from the file that the chart's roles are made of. `python -m tools.chart --write | --verify`.
"""

from __future__ import annotations

from .generate import differing, generated, write
from .values import Value, ValuesError, values

__all__ = ["Value", "ValuesError", "differing", "generated", "values", "write"]
