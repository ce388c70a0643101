"""Runs a command and writes what it has cost: `cost.py REPORT SECONDS COMMAND...`, ended after so many seconds.

Node says nothing of what its children used, so this asks the kernel: wall and CPU time in milliseconds, the most
memory that was resident in MB, and the exit code (negative for a signal).
"""

import json
import os
import signal
import sys
import time

report, seconds, *command = sys.argv[1:]
start = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ)
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.alarm(int(seconds))
_, status, used = os.wait4(child, 0)
cost = {
    "wallMs": (time.monotonic() - start) * 1000,
    "cpuMs": (used.ru_utime + used.ru_stime) * 1000,
    "mb": used.ru_maxrss * 1024 / 1e6,
    "code": os.waitstatus_to_exitcode(status),
}
with open(report, "w") as file:
    json.dump(cost, file)
