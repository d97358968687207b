"""wrk as the load tool: the bodies in turn, written into a script in its own language."""

import json
import os
import subprocess
import tempfile
import time

from benchmarks.job import Job, Result, new_of_this_run

# A long bracket that no JSON text holds quotes each part; the results are written as JSON by wrk itself.
_SCRIPT = """
local bodies = {{ {bodies} }}
local headers = {{ ["auth-token"] = "{token}", ["content-type"] = "application/json" }}
local turn, asked, threads = 0, 0, 0
setup = function(thread)
  threads = threads + 1
  thread:set("number", threads)
end
request = function()
  turn = turn % #bodies + 1
  asked = asked + 1
  local new = "{new}" .. string.format("%02d%08d", number, asked)
  return wrk.format("POST", "{path}", headers, table.concat(bodies[turn], new))
end
done = function(summary, latency)
  local errors = summary.errors
  local refused = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\\n{{"answered": %d, "refused": %d, "micros": %d, "p50": %f, "p99": %f}}\\n',
    summary.requests, refused, summary.duration, latency:percentile(50), latency:percentile(99)))
end
"""


def run(job: Job) -> Result:
    bodies = ",".join(f"{{ {','.join(f'[==[{part}]==]' for part in parts)} }}" for parts in job.parts())
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as script:
        script.write(_SCRIPT.format(bodies=bodies, token=job.token, path=job.path, new=new_of_this_run()))
        script.flush()
        command = ["wrk", "--timeout", "30s", "-t", str(job.threads), "-c", str(job.connections)]
        command += ["-d", f"{max(1, round(job.seconds))}s"]
        began, cpu = time.perf_counter(), _children_cpu()
        done = subprocess.run(
            [*command, "-s", script.name, f"http://127.0.0.1:{job.port}"], stdout=subprocess.PIPE, text=True, check=True
        )
        share = (_children_cpu() - cpu) / (time.perf_counter() - began)
    told = json.loads(done.stdout.splitlines()[-1])
    return Result(
        per_second=round(told["answered"] / told["micros"] * 1e6, 1),
        answered=told["answered"],
        refused=told["refused"],
        p50_ms=round(told["p50"] / 1000, 2),
        p99_ms=round(told["p99"] / 1000, 2),
        tool_cpu=round(share, 2),
    )


def _children_cpu() -> float:
    """Seconds of processor time of the children that have ended."""
    times = os.times()
    return times.children_user + times.children_system
