"""The files of the web interface: scripts parse and find what they import, nothing asks for anything
from elsewhere or stands where the Content-Security-Policy forbids it, and texts can be read."""

import re
import subprocess

import pytest
from house import ROOT

PAGE = ROOT / "mgmt" / "web" / "page"
SCRIPTS = sorted(PAGE.rglob("*.js"))
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*['"]([^'"]+)['"]""")
# WCAG 2.2, 1.4.3: of texts to what is behind them.
LEAST_CONTRAST = 4.5
PAIRS = [("ink", "page"), ("ink", "paper"), ("ink", "soft"), ("quiet", "page"), ("quiet", "paper"),
         ("accent", "page"), ("accent", "paper"), ("accent", "soft"), ("accent-ink", "accent"),
         ("bar-ink", "bar"), ("good", "good-soft"), ("good", "paper"), ("waiting", "waiting-soft"),
         ("waiting", "paper"), ("bad", "bad-soft"), ("bad", "paper")]


def test_scripts_begin_with_what_they_are():
    assert len(SCRIPTS) > 20
    for path in SCRIPTS:
        assert path.read_text(encoding="utf-8").startswith("// "), path


def test_scripts_import_what_there_is():
    for path in SCRIPTS:
        for name in IMPORT.findall(path.read_text(encoding="utf-8")):
            assert name.startswith("."), f"{path}: {name}"
            wanted = (path.parent / name).resolve()
            assert wanted.is_file() or wanted.is_relative_to(PAGE / "lib"), f"{path}: {name}"


def test_scripts_parse():
    for path in SCRIPTS:
        result = subprocess.run(["node", "--input-type=module", "--check"], check=False,
                                input=path.read_bytes(), capture_output=True)
        assert result.returncode == 0, f"{path}: {result.stderr.decode()}"


def test_nothing_is_inline_and_nothing_comes_from_elsewhere():
    for path in sorted(PAGE.rglob("*")):
        if path.is_dir() or path.suffix == ".png":
            continue
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in re.sub(r"(^|\s)//.*", "", text, flags=re.M), path
        if path.suffix == ".html":
            assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", text), path
        if path.suffix == ".js":
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\b|new Function",
                                 text), path


def colours(block):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_what_is_behind_them(scheme):
    text = (PAGE / "css" / "trunkline.css").read_text(encoding="utf-8")
    light, dark = [colours(block) for block in re.findall(r":root \{(.*?)\}", text, re.S)]
    palette = {**light, **(dark if scheme == "dark" else {})}
    for front, back in PAIRS:
        one, other = sorted((luminance(palette[front]), luminance(palette[back])))
        contrast = (other + 0.05) / (one + 0.05)
        assert contrast >= LEAST_CONTRAST, f"{front} on {back}: {contrast:.2f}"
