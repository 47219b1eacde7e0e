"""Operators asked for by name: a transfer, a consultation, a caller who comes back, a call taken over.

The router is not asked, but its rule holds: one operator has one call. Each function makes an `Offer` that
the dispatcher knows like any other, so that talk time, wrap-up and pauses follow as usual.
"""

from __future__ import annotations

from ari_app.dispatch.dispatcher import Dispatcher, Offer, Waiting
from ari_app.dispatch.messages import Assigned
from ari_app.model.ids import CallId, OperatorId, QueueId
from ari_app.model.queue import Queue
from ari_app.model.routing import QueueRequest
from ari_app.ports import NotFound


def take(
    dispatcher: Dispatcher,
    call: CallId,
    request: QueueRequest,
    operator: OperatorId,
    now: float,
    *,
    back: bool,
) -> Assigned:
    """Reserve one operator for a call. `back`: he had this caller before, and is fetched out of his wrap-up.

    Raises `NotFound` for one who is not there or of another client, `IllegalTransition` unless available.
    """
    made = _offer(dispatcher, call, request, operator, now)
    _same_client(dispatcher, operator, request)
    dispatcher.act(operator, lambda presence, at: presence.take(made.id, call, at, back=back))
    return _keep(dispatcher, made)


def join(
    dispatcher: Dispatcher, call: CallId, request: QueueRequest, operator: OperatorId, now: float
) -> Assigned:
    """An operator talks with the caller by an own act. Raises as `take`, if he talks with another."""
    made = _offer(dispatcher, call, request, operator, now)
    _same_client(dispatcher, operator, request)
    dispatcher.act(operator, lambda presence, at: presence.join(made.id, call, at))
    return _keep(dispatcher, made)


def as_assigned(offer: Offer) -> Assigned:
    """An offer as the session holds it."""
    return Assigned(offer.id, offer.operator, offer.waiting.queue, 0.0, 0, offer.direct)


def _same_client(dispatcher: Dispatcher, operator: OperatorId, request: QueueRequest) -> None:
    if dispatcher.presence(operator).operator.client != request.client:
        raise NotFound(f"there is no operator {operator}")


def _offer(
    dispatcher: Dispatcher, call: CallId, request: QueueRequest, operator: OperatorId, now: float
) -> Offer:
    queue = dispatcher.queues.get(request.queue) or Queue(QueueId(request.queue))
    waiting = Waiting(call, request, now, queue)
    return Offer(dispatcher.new_offer_id(call), waiting, operator, adopted=True, direct=True)


def _keep(dispatcher: Dispatcher, made: Offer) -> Assigned:
    dispatcher.offers[made.id] = made
    return as_assigned(made)
