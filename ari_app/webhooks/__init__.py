"""Tells other systems what happened: signed, at least once, with patience (X10)."""

from __future__ import annotations

from ari_app.storage.webhooks import WebhookStore
from ari_app.web.api.webhooks import WebhooksApi
from ari_app.webhooks.courier import Courier, body_of
from ari_app.webhooks.post import fault_of
from ari_app.webhooks.signing import new_secret


def webhooks_api(store: WebhookStore, courier: Courier) -> WebhooksApi:
    """The routes over a store and its courier."""
    return WebhooksApi(
        store,
        courier.wake,
        new_secret,
        lambda url, private: fault_of(url, private=private),
        body_of,
    )
