"""Pacing of outbound campaigns: how many calls to place, to whom, and when the law says no. Pure.

Start reading at `pacer` (events in, plan out); `predictive` is the model-predictive rule, `law` and
`profiles` the legal side, `retry` and `calling_hours` decide when a contact may be tried.
"""
