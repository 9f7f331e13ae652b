"""Settings of the whole test run."""

from __future__ import annotations

import os
import tempfile

# The models under test are tiny: threads cost them more than they gain, most of all on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Which threshold is in force on the machine of the person who runs the tests is no part of them.
os.environ["AGPIS_THRESHOLD_LOG"] = os.path.join(tempfile.mkdtemp(prefix="agpis-tests-"), "thresholds.jsonl")
