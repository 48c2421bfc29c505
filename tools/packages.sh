# The Debian 12 packages that Trunkline is built, run and tested with: the only list of them.
# Sourced by tools/run, tools/test and tools/image and by the Dockerfile; sourcing it does nothing.
#
#   install_packages GROUP...    installs what is missing of the groups build, lab, test, image,
#                                image_test and bench

packages_build="
    g++ meson ninja-build pkg-config python3 python3-yaml
    libdpdk-dev libosip2-dev libssl-dev libyaml-cpp-dev libspdlog-dev libfmt-dev libcli11-dev
    nlohmann-json3-dev libcpp-httplib-dev libmnl-dev libc-ares-dev libpugixml-dev libedit-dev zlib1g-dev
    prometheus-cpp-dev libsnmp-dev libsystemd-dev
    libgtest-dev libgmock-dev"
packages_lab="
    kamailio kamailio-tls-modules dnsmasq-base iproute2 ethtool util-linux python3 python3-yaml
    curl ca-certificates
    libjs-bootstrap5 libjs-chart.js"
packages_test="
    clang-format clang-16 libclang-rt-16-dev openssl tshark sip-tester iputils-ping
    chromium chromium-driver python3-selenium nodejs
    python3-pytest python3-jsonschema python3-paramiko python3-netmiko openssh-server
    git valgrind prometheus snmpd snmp snmptrapd"
packages_image="
    python3 python3-yaml mmdebstrap dpkg kmod binutils openssl zstd squashfs-tools fdisk dosfstools mtools
    e2fsprogs grub-common grub-pc-bin grub-efi-amd64-bin qemu-utils"
packages_image_test="qemu-system-x86 ovmf seabios genisoimage openssh-client"
packages_bench="kamailio dpdk-dev libre-dev"

# What has to be put before a command that needs root; empty for root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        return 0
    fi
    if ! command -v sudo >/dev/null; then
        echo "this needs root: run it as root, or install sudo" >&2
        return 1
    fi
    echo sudo
}

# Those of the packages given that are not installed.
missing_packages() {
    for package in "$@"; do
        case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) echo "$package" ;;
        esac
    done
}

# apt-get and nothing else may talk to the terminal or start a service: a freshly installed registrar
# would take port 5060 of this machine, now and at every boot.
install_packages() {
    wanted=""
    for group in "$@"; do
        eval "wanted=\"\$wanted \$packages_$group\""
    done
    # shellcheck disable=SC2086 # a list of words
    missing=$(missing_packages $wanted)
    if [ -z "$missing" ]; then
        return 0
    fi
    if ! command -v apt-get >/dev/null; then
        echo "these packages are missing, and there is no apt-get here to install them:" >&2
        echo "$missing" | tr '\n' ' ' >&2
        echo >&2
        return 1
    fi
    sudo=$(as_root) || return 1
    echo "installing: $(echo "$missing" | tr '\n' ' ')" >&2
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! $sudo sh -s -- $missing >"$log" 2>&1 <<'AS_ROOT'
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
put_back() {
    rm -f "$policy"
    if [ -e "$policy.before-trunkline" ] || [ -L "$policy.before-trunkline" ]; then
        mv "$policy.before-trunkline" "$policy"
    fi
}
trap put_back EXIT
trap 'exit 1' HUP INT TERM
if [ -e "$policy" ] && [ ! -e "$policy.before-trunkline" ]; then
    mv "$policy" "$policy.before-trunkline"
fi
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"
quiet="-qq -o Dpkg::Use-Pty=0"
apt-get $quiet update
apt-get $quiet install -y --no-install-recommends "$@" </dev/null
for package_and_service in kamailio:kamailio openssh-server:ssh prometheus:prometheus snmpd:snmpd \
    snmptrapd:snmptrapd; do
    case " $* " in
    *" ${package_and_service%:*} "*)
        update-rc.d "${package_and_service#*:}" disable >/dev/null 2>&1 || true ;;
    esac
done
AS_ROOT
    then
        cat "$log" >&2
        rm -f "$log"
        echo "apt-get could not install the packages (its words are above)." >&2
        echo "Are Debian 12's main packages reachable? Then try: apt-get update" >&2
        return 1
    fi
    rm -f "$log"
}
