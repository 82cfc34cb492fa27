"""The balance as OpenMetrics, for whatever watches over the machine and calls somebody when a figure is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from intake.cases.balance import COUNTS, Balance


def balance_metrics(found: Iterable[tuple[str, Balance]], at: datetime) -> str:
    """Registers by their code, with their balance of a day, as they stand at ``at``: text as OpenMetrics 1.0 has it.

    Gauges, all with the label ``register``: ``sportello_documents`` by ``channel`` and ``outcome``,
    ``sportello_documents_unaccounted``, ``sportello_documents_lost``, ``sportello_balance_holds`` (1 or 0), and
    ``sportello_oldest_waiting_seconds`` where something waits.
    """
    known = CollectorRegistry()
    documents = Gauge("sportello_documents", "Documents of the day", ["register", "channel", "outcome"], registry=known)
    unaccounted = _of_a_register("sportello_documents_unaccounted", "Promised by a receipt, and nowhere", known)
    lost = _of_a_register("sportello_documents_lost", "Of the day, and not whole in the store", known)
    holds = _of_a_register("sportello_balance_holds", "Whether everything received is somewhere", known)
    waiting = _of_a_register("sportello_oldest_waiting_seconds", "Since what waits longest came", known)
    for code, balance in found:
        for each in balance.channels:
            for outcome in COUNTS:
                documents.labels(code, each.channel.value, outcome).set(getattr(each, outcome))
        unaccounted.labels(code).set(balance.unaccounted)
        lost.labels(code).set(balance.lost)
        holds.labels(code).set(balance.holds)
        if balance.oldest:
            waiting.labels(code).set((at - balance.oldest.received_at).total_seconds())
    text: bytes = generate_latest(known)  # type: ignore[no-untyped-call]
    return text.decode()


def _of_a_register(name: str, told: str, known: CollectorRegistry) -> Gauge:
    return Gauge(name, told, ["register"], registry=known)
