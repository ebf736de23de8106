"""Pushes a second into the real-name interface, and whether every punch became an attendance day.

    WAGEWATCH_DATABASE_URL=postgres://postgres@127.0.0.1/postgres \
    WAGEWATCH_BROKER_URL=redis://127.0.0.1:6379/7 python bench/gateway.py [--seconds 20] [--kill]

One gunicorn process with threads, one qcluster worker, and a driver process that signs
`WorkerAttendance.Add` calls of 20 punches (an in and an out of ten workers), each worker and day
once. With --kill the worker is killed in the middle (SIGKILL) and started again.
"""

import argparse
import base64
import datetime as dt
import hashlib
import http.client
import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from typing import Any

from load import cards, make_city, resident_ids
from scratch import database

WORKERS = 300
PUNCHES = 20
FIRST = dt.date(2026, 1, 1)  # the day the project began; each worker and day once


def sealed(secret: str, text: str) -> str:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = secret.encode()
    size = 16 - len(text) % 16
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    data = cipher.update(text.encode() + bytes([size]) * size) + cipher.finalize()
    return base64.b64encode(data).decode()


def punches(serial: int, numbers: list[str]) -> tuple[list[dict[str, str]], list[tuple[int, str]]]:
    """The rows of call `serial`, and the (worker, day) that must come of them."""
    crews = len(numbers) // 10
    crew, day = serial % crews, FIRST + dt.timedelta(days=serial // crews)
    rows, days = [], []
    for n in range(crew * 10, crew * 10 + 10):
        for direction, clock in (("01", "07:00:00"), ("02", "17:30:00")):
            rows.append(
                {
                    "idCardType": "01",
                    "idCardNumber": numbers[n],
                    "date": f"{day} {clock}",
                    "direction": direction,
                    "channel": "1",
                }
            )
        days.append((n, str(day)))
    return rows, days


def form(appid: str, secret: str, rows: list[dict[str, str]]) -> str:
    fields = {
        "appid": appid,
        "data": json.dumps({"projectCode": "P000000", "dataList": rows}, separators=(",", ":")),
        "format": "json",
        "method": "WorkerAttendance.Add",
        "nonce": f"{random.getrandbits(64):016x}",
        "timestamp": time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + 8 * 3600)),
        "version": "1.0",
    }
    text = "&".join(f"{name}={value}" for name, value in fields.items())
    fields["sign"] = hashlib.sha256(f"{text}&appsecret={secret}".lower().encode()).hexdigest()
    return urllib.parse.urlencode(fields)


def drive(
    port: int, appid: str, secret: str, ids: list[str], seconds: float, threads: int, pipe: Any
) -> None:
    """The driver process: gives (latencies, serials that were answered with code 0, others)."""
    numbers = [sealed(secret, number) for number in ids]
    end = time.monotonic() + seconds
    counter, lock = iter(range(10**9)), threading.Lock()
    latencies: list[float] = []
    taken: list[int] = []
    refused: list[str] = []

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        while time.monotonic() < end:
            with lock:
                serial = next(counter)
            body = form(appid, secret, punches(serial, numbers)[0])
            start = time.perf_counter()
            try:
                connection.request("POST", "/gateway/", body, headers)
                said = json.loads(connection.getresponse().read())
            except (OSError, http.client.HTTPException, ValueError) as error:
                refused.append(repr(error))
                connection.close()
                continue
            latencies.append(time.perf_counter() - start)
            if said["code"] == "0":
                taken.append(serial)
            else:
                refused.append(said["message"])

    crew = [threading.Thread(target=run) for _ in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    pipe.send((latencies, taken, refused[:3], len(refused)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, "WAGEWATCH_WORKERS": "1", "WAGEWATCH_WORK_LEASE": "5"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if not os.environ.get("BENCH_LOUD") else None,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def issue() -> tuple[str, str]:
    from django.contrib.auth import get_user_model

    from payroll.gateway import keys
    from projects.models import Project

    user = get_user_model().objects.create_user("bench")
    project = Project.objects.get(code="P000000")
    key, secret = keys.issue_key(
        user, "bench", project.contractor, [project], calls_per_minute=10**6
    )
    return key.appid, secret


def missing(taken: list[int], ids: list[str]) -> int:
    """How many of the days that the answered calls brought are not there, whole."""
    from payroll.models import AttendanceDay
    from wagewatch import vault

    place = {vault.blind(number): n for n, number in enumerate(ids)}
    known = {
        (place[blind], str(day))
        for blind, day, first, last in AttendanceDay.objects.values_list(
            "engagement__worker__id_hash", "day", "first_in", "last_out"
        )
        if blind in place and first and last
    }
    wanted = {one for serial in taken for one in punches(serial, ids)[1]}
    return len(wanted - known)


def pending() -> int:
    from payroll.models import Feed, GatewayCall

    waiting = GatewayCall.objects.filter(waiting=True).count()
    return waiting + Feed.objects.filter(status__in=["received", "running"]).count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--threads", type=int, default=16, help="calls under way at once")
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    seconds = min(options.seconds, 60)
    ids = resident_ids(WORKERS)
    port = free_port()
    with database("gateway"):
        make_city(WORKERS, ids, cards(WORKERS))
        appid, secret = issue()
        web = start(
            *("-m", "gunicorn", "wagewatch.wsgi", "-b", f"127.0.0.1:{port}", "-w", "1"),
            *("-k", "gthread", "--threads", "16", "--keep-alive", "30"),
        )
        queue = start("manage.py", "qcluster")
        try:
            _until_up(port)
            ours, theirs = multiprocessing.Pipe()
            arguments = (port, appid, secret, ids, seconds, options.threads, theirs)
            driver = multiprocessing.get_context("spawn").Process(target=drive, args=arguments)
            began = time.monotonic()
            driver.start()
            if options.kill:
                time.sleep(seconds / 2)
                stop(queue)
                time.sleep(1)
                queue = start("manage.py", "qcluster")
            latencies, taken, examples, refused = ours.recv()
            driver.join()
            drained = _until_done()
            lost = missing(taken, ids)
        finally:
            stop(web)
            stop(queue)
    latencies.sort()
    middle, high = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.95)]
    print(
        f"{len(taken)} calls of {PUNCHES} punches in {seconds:.0f} s: {len(taken) / seconds:.0f} "
        f"calls/s (aim 300), p50 {middle * 1000:.0f} ms, p95 {high * 1000:.0f} ms (aim 150); "
        f"refused or broken {refused} {examples}; worked off {drained:.1f} s after the last call "
        f"({time.monotonic() - began:.0f} s in all); days missing: {lost}"
        f"{'; the worker was killed in the middle' if options.kill else ''}"
    )
    sys.exit(1 if lost or refused else 0)


def _until_up(port: int) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("bench: the web server did not start")


def _until_done() -> float:
    """Seconds until nothing waits; the sweep that an office has every minute runs every 5 s."""
    from payroll.gateway import inbox
    from wagewatch import work

    began = time.monotonic()
    while pending() and time.monotonic() - began < 120:
        time.sleep(1)
        if int(time.monotonic() - began) % 5 == 0:
            work.sweep()
            inbox.sweep()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
