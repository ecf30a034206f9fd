"""What became of a film."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from hosted_words import FILM, MODEL, WANTED, data_of, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from hosted_words import Ending
    from stillmotion.server.clock import StoppedClock
    from stillmotion.server.service import Service


@pytest.mark.parametrize("tail", ["", "/result"])
@pytest.mark.parametrize("prefix", ["/api/v3", "/api/v2"])
def test_results_at_both_paths(caller: TestClient, ending: Ending, prefix: str, tail: str) -> None:
    """A complete prediction has its film at an address that works without a key."""
    made = data_of(caller.post(MODEL, json=WANTED))
    ending.complete(made["id"])
    done = data_of(caller.get(f"{prefix}/predictions/{made['id']}{tail}", headers={"content-type": "application/json"}))
    assert (done["status"], done["code"], done["error"], done["engine"]) == ("completed", 0, "", "diorama")
    assert done["has_nsfw_contents"] == [False]
    assert all(isinstance(value, int) for value in (done["executionTime"], *done["timings"].values()))
    assert done["outputs"][0].startswith("http://films.test/files/outputs/")
    film = caller.get(done["outputs"][0], headers={"authorization": ""})
    assert (film.content, film.headers["content-type"]) == (FILM, "video/mp4")


def test_failures_are_answers(caller: TestClient, ending: Ending) -> None:
    """HTTP 200, the word failed, a code and a reason; the price is given back."""
    made = data_of(caller.post(MODEL, json=WANTED))
    assert data_of(caller.get("/api/v3/balance")) == {"balance": 99.6}
    ending.fail(made["id"])
    done = data_of(caller.get(f"/api/v3/predictions/{made['id']}/result"))
    assert (done["status"], done["code"], done["outputs"]) == ("failed", 1402, [])
    assert done["error"]
    assert data_of(caller.get("/api/v3/balance")) == {"balance": 100.0}


def test_others_things_are_unknown(caller: TestClient, another: Callable[..., TestClient]) -> None:
    """On every route with an id: the same answer as for what never was."""
    made = data_of(caller.post(MODEL, json=WANTED))["id"]
    stranger = another()
    for name in (made, "0" * 32, "nonsense", "video_" + made):
        for method, tail in (("GET", ""), ("GET", "/result"), ("DELETE", "")):
            refused(stranger.request(method, f"/api/v3/predictions/{name}{tail}"), 404)
    assert data_of(stranger.post("/api/v3/predictions/delete", json={"ids": [made]})) == {"deleted_count": 0}
    assert data_of(stranger.post("/api/v3/predictions", json={}))["items"] == []
    assert data_of(caller.get(f"/api/v3/predictions/{made}"))["id"] == made


def test_lists(caller: TestClient, ending: Ending) -> None:
    """Newest first, by page, model, status and time, with or without what was asked for; as POST and as GET."""
    made = [data_of(caller.post(MODEL, json={**WANTED, "seed": number}))["id"] for number in range(3)]
    ending.complete(made[0])
    first = data_of(caller.post("/api/v3/predictions", json={"page": 1, "page_size": 2}))
    assert (first["page"], first["total"], len(first["items"])) == (1, 3, 2)
    assert "input" not in first["items"][0]
    second = data_of(caller.get("/api/v3/predictions?page=2&page_size=2"))
    assert {one["id"] for one in (*first["items"], *second["items"])} == set(made)
    done = data_of(caller.post("/api/v3/predictions", json={"status": "completed", "include_inputs": True}))
    assert [one["id"] for one in done["items"]] == made[:1]
    assert done["items"][0]["input"]["prompt"] == WANTED["prompt"]
    for filters, count in (
        ({"status": "pending"}, 2),
        ({"status": "cancelled"}, 0),
        ({"model": "openai/sora-2-pro/image-to-video"}, 0),
        ({"created_after": "2030-01-01T00:00:00.000Z"}, 0),
        ({"created_before": "2030-01-01"}, 3),
    ):
        assert len(data_of(caller.post("/api/v3/predictions", json=filters))["items"]) == count
    assert data_of(caller.post("/api/v3/predictions"))["total"] == 3


def test_deleting_several(caller: TestClient, ending: Ending) -> None:
    """Those that have ended; unknown ones are left out; the film's address ends with the prediction."""
    made = [data_of(caller.post(MODEL, json=WANTED))["id"] for _ in range(2)]
    ending.complete(made[0])
    film = data_of(caller.get(f"/api/v3/predictions/{made[0]}"))["outputs"][0]
    asked = {"ids": [*made, "f" * 32, "nonsense"]}
    assert data_of(caller.post("/api/v3/predictions/delete", json=asked)) == {"deleted_count": 1}
    refused(caller.get(f"/api/v3/predictions/{made[0]}"), 404)
    assert caller.get(film).status_code == 404


def test_deleting_one(caller: TestClient, ending: Ending) -> None:
    """The older form; what has not begun is stopped and not charged."""
    done, waiting = (data_of(caller.post(MODEL, json=WANTED))["id"] for _ in range(2))
    ending.complete(done)
    for name in (done, waiting):
        assert data_of(caller.delete(f"/api/v3/predictions/{name}")) == {"id": name, "status": "deleted"}
        refused(caller.delete(f"/api/v3/predictions/{name}"), 404)
    assert data_of(caller.get("/api/v3/balance")) == {"balance": 99.6}


def test_files_have_ranges_types_and_an_end(
    caller: TestClient, ending: Ending, hosted_clock: StoppedClock, service: Service
) -> None:
    """Players ask for parts; addresses cannot be changed and expire."""
    made = data_of(caller.post(MODEL, json=WANTED))["id"]
    ending.complete(made)
    address = data_of(caller.get(f"/api/v3/predictions/{made}"))["outputs"][0]
    part = caller.get(address, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(FILM)}"
    whole = caller.head(address)
    assert (whole.headers["content-length"], whole.headers["accept-ranges"]) == (str(len(FILM)), "bytes")
    assert whole.headers["content-disposition"] == f'inline; filename="{made[:8]}-film.mp4"'
    assert caller.get(address + "&download=1").headers["content-disposition"].startswith("attachment")
    assert caller.get(address, headers={"range": "bytes=9999-"}).status_code == 416
    for wrong in (address.replace("outputs", "uploads"), urlsplit(address).path, address[:-1] + "!"):
        assert caller.get(wrong).status_code == 403
    hosted_clock.advance(service.settings.url_ttl_s)
    expired = caller.get(address)
    assert (expired.status_code, expired.json()["error"]["code"]) == (403, "signature_invalid")


def test_a_public_address_stands_in_all_addresses(caller: TestClient, ending: Ending) -> None:
    """Behind a proxy with a path of its own, signed addresses still fit."""
    made = data_of(caller.post(MODEL, json=WANTED))["id"]
    ending.complete(made)
    told = data_of(caller.get(f"http://other.test/api/v3/predictions/{made}"))
    assert told["urls"]["get"].startswith("http://other.test/api/v3/")
    assert caller.get(told["outputs"][0].replace("http://other.test", "http://films.test")).content == FILM


def test_lists_name_addresses_also_of_base64(caller: TestClient, ending: Ending) -> None:
    """One film as text fits into an answer, a page of them does not."""
    made = data_of(caller.post(MODEL, json={**WANTED, "enable_base64_output": True}))["id"]
    ending.complete(made)
    assert base64.b64decode(data_of(caller.get(f"/api/v3/predictions/{made}"))["outputs"][0]) == FILM
    listed = data_of(caller.get("/api/v3/predictions"))["items"][0]
    assert listed["id"] == made
    assert caller.get(listed["outputs"][0]).content == FILM
