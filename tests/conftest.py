"""Settings of the whole test run."""

from __future__ import annotations

import os

# The models under test are tiny: threads cost them more than they gain, most of all on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
