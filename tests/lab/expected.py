"""What conf/lab.yaml makes of the appliance, as the tests expect to see it."""

APPLIANCE = "192.0.2.10"
REGISTRAR = "192.0.2.1"
DOMAIN = "lab.example"

# User of the address of record -> digest user.
REGISTRANTS = {
    "gateway": "gateway",
    "2001": "gateway",
    "2002": "gateway",
    "3000": "gateway",
    "100": "office",
    "200": "branch",
    "300": "hotel",
}
AORS = {f"{user}@{DOMAIN}" for user in REGISTRANTS}


def proxy_and_registration(document):
    return document["signaling_and_media"]["sip_definitions"]["proxy_and_registration"]


def general(document):
    return document["signaling_and_media"]["sip_definitions"].setdefault("general", {})
