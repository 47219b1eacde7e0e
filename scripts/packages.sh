#!/bin/sh
# scripts/packages.sh "<why>" <package>...   installs Debian packages that are missing, or says the command.
set -eu
why=$1
shift
missing=""
for package in "$@"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
command="apt-get install --yes --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    echo "Installing$missing ($why) ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $command >/dev/null
elif sudo -n true 2>/dev/null; then
    echo "Installing$missing with sudo ($why) ..."
    sudo apt-get update -qq
    sudo DEBIAN_FRONTEND=noninteractive $command >/dev/null
else
    echo "$why needs Debian packages that are missing. Please run:  sudo $command" >&2
    exit 1
fi
