"""The HTML pages: what they say, that nothing in them obeys a student, and how a browser takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from grading.grader.result import Answer, Verdict
from grading.reports.gather import gather
from grading.reports.html import class_page, file_name, student_page, student_path, write_pages
from grading.tests.sample_results import HOSTILE, hostile_result, one_result, sample_class, write_class

VOID = {"meta", "link", "br", "rect", "line", "img"}
# What the templates themselves may contain: everything else is text of a result that became markup.
TAGS = set(
    "html head meta link title style body header main footer section h1 h2 h3 p a b span div code pre ul li dl dt dd "
    "details summary figure figcaption table thead tbody tr th td br svg rect text line".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name rel href class width height role aria-label aria-hidden x y x1 x2 y1 y2 rx "
    "text-anchor open".split()
)


class Checker(HTMLParser):
    """Collects the text, and fails on a tag or an attribute that is not of our templates."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            if name == "href":
                assert re.fullmatch(
                    r"data:,|index\.html|(\.\./students/[^/:]+/)?[^/:]+\.html", value or ""
                ), value
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.stack.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self.stack[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+([:,.])", r"\1", re.sub(r"\s+", " ", " ".join(self.words)))


def test_a_students_page_says_all_that_the_result_knows() -> None:
    one = sample_class(6)[1]
    one = replace(
        one, answers=(replace(one.answers[0], points=3.0, comment="Level 1 it is."), one.answers[1])
    )
    text = Checker(student_page(one)).text
    failed = next(t for t in one.tests if t.verdict is Verdict.FAIL)
    for piece in (
        "Lab 4 · Sv39 page tables",
        "Ben Example",
        "41.4 of 110 points",
        "2 days late, 1 of them free late days: 46 points × 0.9",
        "Makefile is edited",
        re.sub(r"^.*expected: (\S+).*$", r"\1", failed.text, flags=re.DOTALL),
        failed.hint,
        "panic: kernel page fault",
        failed.reproduce,
        f"make grade TEST={failed.name.split('::')[1]}",
        "Level 1 it is.",
        "3 / 5",
        "Points: ____ of 5 not looked at yet",
        "kernel/mm/page_table.cc",
        "c0ffee",
    ):
        assert piece in text, piece


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (2, "It does not build"),
        (3, "Nothing in the submission"),
        (4, "The grader failed, not you"),
        (5, "1 test met a fault"),
    ],
)
def test_a_page_without_points_says_whose_fault_it_is(index: int, says: str) -> None:
    page = Checker(student_page(sample_class(6)[index])).text
    assert says in page
    assert (" 0 of 100 points " in page) == (index in (2, 3)), "a grader error is no zero"


def test_the_classs_page_keeps_grader_errors_apart() -> None:
    text = Checker(class_page(sample_class(24))).text
    assert "24 submissions" in text and "2 grader errors" in text
    assert "Elif Example: the whole submission: the machine was too slow" in text
    assert (
        "Chiara Example: not built: kernel/mm/page_table.cc:41:9: error: 'level' was not declared" in text
    )
    assert "Farid Example: A changed entry is seen after the flush (HostError" in text
    for heading in ("Distribution of points", "Most common failures", "Slowest tests", "Students"):
        assert heading in text


def test_hostile_text_stays_text() -> None:
    one = hostile_result()
    page = student_page(one)
    assert len(page) < 2_000_000
    text = Checker(page).text
    assert '<script>document.title="owned"</script>' in text and "{{ 7*7 }}" in text
    Checker(class_page([one, *sample_class(6)], faults=[HOSTILE]))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    page.encode()


def test_pages_stay_in_their_folder_and_apart(tmp_path: Path) -> None:
    keys = [
        "../../etc",
        "..",
        ".",
        "",
        "a/b",
        "a_b",
        "a b",
        "A" * 300,
        "\udcff",
        "ada@example.org",
        "a\0b",
        ".",
    ]
    names = [file_name(key) for key in keys]
    assert len(set(names)) == len(set(keys)) and "ada@example.org" in names
    assert not any("/" in name or name.startswith(".") or len(name) > 100 for name in names)
    assert student_path(hostile_result()).parts[0] == "students"


# A browser.


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("batch")
    write_class([*sample_class(30), *sample_class(20, "frames", 2), hostile_result()], out / "results")
    (out / "results" / "broken.json").write_text("{")
    write_pages(gather([out]), out / "pages")
    return out / "pages"


@contextmanager
def started_browser() -> Iterator[Any]:
    """Headless Chromium that finds no host, and keeps a log of what it asks for and complains of."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")
    options.add_argument("--disable-background-networking")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        yield driver
    finally:
        driver.quit()


def requests_of(browser: Any) -> list[str]:
    """All addresses that were asked for since the last call."""
    found = [
        re.findall(r'"documentURL".*?"url":"([^"]+)"', entry["message"])
        for entry in browser.get_log("performance")
    ]
    return [address for addresses in found for address in addresses]


def all_pages(pages: Path) -> list[Path]:
    one_hostile = [p for p in pages.glob("students/*/paging.html") if "script" in p.parent.name]
    students = [
        pages / "students" / name / "paging.html" for name in ("ben01@example.org", "chiara02@example.org")
    ]
    return [*sorted(pages.glob("class/*.html")), *students, *one_hostile]


def check_page(browser: Any, path: Path, width: int, scheme: str) -> None:
    """The page complains of nothing, asks for nothing but itself, and fits the screen."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())
    assert browser.get_log("browser") == [], path.name
    assert browser.title != "owned"
    asked = [a for a in requests_of(browser) if not a.startswith(("data:", "chrome"))]
    assert {a.rsplit("/", 1)[1] for a in asked} == {path.name}, asked
    inner, outer, light, scripts = browser.execute_script(
        "let d = document.documentElement; let c = getComputedStyle(document.body).backgroundColor;"
        "return [d.scrollWidth, d.clientWidth, c.match(/\\d+/)[0] > 128, document.scripts.length]"
    )
    assert inner <= outer, f"{path} is wider than the screen: {inner} > {outer}"
    assert light == (scheme == "light") and scripts == 0


def check_policy(browser: Any, path: Path) -> None:
    """Even a page into which markup did get runs and loads nothing: the second wall holds alone."""
    page = student_page(one_result(1, 0.5))
    attack = (
        '<script>document.title="owned"</script><img src="http://example.org/x"><p style="color:red">x</p>'
    )
    path.write_text(page.replace("<h2>Tests</h2>", attack), encoding="utf-8")
    browser.get(path.as_uri())
    assert browser.title.startswith("Lab 4")
    complaints = " ".join(entry["message"] for entry in browser.get_log("browser"))
    assert "script" in complaints and "img-src" in complaints and "style" in complaints


def test_a_browser_shows_the_pages_without_network_or_complaint(pages: Path, tmp_path: Path) -> None:
    chosen = all_pages(pages)
    assert len(chosen) == 6
    with started_browser() as browser:
        for path in chosen:
            check_page(browser, path, 1280, "light")
            check_page(browser, path, 360, "dark")
        check_policy(browser, tmp_path / "attacked.html")


def test_links_lead_to_pages_that_are_there(pages: Path) -> None:
    count = 0
    for path in (pages / "class").glob("*.html"):
        links = re.findall(r'<a href="([^"]+)"', path.read_text())
        count += len(links)
        assert all((path.parent / unquote(link)).is_file() for link in links)
    assert count >= 2 + 51 + 2 + 51


def test_answers_without_text_and_without_points_are_shown() -> None:
    one = replace(one_result(0, 1.0), answers=(Answer("Why?", " \n"),))
    text = Checker(student_page(one)).text
    assert "No answer." in text and "Points: ____" in text
