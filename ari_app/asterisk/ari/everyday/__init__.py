"""The everyday surface of the client: ari-py code with `await` added."""

from ari_app.asterisk.ari.everyday.client import Client, Subscription, connect
from ari_app.asterisk.ari.everyday.errors import HTTPError

__all__ = ["Client", "HTTPError", "Subscription", "connect"]
