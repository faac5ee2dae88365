"""The site under twenty users with five seconds' thought between clicks, on the same machine.

Fills a home with made-up reports, serves it with ``threshold serve``, and walks home, lists, subjects and a
search. Prints p50, p95 and p99 for each page, against a floor in the same run (``/health``: the same server
without a database or a page). Then one report through the site, alone and while an import runs.

``python benchmarks/bench_pages.py [SUBJECTS [SECONDS [HOME]]]`` (20,000 and 60 if not said). A HOME that
``bench_scale.py`` kept is walked as it is.
"""

from __future__ import annotations

import http.client
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path

from homes import home_at, throw_away_home
from made_up import NEW_ACCOUNT, reports, write_folder

USERS, THINK = 20, 5.0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


PORT = _free_port()


class Browser:
    """As much of a browser as the walk needs: cookies, and forms with their token; a connection a request."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def open(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": kind or "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for header, value in answer.getheaders():
            if header.lower() == "set-cookie":
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.partition(";")[0]
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text

    def token(self, page: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, "the page has no form"
        return found[1]

    def sign_in(self, username: str, password: str) -> None:
        _, page = self.open("GET", "/sign-in")
        fields = {
            "csrfmiddlewaretoken": self.token(page),
            "username": username,
            "password": password,
        }
        status, answer = self.open("POST", "/sign-in", urllib.parse.urlencode(fields).encode())
        assert status in (302, 303), f"signing in answered {status}: {answer}"


def walk(browser: Browser, subjects: int, until: float, times: dict[str, list[float]]) -> None:
    chance = random.Random()
    token = browser.token(browser.open("GET", "/")[1])
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.5 * THINK, 1.5 * THINK))
        kind = chance.choice(["act", "find-out", "subject", "subject", "find-out page", "search", "health"])
        path, body = _address(kind, subjects, token, chance)
        started = time.perf_counter()
        status, _ = browser.open("POST" if body else "GET", path, body)
        times[kind].append(time.perf_counter() - started)
        assert status in (200, 302, 303, 404), f"{path} answered {status}"


def _address(kind: str, subjects: int, token: str, chance: random.Random) -> tuple[str, bytes | None]:
    match kind:
        case "subject":
            return f"/subjects/{2 * chance.randint(1, subjects) - 1}", None
        case "find-out page":
            return f"/lists/find-out?page={chance.randint(2, 40)}", None
        case "search":
            fields = {"csrfmiddlewaretoken": token, "q": f"u-{chance.randint(1, subjects)}"}
            return "/search", urllib.parse.urlencode(fields).encode()
        case "health":
            return "/health", None
        case name:
            return f"/lists/{name}", None


def main(subjects: int, seconds: int, kept: str | None) -> None:
    if kept:
        with home_at(Path(kept)), tempfile.TemporaryDirectory() as folder:
            _serve_and_walk(Path(folder), subjects, seconds)
        return
    with throw_away_home() as folder:
        _fill(folder, subjects)
        _serve_and_walk(folder, subjects, seconds)


def _serve_and_walk(folder: Path, subjects: int, seconds: int) -> None:
    password = _new_password()
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "threshold"), "serve", "--bind", f"127.0.0.1:{PORT}"]
    )
    try:
        _wait_for_server()
        _walks(password, subjects, seconds)
        _one_report(password, folder)
    finally:
        server.terminate()
        server.wait()


def _fill(folder: Path, subjects: int) -> None:
    from threshold.acts.access import actor_by_name
    from threshold.journey.importing import files_under, take_in

    files = folder / "files"
    write_folder(files, int(subjects / NEW_ACCOUNT))
    actor = actor_by_name("demo")
    assert actor is not None
    started = time.monotonic()
    take_in(actor, files_under([files]), keep_told=False, ahead=True)
    print(f"filled with about {subjects:,} subjects in {time.monotonic() - started:.0f} s")


def _new_password() -> str:
    from threshold.acts.access import actor_by_name
    from threshold.acts.officers import reset_password

    actor = actor_by_name("demo")
    assert actor is not None
    return reset_password(actor, "demo").password


def _wait_for_server() -> None:
    for _ in range(200):
        try:
            Browser().open("GET", "/health")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


def _walks(password: str, subjects: int, seconds: int) -> None:
    browsers = [Browser() for _ in range(USERS)]
    for browser in browsers:
        browser.sign_in("demo", password)
    times: dict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + seconds
    walkers = [threading.Thread(target=walk, args=(browser, subjects, until, times)) for browser in browsers]
    for walker in walkers:
        walker.start()
    for walker in walkers:
        walker.join()
    pages = [t for kind, found in times.items() if kind != "health" for t in found]
    floor = _percentile(times["health"], 50)
    for kind, found in sorted([*times.items(), ("all pages", pages)]):
        p50, p95, p99 = (_percentile(found, p) * 1000 for p in (50, 95, 99))
        print(
            f"{kind:<14} {len(found):5d}  p50 {p50:6.0f} ms  p95 {p95:6.0f} ms  p99 {p99:6.0f} ms"
            f"  p50/floor {p50 / 1000 / floor:5.1f}"
        )


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _one_report(password: str, folder: Path) -> None:
    browser = Browser()
    browser.sign_in("demo", password)
    texts = list(reports(60, seed=99))
    alone = [_post_report(browser, text, n) for n, text in enumerate(texts[:30])]
    more = folder / "more"
    write_folder(more, 3_000, seed=7)
    busy = subprocess.Popen(
        [str(Path(sys.executable).parent / "threshold"), "import", str(more)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(2)
    during = []
    for n, text in enumerate(texts[30:]):
        if busy.poll() is not None:
            break
        during.append(_post_report(browser, text, 30 + n))
    busy.wait()
    print(f"one report through the site, alone: median {statistics.median(alone) * 1000:.0f} ms")
    if during:
        longest = max(during) * 1000
        print(
            f"the same while an import runs: median {statistics.median(during) * 1000:.0f} ms, longest {longest:.0f} ms"
        )


def _post_report(browser: Browser, text: str, n: int) -> float:
    token = browser.token(browser.open("GET", "/deliveries/add")[1])
    edge = "made-up-edge"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="one-{n}.xml"\r\n'
        f"Content-Type: text/xml\r\n\r\n{text}\r\n--{edge}--\r\n"
    ).encode()
    started = time.perf_counter()
    status, _ = browser.open("POST", "/deliveries/take-in", body, f"multipart/form-data; boundary={edge}")
    spent = time.perf_counter() - started
    assert status in (302, 303), f"taking one in answered {status}"
    return spent


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 20_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 60,
        sys.argv[3] if len(sys.argv) > 3 else None,
    )
