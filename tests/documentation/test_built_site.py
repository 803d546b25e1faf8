"""The look at a built site finds what is wrong with it."""

from pathlib import Path

from documentation.built_site import problems_of


def test_a_site_whose_links_lead_somewhere_has_no_problem(tmp_path: Path) -> None:
    _write(
        tmp_path, "index.html", '<a href="a/page.html#here">a</a><a href="a/">b</a><a href="https://example.com">c</a>'
    )
    _write(tmp_path, "a/page.html", '<h2 id="here">Here</h2><img src="../life.svg">')
    _write(tmp_path, "a/index.html", "")

    assert problems_of(tmp_path) == []


def test_links_and_anchors_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    _write(tmp_path, "index.html", '<a href="gone.html">a</a><a href="#gone">b</a><a href="page.html#gone">c</a>')
    _write(tmp_path, "page.html", '<h2 id="here">Here</h2>')

    assert problems_of(tmp_path) == [
        f"index.html: {link} leads nowhere" for link in ("gone.html", "#gone", "page.html#gone")
    ]


def test_what_a_browser_would_fetch_from_elsewhere_is_named(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "index.html",
        '<script src="https://cdn.example/x.js"></script><link href="//fonts.example" rel="stylesheet">',
    )
    _write(tmp_path, "own.css", "@import url(https://fonts.example/font.css);")

    assert problems_of(tmp_path) == [
        "index.html: fetches https://cdn.example/x.js from elsewhere",
        "index.html: fetches //fonts.example from elsewhere",
        "own.css: fetches a style or a font from elsewhere",
    ]


def test_an_empty_site_is_a_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == [f"{tmp_path}: no page was built"]


def _write(site: Path, name: str, text: str) -> None:
    file = site / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
