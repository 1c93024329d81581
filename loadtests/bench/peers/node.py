"""`python -m loadtests.bench.peers.node CORE NODE SCRIPT`: become Node.js, on one core with all its threads."""

import os
import sys

if __name__ == "__main__":
    core, node, script = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    os.execv(node, [node, script])  # noqa: S606 - the bench's own
