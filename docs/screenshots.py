"""Pictures of the site for the documentation, and of every page for whoever wants to look at them all.

    python docs/screenshots.py --url http://127.0.0.1:8000              # docs/pictures/*.png
    python docs/screenshots.py --url http://127.0.0.1:8000 --look DIR   # each page, at 1440 and 360 px, light
                                                                        # and dark, in both languages, printed

Needs Chromium with its driver and a Chinese font (Debian: chromium chromium-driver fonts-noto-cjk) and a
running demonstration site. The driver is spoken to over its own protocol (W3C WebDriver), with nothing to
install.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PICTURES = Path(__file__).parent / "pictures"
LARGEST = 300_000
"""Bytes of a picture in the documentation."""

WIDE, NARROW = 1440, 360
LONGEST = 6_000
"""Pixels of height after which a picture is cut."""


def say(text: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(f"{text}\n")


def ask(address: str, content: dict[str, Any] | None = None, method: str | None = None) -> Any:
    """Send JSON, get JSON."""
    body = None if content is None else json.dumps(content).encode()
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, body, head, method=method)  # noqa: S310 - our own machine
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


class Browser:
    """A headless Chromium behind its driver."""

    def __init__(self, driver: str, folder: str) -> None:
        options = {
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--no-first-run", "--hide-scrollbars", f"--user-data-dir={folder}",
            ]
        }  # fmt: skip
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        self.session = f"{driver}/session/{ask(f'{driver}/session', wanted)['value']['sessionId']}"

    def command(self, name: str, **given: Any) -> Any:
        """A command of the DevTools protocol."""
        return ask(f"{self.session}/goog/cdp/execute", {"cmd": name, "params": given})["value"]

    def open(self, address: str, width: int = WIDE, *, dark: bool = False) -> int:
        """Open a page; returns its height in pixels."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", media="", features=[scheme])
        ask(f"{self.session}/url", {"url": address})
        script = "const e = document.documentElement; return [e.scrollWidth, e.scrollHeight]"
        wide, high = ask(f"{self.session}/execute/sync", {"script": script, "args": []})["value"]
        if wide > width:
            say(f"{address}: {wide} px wide at {width}")
        return int(high)

    def picture(self, path: Path, width: int, height: int) -> None:
        """The top of the open page as a PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.command("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def printed(self, path: Path) -> None:
        """The open page as it is printed, as a PDF on A4."""
        sheet = self.command("Page.printToPDF", preferCSSPageSize=True, paperWidth=8.27, paperHeight=11.69)
        path.write_bytes(base64.b64decode(sheet["data"]))

    def close(self) -> None:
        """End the browser."""
        ask(self.session, method="DELETE")


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A browser of our own, ended with its driver."""
    program = shutil.which("chromedriver")
    if program is None:
        sys.exit(
            "chromedriver is not installed (Debian: apt-get install chromium chromium-driver fonts-noto-cjk)"
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        driver = subprocess.Popen(  # noqa: S603 - the program was found above
            [program, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(100):
                with contextlib.suppress(OSError):
                    ask(f"{address}/status")
                    break
                time.sleep(0.1)
            opened = Browser(address, folder)
            try:
                yield opened
            finally:
                opened.close()
        finally:
            driver.terminate()
            driver.wait()


def telling_subject(root: str, query: str) -> tuple[str, int]:
    """A subject with many kinds of records, and one of its penalties (else its newest record)."""
    found = ask(f"{root}/api/v1/subjects?{urllib.parse.urlencode({'q': query, 'limit': 40})}")["subjects"]
    views = [ask(f"{root}/api/v1/subjects/{one['code']}") for one in found]
    best = max(
        views,
        key=lambda view: (
            (view["subject"]["verification"] or {}).get("state") == "verified",
            len({one["item"] for one in view["records"]}),
            len(view["subject"]["outlets"]),
            -len(view["records"]),
        ),
    )
    records = sorted(best["records"], key=lambda one: one["item"] != "penalty")
    return best["subject"]["code"], records[0]["id"]


def addresses(root: str, query: str) -> dict[str, str]:
    """The pages by name."""
    code, record = telling_subject(root, query)
    asked = urllib.parse.urlencode({"q": query})
    return {
        "home": f"{root}/",
        "search": f"{root}/search?{asked}",
        "subject": f"{root}/subjects/{code}",
        "record": f"{root}/records/{record}",
        "nothing-found": f"{root}/search?q=%E9%BE%98%E9%BE%98",
        "catalogue": f"{root}/catalogue",
        "item": f"{root}/catalogue/penalty",
        "api": f"{root}/api/v1/docs",
        "about": f"{root}/about",
        "missing": f"{root}/no-such-page",
    }


def for_documentation(root: str, query: str) -> None:
    """The pictures that the documentation shows."""
    PICTURES.mkdir(exist_ok=True)
    with browser() as chromium:
        pages = addresses(root, query)
        for name, tallest in (("home", 900), ("search", 1000), ("subject", 1300), ("record", 1400)):
            height = chromium.open(spoken(pages[name], "zh"), 1200)
            path = PICTURES / f"{name}.png"
            chromium.picture(path, 1200, min(height, tallest))
            size = path.stat().st_size
            say(f"{path}  {size:,} bytes")
            if size > LARGEST:
                sys.exit(f"{path} is larger than {LARGEST:,} bytes: take a lower part of the page")


def for_looking(root: str, query: str, folder: Path) -> None:
    """Every page in every way that it is looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for name, address in addresses(root, query).items():
            for language in ("zh", "en"):
                for width in (WIDE, NARROW):
                    for dark in (False, True):
                        height = chromium.open(spoken(address, language), width, dark=dark)
                        look = "dark" if dark else "light"
                        path = folder / f"{name}-{language}-{width}-{look}.png"
                        chromium.picture(path, width, min(height, LONGEST))
                chromium.printed(folder / f"{name}-{language}.pdf")
            say(name)


def spoken(address: str, language: str) -> str:
    """The address of the page in a language."""
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the site is")
    parser.add_argument("--query", default="福州", help="what is searched for on the picture of a search")
    parser.add_argument("--look", type=Path, help="folder for pictures of every page")
    given = parser.parse_args()
    root = given.url.rstrip("/")
    if given.look:
        for_looking(root, given.query, given.look)
    else:
        for_documentation(root, given.query)


if __name__ == "__main__":
    main()
