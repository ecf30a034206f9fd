"""Held requests cost no thread."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx2
from sqlalchemy import func, select
from starlette.testclient import TestClient

from hosted_words import MODEL, WANTED, data_of
from stillmotion.server.api.app import create_app
from stillmotion.server.db.schema import predictions

if TYPE_CHECKING:
    from stillmotion.server.service import Service

HELD = 60
"""More than the framework has threads."""
PATIENCE_S = 60.0


def test_others_are_served_while_many_wait(service: Service, caller: TestClient) -> None:
    """With more synchronous requests held than there are threads, a poll is answered before any of them."""
    patient = replace(service, settings=service.settings.model_copy(update={"sync_wait_s": 600.0}))
    transport = httpx2.ASGITransport(create_app(patient))
    key = {"authorization": caller.headers["authorization"]}

    async def talk() -> int:
        async with httpx2.AsyncClient(transport=transport, base_url="http://films.test", headers=key) as client:
            asked = {**WANTED, "enable_sync_mode": True, "seed": 77}
            held = [asyncio.create_task(client.post(MODEL, json=asked)) for _ in range(HELD)]
            async with asyncio.timeout(PATIENCE_S):
                while await asyncio.to_thread(_accepted, service) < HELD:  # noqa: ASYNC110 - nobody tells us
                    await asyncio.sleep(0.2)
                status = (await client.get("/api/v3/balance")).status_code
            assert not any(one.done() for one in held)
            for one in held:
                one.cancel()
            await asyncio.gather(*held, return_exceptions=True)
            return status

    assert asyncio.run(talk()) == 200


def test_whoever_waits_learns_the_id_when_the_service_stops(service: Service, caller: TestClient) -> None:
    """Long before the wait is over: the answer that clients know as an overrun, with the id to ask for afterwards."""
    patient = replace(service, settings=service.settings.model_copy(update={"sync_wait_s": 600.0}))
    told = iter([False])  # nothing new is taken by one that stops: it is told to once this is accepted
    stopping = create_app(patient, is_stopping=lambda: next(told, True))
    there = TestClient(stopping, base_url="http://films.test", headers=dict(caller.headers))
    made = data_of(there.post(MODEL, json={**WANTED, "enable_sync_mode": True}))
    assert (made["status"], made["code"]) == ("processing", 5004)
    assert (
        f"Sync mode timed out because the server stops; the prediction goes on. Prediction ID: {made['id']}."
        in (made["error"])
    )
    assert data_of(caller.get(f"/api/v3/predictions/{made['id']}"))["id"] == made["id"]


def _accepted(service: Service) -> int:
    with service.database.connect() as connection:
        mine = predictions.c.input["seed"].as_integer() == 77
        return connection.scalar(select(func.count()).select_from(predictions).where(mine)) or 0
