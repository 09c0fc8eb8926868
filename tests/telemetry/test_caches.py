"""The gauges of caches, as Prometheus reads them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from trunkline.handlers.health import Figures
from trunkline.handlers.port import Key
from trunkline.telemetry.caches import CacheGauges
from trunkline.telemetry.exposition import exposition

ACME = Key("CacheLayer", "contact-centers", "acme")
OTHER = Key("CacheLayer", "contact-centers", "other")


def read(registry: CollectorRegistry) -> dict[tuple[str, str], float]:
    _, text = exposition(registry)
    families = text_string_to_metric_families(text.decode())
    return {(sample.name, sample.labels["name"]): sample.value for family in families for sample in family.samples}


def test_what_is_known_is_shown_and_what_is_not_has_no_series() -> None:
    registry = CollectorRegistry()
    CacheGauges(registry).show(ACME, Figures(hit_ratio_percent=93, connections=40), healthy=True)
    assert read(registry) == {
        ("trunkline_cache_hit_ratio", "acme"): 0.93,
        ("trunkline_cache_connections", "acme"): 40.0,
        ("trunkline_cache_healthy", "acme"): 1.0,
    }


def test_a_figure_that_is_known_no_more_goes() -> None:
    registry = CollectorRegistry()
    gauges = CacheGauges(registry)
    gauges.show(ACME, Figures(hit_ratio_percent=93, connections=40), healthy=True)
    gauges.show(ACME, Figures(connections=41), healthy=None)
    assert read(registry) == {("trunkline_cache_connections", "acme"): 41.0}


def test_the_series_of_an_object_that_is_gone_go_and_others_stay() -> None:
    registry = CollectorRegistry()
    gauges = CacheGauges(registry)
    for key in (ACME, OTHER):
        gauges.show(key, Figures(connections=1), healthy=False)
    gauges.forget(ACME)
    gauges.forget(ACME)
    assert {name for _, name in read(registry)} == {"other"}
