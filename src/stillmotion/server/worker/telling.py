"""The end of a prediction is told to its webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.server import webhooks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service


def tell_webhook(service: Service, connection: Connection, made: Prediction, at: datetime) -> None:
    """Write the delivery of a webhook into the transaction that ends the prediction."""
    webhooks.tell(service)(connection, made, at)


def deliver(service: Service, delivery_id: str) -> None:
    """Send it, or try to; the next attempt is queued where this one's end is noted."""
    webhooks.deliver(service, delivery_id)
