"""tools/reference writes what a catalogue file says, and notices what is not current."""

import pytest
from harness.reference import main

PAGE = """\
page: Things
tables:
  - path: part.things
    own: true
    rows: 0..8
    key: name
    cli: configure part > thing <i>
    web: Setup > Things
    help: What there is.
    parameters:
      - {name: name, web: Name, type: text, length: 1..40, required: true, help: Its name.}
      - name: how
        ini: Things_How + Things_HowElse
        cli: how-it-is
        web: How
        type: enum
        values:
          - {name: "no", number: 0, label: "No"}
          - {name: late, number: 2, label: Late, available: false}
        default: "no"
        reset: true
        waits_for: calls
        help: This | that.
  - path: part
    own: true
    cli: configure part
    web: Part
    help: All of it.
    parameters:
      - {name: codes, web: Codes, type: int, range: 1..9, list: true, length: 0..3, default: [],
         help: Some codes.}
"""


@pytest.fixture(name="root")
def project(tmp_path):
    (tmp_path / "mgmt/catalogue").mkdir(parents=True)
    (tmp_path / "mgmt/catalogue/things.yaml").write_text(PAGE, encoding="utf-8")
    (tmp_path / "mgmt/meson.build").write_text("files(\n  'catalogue/things.yaml',\n)\n",
                                               encoding="utf-8")
    return tmp_path


def text(root, name):
    return (root / "docs/reference" / name).read_text(encoding="utf-8")


def test_a_parameter_is_a_row_with_its_names_on_every_surface(root):
    assert main([], root) == 0
    page = text(root, "things.md")
    assert "YAML `part.things` · ini `[ Things ]` · CLI `configure part > thing <i>`" in page
    assert "| `name` | Name | `Name` | `name` | text | 1..40 characters | *required* |" in page
    assert ("| `how` | How | `How`<br>`HowElse` | `how-it-is` | enum | `no` (0)<br>`late` (2) *not "
            "yet* | `no` | This \\| that. *Acts after a restart.* *Not yet in effect: waits for "
            "calls.* |") in page
    assert ("| `codes` | Codes | `PartCodes` | `codes` | int | 0..3 of them: 1..9 | `[]` | Some "
            "codes. |") in page


def test_the_first_page_counts_what_acts(root):
    main([], root)
    assert "| [Things](things.md) | `part.things`<br>`part` | 3 | 2 |" in text(root, "README.md")


def test_a_page_that_is_not_current_is_told(root, capsys):
    main([], root)
    assert main(["--check"], root) == 0
    (root / "docs/reference/things.md").write_text("old", encoding="utf-8")
    (root / "docs/reference/gone.md").write_text("old", encoding="utf-8")
    assert main(["--check"], root) == 1
    told = capsys.readouterr().err
    assert "things.md is not current: run tools/reference" in told
    assert "gone.md belongs to no page" in told


def test_pages_without_a_catalogue_file_go(root):
    main([], root)
    (root / "docs/reference/gone.md").write_text("old", encoding="utf-8")
    main([], root)
    assert main(["--check"], root) == 0
