"""Ramal: an open call centre on Asterisk, decided by one Python ARI application."""

import os

# The pacing's and the routing's arrays are small: threads of a linear algebra library only cost.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
