# Trunkline in a container. Its ports are kernel interfaces or memif then (docs/appliance.md). The
# configuration is ./trunkline/trunkline.yaml here, and what is saved stands beside it:
#
#   docker build -t trunkline .
#   docker run --rm --cap-add NET_ADMIN --cap-add NET_RAW --cap-add SYS_ADMIN --device /dev/net/tun \
#              -v ./trunkline:/etc/trunkline -v trunkline:/var/lib/trunkline trunkline
FROM debian:12-slim AS build
COPY . /source
WORKDIR /source
RUN apt-get update && . tools/packages.sh && install_packages build \
    && meson setup --buildtype=release --prefix=/usr /build && ninja -C /build trunkline \
    && meson install -C /build --no-rebuild --strip --destdir /installed \
    && PYTHONPATH=tools python3 -m image_builder.container_packages /build/trunkline > /installed/packages

FROM debian:12-slim
COPY --from=build /installed/ /
RUN apt-get update \
    && apt-get install -y --no-install-recommends $(cat /packages) \
    && rm -rf /var/lib/apt/lists/* /packages
VOLUME /var/lib/trunkline
STOPSIGNAL SIGTERM
CMD ["trunkline", "run", "/etc/trunkline/trunkline.yaml"]
