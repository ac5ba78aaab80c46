"""Ctrl-C during a long run stops it."""

from __future__ import annotations

import os
import signal
import sys
import threading

import numpy as np
import pytest
from reference.engine_programs import typical

from vfx._ext.engine import Program


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill(SIGINT) ends the process on Windows")
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_run_before_its_end(threads: int) -> None:
    source = np.full((2500, 4000, 4), 0.25, np.float32)
    result = np.zeros_like(source)
    chain = Program([typical()["cdl 0"]] * 100)  # about two seconds on one thread
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        chain.run(source, result, (0, 1, 2, 3), threads)
    timer.join()
    done = np.count_nonzero(result[:, 0, 3])
    assert 0 < done < len(result)  # stopped half-way: what was reached is written, the rest is not
