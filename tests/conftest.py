"""Who runs what when several processes share the tests: what belongs together stays in one of them."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Films of one photo are made by one process, and so are the fixtures of one file.

    A test that says itself where it belongs is left there.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_company(item)))


def _company(item: pytest.Item) -> str:
    if isinstance(item, pytest.Function) and item.get_closest_marker("quality") and hasattr(item, "callspec"):
        photo = item.callspec.params.get("name")
        if isinstance(photo, str):
            return photo
    return f"{item.path.parent.name}/{item.path.stem}"
