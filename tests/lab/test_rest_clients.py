"""The calls that programs of others make, as they make them: tools that were written for the
appliance family and know nothing of this one. Each test has the name of its client."""

import io
import json
import os
import subprocess
import tarfile
import time

import pytest
from openssl import openssl
from rest_client import ADDRESS, PORT, USERS, RestClient, password_of, rest_lab, wait_ready, with_rest

from lab.waiting import wait_until

URL = f"https://{ADDRESS}:{PORT}/api/v1"


@pytest.fixture(scope="module", name="lab")
def fixture_lab(tmp_path_factory):
    with rest_lab(tmp_path_factory.mktemp("rest-clients")) as lab:
        yield lab


@pytest.fixture(name="client")
def fixture_client(lab):
    with RestClient(lab) as client:
        yield client


def curl(lab, *words, user="Admin"):
    """What curl prints, then the status on a line of its own."""
    command = lab.instance.port.command(
        "curl", "--silent", "--show-error", "--insecure", "--max-time", "60", "--user",
        f"{user}:{password_of(user)}", "--write-out", "\n%{http_code}", *map(str, words))
    result = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    body, _, status = result.stdout.rpartition("\n")
    return int(status), body


def test_shanehoey_mediant_reads_status_and_license(client):
    status = client.get("status").json
    for name in ("localTimeStamp", "ipAddress", "subnetMask", "defaultGateway", "productType",
                 "versionID", "protocolType", "operationalState", "highAvailability",
                 "serialNumber", "macAddress", "systemUpTime", "saveNeeded", "resetNeeded"):
        assert name in status, name
    assert status["protocolType"] == "SIP"
    assert status["operationalState"] == "UNLOCKED"
    assert status["ipAddress"] == "192.0.2.10"
    assert len(status["macAddress"]) == 12
    license_ = client.get("license").json
    assert {"licenseVersion", "serialNumber", "macAddress", "key",
            "keyDescription"} <= set(license_)


def test_shanehoey_mediant_uploads_a_script_as_a_form_that_waits_for_100(lab, tmp_path):
    """Its multipart upload comes with Expect: 100-continue, which troubles its users elsewhere."""
    script = tmp_path / "script.txt"
    script.write_text("configure voip\nsip-definition account 0\ncontact-user \"100\"\nactivate\n"
                      "exit\nexit\nshow running-config voip\n", encoding="utf-8")
    status, body = curl(lab, "--request", "PUT", "--header", "Expect: 100-continue", "--form",
                        f"file=@{script}", f"{URL}/files/cliScript/incremental")
    assert status == 200, body
    answer = json.loads(body)
    assert answer["description"] == "Incremental CLI Script file was loaded."
    assert answer["status"] == "success"
    assert "account 0" in answer["output"]


def test_shanehoey_mediant_saves_with_an_empty_body_and_with_an_empty_object(lab, client):
    assert client.ask("POST", "actions/saveConfiguration").status == 200
    assert client.ask("POST", "actions/saveConfiguration", {}).status == 200
    status, _ = curl(lab, "--request", "POST", f"{URL}/actions/saveConfiguration")
    assert status == 200
    assert client.get("status").json["saveNeeded"] is False


def test_shanehoey_mediant_gets_a_token_and_uses_it(lab, client):
    answer = client.ask("POST", "actions/authToken",
                        {"username": "Admin", "privLevel": "monitor", "sessionTimeout": 5})
    assert answer.status == 200, answer
    with RestClient(lab, None) as bearer:
        bearer.authorization = "Bearer " + answer.json["authToken"]
        assert bearer.get("status").status == 200
        assert bearer.ask("POST", "actions/saveConfiguration").status == 403
        bearer.authorization = "Bearer " + "0" * 64
        assert bearer.ask("GET", "status", checks=False).status == 401
    with RestClient(lab, "watcher") as watcher:
        assert watcher.ask("POST", "actions/authToken", {"privLevel": "master"}).status == 403


@pytest.mark.parametrize("table", ["active", "history"])
def test_shanehoey_mediant_walks_alarms_with_cursors(client, table):
    answer = client.get(f"alarms/{table}?limit=1")
    assert answer.status in (200, 204)
    seen = []
    while answer.status == 200:
        page = answer.json
        seen += [alarm["id"] for alarm in page["alarms"]]
        one = client.get(page["alarms"][0]["url"])
        assert {"id", "description", "severity", "source", "date"} <= set(one.json)
        if page["cursor"]["after"] == "-1":
            break
        answer = client.get(f"alarms/{table}?limit=1&after={page['cursor']['after']}")
    assert len(seen) == len(set(seen))
    assert client.get("alarms/active/999999").status == 404


def test_shanehoey_mediant_walks_performance_measurements(client):
    names = client.get("performanceMonitoring").json["items"]
    assert {"registerOutTotal", "rxPackets", "cpuUtilization"} <= set(names)
    for name in names:
        indexes = client.get(f"performanceMonitoring/{name}").json["indexes"]
        assert indexes, name
        for index in indexes:
            for interval in ("", "&interval=0", "&interval=1", "&interval=2"):
                one = client.get(f"performanceMonitoring/{name}?index={index}{interval}").json
                assert set(one) == {"index", "value", "min", "max", "average", "volume", "total", "time_above_high",
                                    "time_between_high_low", "time_below_low"}
                assert one["index"] == index
    assert client.get("performanceMonitoring/registerOutTotal?index=0").json["value"] > 0
    assert client.get("performanceMonitoring/PM_gwSBCASR").status == 404


def test_shanehoey_mediant_asks_for_what_is_not_there_and_is_told(client):
    assert client.ask("POST", "actions/switchOver").status == 409


def test_shanehoey_mediant_locks_and_unlocks(lab, client):
    assert client.ask("POST", "actions/lock").status == 200
    assert client.get("status").json["operationalState"] == "LOCKED"
    assert client.ask("POST", "actions/unlock").status == 200
    lab.wait_registered()


AUXILIARY = ("amd", "casTable", "coderTable", "cpt", "dialplan", "prt", "voicePrompts", "sbcWizard")


def test_shanehoey_mediant_brings_and_fetches_auxiliary_files(lab, client, tmp_path):
    content = b"\x00\xff[CALL PROGRESS TONE #0]\r\n"
    upload = tmp_path / "file.dat"
    upload.write_bytes(content)
    for name in AUXILIARY:
        for way in ("", "/hitless"):
            status, body = curl(lab, "--request", "PUT", "--form", f"file=@{upload}",
                                f"{URL}/files/{name}{way}")
            assert status == 200, body
            assert name in json.loads(body)["description"]
        fetched = client.get(f"files/{name}")
        assert fetched.status == 200
        assert fetched.body == content
    listed = {row["id"]: row for row in client.get("files").json["files"]}
    assert set(AUXILIARY) <= set(listed)
    assert all("not used by this version" in listed[name]["description"] for name in AUXILIARY)
    with RestClient(lab, "watcher") as watcher:
        assert watcher.get("files/cpt").status == 403
        assert watcher.ask("DELETE", "files/cpt").status == 403
    for name in AUXILIARY:
        assert client.ask("DELETE", f"files/{name}").status == 200
        assert client.get(f"files/{name}").status == 404
    for name in ("software", "software/hitless", "configurationPackage",
                 "configurationPackage.tar.gz"):
        refused = client.upload(f"files/{name}", content)
        assert refused.status == 501
        assert "this version" in refused.json["description"]


def test_shanehoey_mediant_brings_and_fetches_the_users(lab, client):
    group = "config/signaling_and_media/ip_groups/0"
    assert client.ask("PATCH", group, {"registration_mode": "sbc_initiates"}).status == 200
    users = b"[ SBC ]\r\nFORMAT LocalUser,UserName,Password,IPGroupID\r\nalice,alice-auth,x1,0\r\n[ \\SBC ]\r\n"
    for name in ("usersInfo", "usersInfo/hitless"):
        loaded = client.upload(f"files/{name}", users)
        assert loaded.status == 200, loaded.body
    rows = client.get("config/signaling_and_media/sbc/user_information").json
    assert [(row["local_user"], row["ip_group"]) for row in rows] == [("alice", "ITSP")]
    fetched = client.get("files/usersInfo")
    assert fetched.status == 200
    assert b"FORMAT LocalUser,UserName,Password,IPGroupName\r\nalice,alice-auth,$sealed$" in fetched.body
    assert b"x1" not in fetched.body.split(b",$sealed$")[0]
    assert client.upload("files/usersInfo", fetched.body).status == 200
    assert client.get("files/usersInfo").body.split(b"$sealed$")[0] == fetched.body.split(b"$sealed$")[0]
    wrong = client.upload("files/usersInfo", users.replace(b"x1,0", b"x1,7"))
    assert wrong.status == 400 and wrong.json["line"] == 3
    doubled = client.upload("files/usersInfo", users.replace(b"[ \\", b"alice,b,c,0\r\n[ \\"))
    assert doubled.status == 400 and doubled.json["faults"][0]["line"] == 4
    with RestClient(lab, "operator") as operator:
        assert operator.get("files/usersInfo").status == 403
    emptied = client.upload("files/usersInfo", b"LocalUser,UserName,Password,IPGroupName\n")
    assert emptied.status == 200
    assert client.get("config/signaling_and_media/sbc/user_information").json == []
    assert client.ask("PATCH", group, {"registration_mode": None}).status == 200
    # What was registered for the user goes after it was un-registered, or that was given up.
    wait_until(lambda: not any("alice" in row["name"] for row in lab.appliance.registrations()), 60,
               lab.appliance.registrations)


def test_mneirynck_audiocodes_exporter_walks_the_kpi_tree(client):
    groups = client.get("kpi/current/sbc/callStats/ipGroup").json["items"]
    assert [group["description"] for group in groups] == ["ITSP"]
    for group in groups:
        for stats in ("callStats", "otherStats", "sipRecstats"):
            items = client.get(f"kpi/current/sbc/{stats}/ipGroup/{group['id']}").json["items"]
            assert items and all(isinstance(item["value"], int) for item in items)
    for path in ("sbc/callStats/global", "sbc/otherStats/global", "sbc/sipRecstats/global",
                 "media/clusterStats", "media/coderStats", "media/dspStats", "media/mediaStats",
                 "network/ddosStats", "network/haStats", "system/licenseStats",
                 "system/systemStats"):
        items = client.get(f"kpi/current/{path}").json["items"]
        assert items and all("value" in item for item in items), path
    for path in ("network/portStats/port", "system/cpuStats/cpu", "system/storageStats/partition"):
        for item in client.get(f"kpi/current/{path}").json["items"]:
            assert "value" not in item
            assert client.get(f"kpi/current/{path}/{item['id']}").json["items"]
    assert client.get("status").status == 200


def test_sieteunoseis_audiocodes_cli_reads_all_it_shows(client):
    for path in ("status", "license", "files/tls", "kpi/current", "kpi/current/sbc",
                 "kpi/current/sbc/callStats", "kpi/interval",
                 "kpi/history/sbc/callStats?interval=1"):
        assert client.get(path).status == 200, path
    # No interval of 15 minutes is over yet: the lists are there, and empty.
    assert client.get("kpi/interval").json == {"intervals": []}
    assert client.get("kpi/history/sbc/otherStats/global?interval=1").json == {
        "intervals": [], "items": []}
    assert client.get("kpi/history/sbc/nonsense?interval=1").status == 404
    for path in ("alarms/active", "alarms/history"):
        assert client.get(path).status in (200, 204), path
    assert client.ask("POST", "sipTestCall/dial", {"callingNumber": "1"}).status == 501
    assert client.get("sipTestCall/getStatus?sessionId=1").status == 501
    assert client.ask("DELETE", "sipTestCall/drop?sessionId=1").status == 501


def test_sieteunoseis_audiocodes_cli_fetches_the_debug_file(lab, client):
    names = [row["name"] for row in lab.appliance.registrations()]
    # The file has the counts of the last look at them, which may be a second old.
    wait_until(lambda: lab.appliance.ask("registration counts")["total"] == len(names), 30,
               lambda: lab.appliance.ask("registration counts"))
    assert client.get("files/debugFile").status == 404
    made = client.ask("POST", "files/create/debugFile", {"attachCoreDump": False})
    assert made.status == 200, made
    assert made.json["transactionId"] >= 1
    wait_until(lambda: client.get("files/debugFile").status == 200, 60, lambda: "the debug file")
    archive = client.get("files/debugFile")
    assert archive.headers["Content-Type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(archive.body)) as files:
        content = {os.path.basename(member.name): files.extractfile(member).read().decode()
                   for member in files.getmembers()}
    assert json.loads(content["status.json"])["version"] == client.get("status").json["versionID"]
    assert json.loads(content["registrations.json"])["total"] == len(names)
    assert "[ Account ]" in content["configuration.ini"]
    assert "ready https=" in content["log.txt"]
    assert json.loads(content["counters.json"])["shards"]
    assert json.loads(content["proxy-sets.json"])["proxy_sets"]
    assert "missing" not in content["contents.txt"], content["contents.txt"]
    whole = "".join(content.values())
    for user in USERS:
        assert password_of(user) not in whole
    assert "$sealed$" not in whole and "$scrypt$" not in whole
    with RestClient(lab, "watcher") as watcher:
        assert watcher.get("files/debugFile").status == 403
        assert watcher.ask("POST", "files/create/debugFile").status == 403


def test_avispl_reads_single_kpis(client):
    for path, least in (("callStats/global/activeCallsTotal", 0),
                        ("otherStats/global/registerOutTotal", 1)):
        wait_until(lambda p=path, l=least: client.get(f"kpi/current/sbc/{p}").json["value"] >= l,
                   20, lambda: path)
    assert client.get("kpi/current/sbc/callStats/global/nonsense").status == 404


def test_avispl_reads_each_alarm_and_dials_a_test_call(client):
    answer = client.get("alarms/active")
    assert answer.status in (200, 204)
    for alarm in answer.json["alarms"] if answer.status == 200 else []:
        assert client.get(f"alarms/active/{alarm['id']}").json["id"] == alarm["id"]
    dialled = client.ask("POST", "sipTestCall/dial", {
        "callingNumber": "100", "calledNumber": "200", "destAddress": "192.0.2.1",
        "transportType": "UDP", "timeout": 30})
    assert dialled.status == 501
    assert "there are no calls" in dialled.json["description"]


def test_rafaltaras_and_jmanuta_fetch_the_ini_file(lab, client):
    status, body = curl(lab, f"{URL}/files/ini")
    assert status == 200
    assert "FORMAT" in body and "[ Account ]" in body
    assert "office" in body
    assert "$sealed$" in body
    with RestClient(lab, "operator") as operator:
        hidden = operator.get("files/ini")
        assert hidden.status == 200
        assert b"$sealed$" not in hidden.body
    with RestClient(lab, "watcher") as watcher:
        assert watcher.get("files/ini").status == 403
    # What was fetched and comes back changes nothing.
    calls = {row["name"]: row["call_id"] for row in lab.appliance.registrations()}
    before = client.get("config").body
    answer = client.upload("files/ini/incremental", body.encode())
    assert answer.status == 200, answer
    assert client.get("config").body == before
    assert {row["name"]: row["call_id"] for row in lab.appliance.registrations()} == calls


def test_akandor_renews_the_certificate_of_a_running_box(lab, client, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
            "-days", "90", "-subj", "/CN=renewed.example")
    before = client.get("files/tls").json["tls"][0]
    assert client.upload("files/tls/0/privateKey", key.read_bytes()).status == 200
    waiting = client.get("files/tls").json["tls"][0]
    assert waiting["waitsForCertificate"] is True
    assert waiting["fingerprint"] == before["fingerprint"]
    assert client.upload("files/tls/0/certificate", certificate.read_bytes()).status == 200
    assert client.ask("POST", "actions/saveConfiguration").status == 200
    with RestClient(lab) as fresh:
        assert fresh.get("files/tls").json["tls"][0]["subject"] == "CN=renewed.example"
        shown = fresh.connection.sock.getpeercert(binary_form=True)
    assert shown == openssl("x509", "-in", certificate, "-outform", "DER")
    assert client.upload("files/tls/0/certificate", b"no certificate").status == 400
    assert client.upload("files/tls/7/certificate", certificate.read_bytes()).status == 404
    with RestClient(lab, "operator") as operator:
        assert operator.upload("files/tls/0/privateKey", key.read_bytes()).status == 403


def test_a_script_that_fails_leaves_nothing_done_and_names_its_line(client):
    before = client.get("config").body
    lines = ["configure voip", "sip-definition account 0", 'contact-user "999"', "activate", "exit",
             "exit", *["! a comment"] * 33, "configure nonsense"]
    answer = client.upload("files/cliScript/incremental", "\n".join(lines).encode())
    assert answer.status == 400, answer
    assert answer.json["line"] == 40
    assert client.get("config").body == before


@pytest.mark.parametrize("content", [b"\xff\xfe\x00nonsense", b"[ Account ]\nFORMAT Index = Nope\n"
                                     b"Account 0 = 1, 2, 3;\n[ \\Account ]\n", b""])
def test_a_broken_ini_file_is_refused_and_changes_nothing(client, content):
    before = client.get("config").body
    answer = client.upload("files/ini/incremental", content)
    assert answer.status == 400, answer
    assert client.get("config").body == before


def test_an_upload_without_its_file_is_refused(client):
    assert client.ask("PUT", "files/ini", b"", {"Content-Type": "text/plain"}).status == 400
    answer = client.ask("PUT", "files/ini/incremental",
                        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n[ Acc',
                        {"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status == 400


def test_reset_starts_the_appliance_anew(make_lab):
    lab = make_lab(with_rest)
    wait_ready(lab)
    with RestClient(lab) as client:
        assert client.ask("POST", "actions/reset", {"gracefulTimeout": -1}).status == 400
        assert client.ask("POST", "actions/reset", {"saveConfiguration": "no"}).status == 400
        answer = client.ask("POST", "actions/reset",
                            {"saveConfiguration": True, "gracefulTimeout": 0})
        assert answer.status == 200, answer
        assert answer.json == {"description": "Device will reset now"}
    wait_ready(lab, 2)
    lab.wait_registered()
    with RestClient(lab) as client:
        assert client.get("status").json["saveNeeded"] is False


def read_events(stream, wanted, seconds=30):
    """Events until one of that kind came; None at the end of the stream."""
    stream.settimeout(seconds)
    text = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        piece = stream.recv(65536)
        if not piece:
            return None
        text += piece
        if b"event: " + wanted in text and text.rstrip(b"\r\n").count(b"data: "):
            return text.decode()
    raise AssertionError(f"no event '{wanted}' in {text}")


def test_events_tell_of_registrations_and_of_the_configuration(lab, client):
    with RestClient(lab, "watcher") as watcher:
        stream = watcher.tls_socket()
        stream.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: "
                       f"{watcher.authorization}\r\n\r\n".encode())
        assert b"text/event-stream" in stream.recv(65536)
        count = client.ask("POST", "actions/unregister", {"target": "office"})
        assert count.json == {"count": 1}
        told = read_events(stream, b"registration\n")
        assert '"name":"office"' in told
        path = "config/signaling_and_media/accounts/0"
        contact = client.get(path).json["contact_user"]
        assert client.ask("PATCH", path, {"contact_user": contact + "1"}).status == 200
        assert '"revision"' in read_events(stream, b"configuration\n")
        assert client.ask("PATCH", path, {"contact_user": contact}).status == 200
        assert client.ask("POST", "actions/register", {"target": "all"}).status == 200
        stream.close()
    lab.wait_registered()


def test_a_registrar_that_refuses_raises_an_alarm_and_a_success_clears_it(lab, client):
    path = "config/signaling_and_media/accounts/2"
    assert client.ask("PATCH", path, {"password": "wrong"}).status == 200
    client.ask("POST", "actions/unregister", {"target": "hotel"})
    client.ask("POST", "actions/register", {"target": "hotel"})

    def alarms():
        answer = client.get("alarms/active")
        return [] if answer.status == 204 else [
            client.get(alarm["url"]).json for alarm in answer.json["alarms"]]

    wait_until(lambda: any(alarm["source"].endswith("/Account#2") for alarm in alarms()), 30,
               lambda: f"an alarm of hotel in {alarms()}")
    alarm, = [alarm for alarm in alarms() if alarm["source"].endswith("/Account#2")]
    assert alarm["severity"] == "major"
    assert alarm["description"] == "Registration failure for account hotel"
    secret = client.ask("PATCH", path, {"password": {"file": os.fspath(
        lab.given_config.parents[1] / "nothing")}})
    assert secret.status == 400
    assert client.ask("PATCH", path, {"register": "no"}).status == 200
    wait_until(lambda: not any(alarm["source"].endswith("/Account#2") for alarm in alarms()), 30,
               lambda: f"no alarm of hotel in {alarms()}")


def test_a_backup_over_https_is_put_back_as_a_whole(lab, client):
    calls = {row["name"]: row["call_id"] for row in lab.wait_registered()}
    backup = client.get("files/ini").body
    before = client.get("config").body
    changed = client.ask("PATCH", "config/signaling_and_media/accounts/0", {"contact_user": "999"})
    assert changed.status == 200, changed
    restored = client.upload("files/ini", backup)
    assert restored.status == 200, restored
    assert client.get("config").body == before
    assert client.get("status").json["saveNeeded"] is False
    lab.wait_registered()
    after = {row["name"]: row["call_id"] for row in lab.appliance.registrations()}
    assert {name: call for name, call in after.items() if name != "office"} == {
        name: call for name, call in calls.items() if name != "office"}
