"""Every table of the catalogue as a resource of the management port: read, written, refused."""

import json

import pytest
from rest_client import RestClient, rest_lab

ACCOUNTS = "config/signaling_and_media/accounts"


@pytest.fixture(scope="module", name="lab")
def fixture_lab(tmp_path_factory):
    with rest_lab(tmp_path_factory.mktemp("rest-config")) as lab:
        yield lab


@pytest.fixture(name="client")
def fixture_client(lab):
    with RestClient(lab) as client:
        yield client


def test_what_is_read_and_put_back_is_the_same_to_the_byte(client):
    before = client.get("config").body
    tables = [path for path, methods in client.document.document["paths"].items()
              if path.startswith("/api/v1/config/") and "put" in methods and "{" not in path]
    assert len(tables) > 30
    for path in tables:
        read = client.get(path)
        assert read.status == 200, read
        put = client.ask("PUT", path, read.body, {"Content-Type": "application/json"})
        assert put.status == 200, (path, put)
        assert put.json["differences"] == [], path
        assert client.get(path).body == read.body
    assert client.get("config").body == before


def test_rows_are_read_and_put_back_too(client):
    before = client.get("config").body
    for table in (ACCOUNTS, "config/signaling_and_media/proxy_sets",
                  "config/ip_network/physical_ports"):
        for row in client.get(table).json:
            path = f"{table}/{row['row']}"
            read = client.get(path)
            put = client.ask("PUT", path, read.body, {"Content-Type": "application/json"})
            assert put.status == 200, (path, put)
            assert put.json["differences"] == [], path
    assert client.get("config").body == before


def test_a_row_is_added_changed_and_removed_and_the_others_stay(lab, client):
    calls = {row["name"]: row["call_id"] for row in lab.appliance.registrations()}
    row = {"name": "annex", "serving_ip_group": "ITSP", "user_name": "office",
           "password": "wrong", "host_name": "lab.example", "contact_user": "400"}
    added = client.ask("POST", ACCOUNTS, row)
    assert added.status == 201, added
    path = added.headers["Location"]
    shown = client.get(path).json
    assert shown == {**row, "password": {"set": True}}
    changed = client.ask("PATCH", path, {"contact_user": "401", "host_name": None})
    assert changed.status == 200, changed
    assert client.get(path).json["contact_user"] == "401"
    assert "host_name" not in client.get(path).json
    assert client.get("config").json["signaling_and_media"]["accounts"][-1]["name"] == "annex"
    assert client.ask("DELETE", path).status == 200
    assert client.get(path).status == 404
    assert client.ask("DELETE", path).status in (400, 404)
    assert {row["name"]: row["call_id"] for row in lab.appliance.registrations()} == calls


def test_a_change_based_on_what_is_gone_is_a_conflict(client):
    path = f"{ACCOUNTS}/0"
    etag = client.get(path).headers["ETag"]
    assert client.get(path, {"If-None-Match": etag}).status == 304
    for contact in ("101", "100"):
        first = client.ask("PATCH", path, {"contact_user": contact}, {"If-Match": etag})
        assert first.status == 200, first
        late = client.ask("PATCH", path, {"contact_user": "999"}, {"If-Match": etag})
        assert late.status == 412, late
        assert "Admin (REST" in late.json["description"]
        etag = first.headers["ETag"]
    assert client.ask("PATCH", path, {}, {"If-Match": "nonsense"}).status == 412


def test_a_preview_changes_nothing(client):
    before = client.get("config").body
    told = client.ask("PATCH", f"{ACCOUNTS}/0?preview=true", {"contact_user": "777"})
    assert told.status == 200, told
    assert "777" in json.dumps(told.json["differences"])
    assert client.get("config").body == before


@pytest.mark.parametrize(("method", "path", "body", "says"), [
    ("PUT", f"{ACCOUNTS}/0", b"{nonsense", "line 1, column 3"),
    ("PUT", f"{ACCOUNTS}/0", b'{"name": "\xff\xfe"}', "UTF-8"),
    ("PUT", f"{ACCOUNTS}/0", b"[" * 100_000, "JSON"),
    ("PUT", f"{ACCOUNTS}/0", {"nmae": "office"}, "nmae"),
    ("PUT", f"{ACCOUNTS}/0", [], "an object"),
    ("PUT", ACCOUNTS, {}, "a list"),
    ("PUT", ACCOUNTS, [{"row": 3}, {"row": 3}], "found '3'; allowed: a number of 4.."),
    ("PATCH", f"{ACCOUNTS}/0", {"register": "regulr"}, "regular"),
    ("PATCH", f"{ACCOUNTS}/0", {"serving_ip_group": "nowhere"}, "nowhere"),
    ("DELETE", "config/signaling_and_media/proxy_sets/0", None, "in use by"),
    ("PATCH", f"{ACCOUNTS}/0", {"user_name": 5}, "a JSON string"),
    ("PATCH", f"{ACCOUNTS}/0", b'{"user_name": 1e400}', "JSON"),
    ("PATCH", "config/signaling_and_media/proxy_sets/7/proxy_addresses/0",
     {"address": "192.0.2.1"}, ""),
])
def test_what_is_wrong_is_refused_with_its_place_and_changes_nothing(client, method, path, body,
                                                                     says):
    before = client.get("config").body
    answer = client.ask(method, path, body)
    assert answer.status == 400, answer
    assert says in answer.body.decode()
    assert client.get("config").body == before


def test_unknown_tables_and_rows_are_not_found(client):
    for path in ("config/nowhere", f"{ACCOUNTS}/77", f"{ACCOUNTS}/x", f"{ACCOUNTS}/-1",
                 f"{ACCOUNTS}/99999999999999999999"):
        assert client.get(path).status == 404, path


def test_levels_hold_for_configuration(lab):
    with RestClient(lab, "watcher") as watcher:
        assert watcher.get(ACCOUNTS).status == 200
        assert watcher.ask("PATCH", f"{ACCOUNTS}/0", {"contact_user": "1"}).status == 403
    with RestClient(lab, "operator") as operator:
        users = "config/administration/web_and_cli/local_users"
        assert operator.ask("PATCH", f"{users}/0", {"password": "x"}).status == 403
        assert "password" in operator.get(users).json[0]
        assert operator.get(users).json[0]["password"] == {"set": True}


def test_a_user_changes_his_password_and_signs_in_with_it_alone(lab, client):
    users = "config/administration/web_and_cli/local_users"
    made = client.ask("POST", users, {"user_name": "ann", "password": "first-1",
                                      "user_level": "monitor"})
    assert made.status == 201, made
    with RestClient(lab, "ann", "first-1") as ann:
        assert ann.get("registrations").status == 200
    changed = client.ask("PATCH", made.headers["Location"], {"password": "second-2"})
    assert changed.status == 200, changed
    with RestClient(lab, "ann", "first-1") as ann:
        assert ann.ask("GET", "registrations", checks=False).status == 401
    with RestClient(lab, "ann", "second-2") as ann:
        assert ann.get("registrations").status == 200
    assert client.ask("DELETE", made.headers["Location"]).status == 200
    with RestClient(lab, "ann", "second-2") as ann:
        assert ann.ask("GET", "registrations", checks=False).status == 401


def test_passwords_are_kept_as_hashes_whoever_gives_them(lab, client):
    users = "config/administration/web_and_cli/local_users"
    assert client.ask("POST", users, {"user_name": "bob", "password": "given-by-rest"}).status == 201
    assert client.ask("POST", "actions/saveConfiguration").status == 200
    text = lab.config.read_text(encoding="utf-8")
    assert text.count("$scrypt$") == len(client.get(users).json)
    assert "given-by-rest" not in text
    with RestClient(lab, "bob", "given-by-rest") as bob:
        assert bob.get("registrations").status == 200
    with RestClient(lab) as fresh:
        assert fresh.get("registrations").status == 200
