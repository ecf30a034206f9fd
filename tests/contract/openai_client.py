"""What a program does with the official Python client; run as a script with the address, the photo and a folder."""

from __future__ import annotations

import io
import json
import sys
import warnings
from pathlib import Path


def main(base_url: str, photo: str, folder: str) -> None:
    """Create in every way, look, list, fetch, remix, delete; the last line is what was seen, as JSON."""
    warnings.simplefilter("ignore")  # the client calls its own methods old
    import openai  # noqa: PLC0415 - installed for this script alone

    client = openai.OpenAI(base_url=base_url + "/v1", api_key="any")
    content = Path(photo).read_bytes()
    words = "Slow dolly in"
    with Path(photo).open("rb") as file:
        made = client.videos.create_and_poll(prompt=words, input_reference=file, size="1280x720")
    seen = {"status": made.status, "progress": made.progress, "size": made.size}
    for variant in ("video", "thumbnail", "spritesheet"):
        client.videos.download_content(made.id, variant=variant).write_to_file(Path(folder) / variant)
    ways = {"input_reference": content}
    nested = {"input_reference": {"image_url": "https://nobody.invalid/lake.jpg"}, "seed": 7}
    others = [
        client.videos.create(prompt=words, model="sora-2-pro", seconds="4", **ways),
        client.videos.create(prompt=words, extra_body=nested),
        client.post("/videos", cast_to=type(made), body={"prompt": words, **nested}),
        client.videos.create(prompt=words, input_reference=("a", io.BytesIO(content))),
        client.videos.remix(made.id, prompt="now gulls"),
    ]
    seen["remixed"] = others[-1].remixed_from_video_id == made.id
    seen["listed"] = [one.id for one in client.videos.list(limit=2, order="asc")] == [made.id, *(o.id for o in others)]
    seen["same"] = client.videos.retrieve(made.id) == made
    seen["failed"] = client.videos.poll(others[1].id).error.code
    faulty = {
        "seconds": lambda: client.videos.create(prompt=words, seconds="5", **ways),
        "model": lambda: client.videos.create(prompt=words, model="sora-9", **ways),
        "picture": lambda: client.videos.create(prompt=words, input_reference=b"no picture"),
        "none": lambda: client.videos.create(prompt=words),
        "edit": lambda: client.post("/videos/edits", cast_to=type(made), body={"prompt": words}),
        "fetch": lambda: client.videos.download_content(others[1].id),
    }
    seen["errors"] = {name: told(openai, act) for name, act in faulty.items()}
    seen["deleted"] = [client.videos.delete(one.id).deleted for one in (*others, made)]
    seen["left"] = len(list(client.videos.list()))
    seen["models"] = [one.id for one in client.models.list()][:2]
    seen["errors"]["gone"] = told(openai, lambda: client.videos.retrieve(made.id))
    print(json.dumps(seen))  # noqa: T201 - how the script answers


def told(openai, act):  # noqa: ANN001, ANN201 - installed for this script alone
    """What a program catches."""
    try:
        act()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.param, error.code]


if __name__ == "__main__":
    main(*sys.argv[1:])
