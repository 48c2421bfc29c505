"""docs/reference/: what can be configured, a page for each file of the parameter catalogue, and a
first page that lists them."""

import argparse
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = "mgmt/catalogue"
FOLDER = "docs/reference"
INDEX = "README.md"

COLUMNS = ["Parameter", "Label", "ini", "CLI", "Type", "Values", "Default", "Meaning"]

INDEX_HEAD = """\
# Configuration reference

All that a configuration can say: each parameter with its place in YAML, its name in ini files and
its command. A page is a page of the appliance's menus. *Not yet in effect* marks what is read,
judged and kept, and waits for a part of the appliance that does not exist yet; `trunkline check`
and `trunkline show not-in-effect` list what of it a configuration gives. Made by `tools/reference`
from `mgmt/catalogue/`; do not edit.

| Page | Tables | Parameters | In effect |
|---|---|---|---|
"""


def page_names(root):
    """In the order of configurations."""
    listed = (root / "mgmt/meson.build").read_text(encoding="utf-8")
    return re.findall(r"'catalogue/(\w+)\.yaml'", listed)


def read_page(root, name):
    # Every value as the text that stands there: `no` is a word here, and 1-1 no date.
    text = (root / CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.BaseLoader)


def camel_case(name):
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_.]", name))


def table_ini_name(table):
    if "ini" in table or "rows" not in table:
        return table.get("ini", "")
    return camel_case(table["path"].rsplit(".", 1)[-1])


def ini_names(table, parameter):
    """Without the table's name before those of a row's columns."""
    if "ini" in parameter:
        names = parameter["ini"].split(" + ")
        return [name.split("_", 1)[-1] for name in names] + [
            name.split("_", 1)[-1] for name in parameter.get("ini_also", [])]
    inside = "rows" in table or "ini" in table
    return [("" if inside else camel_case(table["path"])) + camel_case(parameter["name"])]


def commands(parameter):
    """A word, one for each part of the value, or several that mean the same."""
    path = parameter.get("cli", parameter["name"].replace("_", "-"))
    return re.split(r" [+|] ", path)


def code(text):
    return f"`{text}`"


def length(parameter, what):
    return f"{parameter['length']} {what}"


def values_of(parameter):
    kind = parameter["type"]
    if kind == "enum":
        shown = [f"{code(value['name'])} ({value['number']})"
                 + ("" if value.get("available") != "false" else " *not yet*")
                 for value in parameter["values"]]
        text = "<br>".join(shown)
    elif kind in ("int", "range"):
        text = " ".join([parameter["range"], parameter.get("unit", "")]).strip()
        text += "".join(f", {also}" for also in parameter.get("also", []))
    elif kind in ("text", "host_port", "secret"):
        text = "" if parameter.get("list") == "true" else length(parameter, "characters")
    elif kind == "bool":
        text = "`true` (1), `false` (0)"
    elif kind == "reference":
        text = f"a row of {code(parameter['to'])}"
    else:
        text = ""
    if parameter.get("list") == "true":
        text = f"{length(parameter, 'of them')}: {text}"
    return text


def default_of(parameter):
    if parameter.get("required") == "true":
        return "*required*"
    default = parameter.get("default")
    if default is None:
        return ""
    if isinstance(default, list):
        default = "[" + ", ".join(default) + "]"
    return code(default or '""')


def meaning_of(parameter):
    text = parameter["help"]
    if when := parameter.get("when"):
        (decider, values), = when.items()
        text += f" Only with {decider}: {' or '.join(values)}."
    if parameter.get("reset") == "true":
        text += " *Acts after a restart.*"
    if waits := parameter.get("waits_for"):
        text += f" *Not yet in effect: waits for {waits}.*"
    return text


def row(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def heading_of(table):
    facts = [f"YAML {code(table['path'])}"]
    if name := table_ini_name(table):
        facts.append(f"ini {code('[ ' + name + ' ]' if 'rows' in table else '[' + name + ']')}")
    facts.append(f"CLI {code(table['cli'])}")
    facts.append(f"menu {table['web']}")
    name = table["path"].rsplit(".", 1)[-1]
    text = f"## {name}\n\n{table['help']}\n\n{' · '.join(facts)}\n"
    if "rows" in table:
        key = f", named by {code(table['key'])}" if "key" in table else ""
        text += f"\n{table['rows']} rows{key}.\n"
    if "one_of" in table:
        text += f"\nExactly one of {', '.join(map(code, table['one_of']))} is given.\n"
    return text


def table_text(table):
    text = heading_of(table)
    text += "\n" + row(COLUMNS) + "|---" * len(COLUMNS) + "|\n"
    for parameter in table.get("parameters", []):
        text += row([code(parameter["name"]), parameter["web"],
                     "<br>".join(map(code, ini_names(table, parameter))),
                     "<br>".join(map(code, commands(parameter))), parameter["type"], values_of(parameter),
                     default_of(parameter), meaning_of(parameter)])
    return text


def page_text(name, page):
    head = (f"# {page['page']}\n\nMade by `tools/reference` from `{CATALOGUE}/{name}.yaml`; do not "
            "edit.\n\n")
    return head + "\n".join(table_text(table) for table in page["tables"])


def make_pages(root):
    """The text of every file of docs/reference/."""
    pages = {}
    index = INDEX_HEAD
    for name in page_names(root):
        page = read_page(root, name)
        parameters = [parameter for table in page["tables"]
                      for parameter in table.get("parameters", [])]
        acting = sum("waits_for" not in parameter for parameter in parameters)
        index += row([f"[{page['page']}]({name}.md)",
                      "<br>".join(code(table["path"]) for table in page["tables"]),
                      str(len(parameters)), str(acting)])
        pages[f"{name}.md"] = page_text(name, page)
    pages[INDEX] = index
    return pages


def differences(folder, pages):
    """In words, one for each file that is not as it should be."""
    there = {path.name for path in folder.glob("*")}
    for name in sorted(there - pages.keys()):
        yield f"{name} belongs to no page of the catalogue"
    for name, text in sorted(pages.items()):
        if name not in there or (folder / name).read_text(encoding="utf-8") != text:
            yield f"{name} is not current"


def main(arguments, root=ROOT):
    parser = argparse.ArgumentParser(prog="tools/reference", allow_abbrev=False,
                                     description=f"Writes {FOLDER}/ from {CATALOGUE}/.")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; end with 1 when a page is not current")
    options = parser.parse_args(arguments)
    pages, folder = make_pages(root), root / FOLDER
    if options.check:
        wrong = list(differences(folder, pages))
        for line in wrong:
            print(f"{FOLDER}/{line}: run tools/reference", file=sys.stderr)
        return 1 if wrong else 0
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
