"""The files that are generated, and whether the committed ones are those. Writes only where it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import cache, capacity, center, operators
from .grafana import Dashboard, rendered

DASHBOARDS: tuple[Dashboard, ...] = (
    operators.DASHBOARD,
    center.DASHBOARD,
    cache.DASHBOARD,
    capacity.DASHBOARD,
)
FOLDER = "helm/trunkline/files/dashboards"
PAGE = "docs/dashboards.md"

_INTRODUCTION = """# Dashboards

<!-- Written by `make generate` from tools/dashboards. -->

Four dashboards for Grafana (its format 39, of Grafana 10.4) on the figures of [metrics.md](metrics.md). Tests have a
Prometheus answer every query of every panel; Grafana itself does not run in them. The chart's `dashboards.enabled` makes a
ConfigMap of each, with the label by which Grafana's sidecar finds it (`grafana_dashboard: "1"`, as kube-prometheus-stack has
it):

```yaml
dashboards:
  enabled: true
  annotations: {grafana_folder: Trunkline}   # if the sidecar's folderAnnotation is grafana_folder
```

The sidecar has to look at the release's namespace (`sidecar.dashboards.searchNamespace`). Without one, import the files of
`helm/trunkline/files/dashboards`. Two things have to be so, and are with the chart's ServiceMonitor and
`prometheusRule.enabled`: samples keep their own labels (`honorLabels`), and the recording rules run, or the panels of burn,
of the share without capacity and of the forecast's error stay empty.

What usually has nothing to show, because there are no errors or no forecast for instance, shows 0.
"""


def generated() -> Mapping[str, str]:
    """Text by path in the repository."""
    files = {f"{FOLDER}/{one.name}.json": rendered(one) for one in DASHBOARDS}
    return {**files, PAGE: _INTRODUCTION + "".join(_section(one) for one in DASHBOARDS)}


def write(root: Path) -> None:
    """Write them all."""
    for path, text in generated().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def differing(root: Path) -> list[str]:
    """The paths of those that are not what would be written, and of dashboards that nobody describes any more."""
    files = generated()
    wrong = [path for path, text in files.items() if not _is(root / path, text)]
    left = (f"{FOLDER}/{path.name}" for path in (root / FOLDER).glob("*"))
    return [*wrong, *(path for path in left if path not in files)]


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _section(one: Dashboard) -> str:
    lines = [f"\n## {one.title}\n\n{one.meaning} Chosen by {', '.join(f'`{item.name}`' for item in one.variables)}.\n"]
    for row in one.rows:
        lines.append(f"\n### {row.title}\n\n| panel | what it shows |\n|---|---|\n")
        lines += [f"| {panel.title} | {panel.meaning} |\n" for panel in row.panels]
    return "".join(lines)
