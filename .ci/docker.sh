#!/bin/bash
# Build the images, run the composed system with a simulated telephone network, place calls, take it all down.
#
# Works as root on a fresh Debian 12: where no engine answers, Debian's own is started by hand with a data folder of
# its own; where no image registry answers, the base image is made from Debian's packages. Whatever this script
# started or made below .ramal/docker is gone when it ends.
set -euo pipefail
cd "$(dirname "$0")/.."

state="$PWD/.ramal/docker"
base=debian:forky-slim
project="ramal-ci-$$"
engine_pid=""
secrets_made=""
compose=()

say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }

finish() {
    local status=$?
    set +e
    if [ ${#compose[@]} -gt 0 ]; then
        if [ $status -ne 0 ]; then
            "${compose[@]}" ps
            "${compose[@]}" logs --no-color --tail=60
        fi
        "${compose[@]}" down --volumes --remove-orphans --timeout 10 >/dev/null 2>&1
    fi
    if [ -n "$engine_pid" ]; then
        kill "$engine_pid" 2>/dev/null
        for _ in $(seq 60); do kill -0 "$engine_pid" 2>/dev/null || break; sleep 0.5; done
        grep -o "$state/[^ ]*" /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
        rm -rf "$state"
    fi
    [ -z "$secrets_made" ] || rm -rf .ramal/secrets
    if [ $status -eq 0 ]; then say "Docker: all passed"; else say "Docker: FAILED (status $status)"; fi
    exit $status
}
trap finish EXIT

packages() {
    local missing=()
    for package in "$@"; do dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    # Debian's package would start a service of its own where one may be started; this run starts its own engine.
    local guard=/usr/sbin/policy-rc.d placed=""
    if [ ! -e $guard ]; then printf '#!/bin/sh\nexit 101\n' > $guard; chmod 755 $guard; placed=1; fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    [ -z "$placed" ] || rm -f $guard
}

start_engine() {
    docker info >/dev/null 2>&1 && { say "a container engine answers"; return; }
    packages docker.io iptables
    mkdir -p "$state"
    # A socket's path may have 107 bytes; the state folder may lie deep.
    local socket
    socket="$(mktemp -d)/docker.sock"
    dockerd --data-root "$state/data" --exec-root "$state/exec" --pidfile "$state/pid" \
        --host "unix://$socket" >"$state/log" 2>&1 &
    engine_pid=$!
    export DOCKER_HOST="unix://$socket"
    for _ in $(seq 60); do
        docker info >/dev/null 2>&1 && { say "started an engine of our own"; return; }
        kill -0 "$engine_pid" 2>/dev/null || break
        sleep 0.5
    done
    tail -n 20 "$state/log"
    return 1
}

make_base() {
    docker image inspect $base >/dev/null 2>&1 && return
    timeout 60 docker pull -q $base >/dev/null 2>&1 && { say "pulled $base"; return; }
    say "no image registry answers: making $base from Debian's packages"
    packages mmdebstrap debian-archive-keyring
    mkdir -p "$state"
    local tree="$state/base.tar" extra="$state/extra" certificates=/etc/ssl/certs/ca-certificates.crt
    mmdebstrap --quiet --variant=minbase --include=ca-certificates \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' forky "$tree"
    # A network that re-signs TLS is only trusted with the host's own bundle.
    mkdir -p "$extra/usr/local/share"
    cp $certificates "$extra/usr/local/share/host-certificates.crt"
    tar --append --file "$tree" --directory "$extra" ./usr/local/share/host-certificates.crt
    docker import \
        --change 'ENV PIP_CERT=/usr/local/share/host-certificates.crt' \
        --change 'CMD ["bash"]' "$tree" $base >/dev/null
    rm -rf "$tree" "$extra"
    say "made $base"
}

find_compose() {
    if docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
    else
        packages docker-compose
        compose=(docker-compose)
    fi
    compose+=(--project-name "$project" -f compose.yaml -f docker/telco/compose.yaml)
}

start_engine
make_base
[ -d console/dist ] || make console
[ -d .ramal/secrets ] || { docker/secrets.sh; secrets_made=1; }
export RAMAL_SIP_BIND=127.0.0.1 RAMAL_RTP=10000-10039
export RAMAL_SIP_PORT="${RAMAL_SIP_PORT:-15060}" RAMAL_SIPS_PORT="${RAMAL_SIPS_PORT:-15061}"
export RAMAL_TRUNK_PORT="${RAMAL_TRUNK_PORT:-15070}" RAMAL_WSS_PORT="${RAMAL_WSS_PORT:-18089}"
export RAMAL_CONSOLE_PORT="${RAMAL_CONSOLE_PORT:-18080}"

for image in pbx app telco; do
    name=ramal-$image
    [ $image = pbx ] && name=ramal-pbx:22.10
    docker build --quiet --network=host --tag "$name" --file "docker/$image/Dockerfile" . >"$PWD/.ramal/docker-$image.log" 2>&1 \
        || { tail -n 30 "$PWD/.ramal/docker-$image.log"; exit 1; }
    say "built $name"
done

find_compose
"${compose[@]}" up -d --no-build >"$PWD/.ramal/docker-compose.log" 2>&1 || { cat "$PWD/.ramal/docker-compose.log"; exit 1; }
for service in pbx app telco; do
    container="$("${compose[@]}" ps -q $service)"
    for _ in $(seq 90); do
        health="$(docker inspect --format '{{.State.Health.Status}}' "$container")"
        [ "$health" = healthy ] && break
        sleep 1
    done
    [ "$health" = healthy ] || { say "$service is $health"; exit 1; }
    [ "$(docker inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}' "$container")" \
        = "10001:10001 true [ALL]" ] || { say "$service has rights that it should not have"; exit 1; }
    say "$service is healthy"
done

# ARI and AMI must not be reachable from where phones are.
for port in 8088 5038; do
    ! "${compose[@]}" port pbx $port 2>/dev/null | grep -q ':[1-9]' || { say "port $port is published"; exit 1; }
done

"${compose[@]}" exec -T telco python3 -m pbx.probe 5000
token="$(cat .ramal/secrets/admin_token)"
calls="$(curl --silent --show-error --fail --noproxy '*' -H "Authorization: Bearer $token" \
    "http://127.0.0.1:$RAMAL_CONSOLE_PORT/api/v1/calls")"
grep -q '"to": *"5000"' <<<"$calls" || { say "the application does not know of the call: $calls"; exit 1; }
say "the application has the call"

# Without the application the dialplan serves the caller.
"${compose[@]}" stop app >/dev/null 2>&1
"${compose[@]}" exec -T telco python3 -m pbx.probe 5000
say "without the application the PBX served the caller by itself"
