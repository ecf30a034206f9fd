"""The HTTP client: the verbs of the hosted service against a server of ours."""

from stillmotion.client.client import Client
from stillmotion.client.wire import Patience

__all__ = ["Client", "Patience"]
