"""Values that have felled servers, and values of any kind, for the tests that send them in every field."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HALF = "\ud800"
"""Half a character: a body that holds it is no JSON for some of our readers."""
ODD = (
    "",
    "\0",
    HALF,
    "\U0001f600" * 50,
    "x" * 40_000,
    "'; drop table predictions; --",
    "../../etc/passwd",
    "http://[::1",
    "http://user:pw@127.0.0.1:99999/",
    "https://\u2460.example/",
    "data:image/png;base64,",
    "data:,",
    "data:image/png;base64,%%%",
    "upload:",
    "upload:\0",
    "1e400",
    '{"a":' * 5000 + "1" + "}" * 5000,
    "[" * 5000 + "]" * 5000,
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    2**63,
    -(2**63) - 1,
    10**400,
    0.1,
    -0.0,
    True,
    None,
    [],
    {},
    [[[[[[]]]]]],
)
ANYTHING = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=300)
"""What a header can hold."""
PATH = st.text(st.characters(exclude_characters="/?#", exclude_categories=("Cs",)), min_size=1, max_size=40).filter(
    lambda name: bool(name.strip("."))
)
"""What a part of a path can hold, before it is quoted."""
