"""Who answers whom: a pure state machine over waiting calls and idle operators.

`index.RoutingIndex.apply(event, now)` takes what happened and returns decisions; `explain` says why,
`estimate` says how long. Nothing here knows a clock, a socket or a database.
"""
