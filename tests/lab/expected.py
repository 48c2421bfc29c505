"""What conf/lab.yaml makes of the appliance, as the tests expect to see it."""

APPLIANCE = "192.0.2.10"
APPLIANCE_6 = "2001:db8:2::10"
REGISTRAR = "192.0.2.1"
DOMAIN = "lab.example"

# User of the address of record -> digest user. An account that serves no trunk group lends its
# credentials to a trunk group at its IP group.
REGISTRANTS = {
    "gateway": "gateway",
    "2001": "office",
    "2002": "office",
    "3000": "office",
    "100": "office",
    "200": "branch",
    "300": "hotel",
}
AORS = {f"{user}@{DOMAIN}" for user in REGISTRANTS}


def proxy_and_registration(document):
    return document["signaling_and_media"]["sip_definitions"]["proxy_and_registration"]


def general(document):
    return document["signaling_and_media"]["sip_definitions"].setdefault("general", {})


def only_account(document, **fields):
    """Leaves one account alone of all that registers: 'office' as it is, but for `fields`."""
    core = document["signaling_and_media"]
    account = core["accounts"][0]
    account.update(fields)
    core["accounts"] = [account]
    core.pop("gateway", None)
    proxy_and_registration(document).update(enable_registration=False, use_default_proxy=False)


def proxy_set(document):
    return document["signaling_and_media"]["proxy_sets"][0]
