#!/bin/sh
# Make the secrets that compose.yaml mounts, once; what is there already stays.
# They belong to the containers' user (10001) where this runs as root; else they are readable through a group-free
# folder of mode 0711 by whoever knows their name, because the engine mounts them with their owner.
set -eu
folder="$(dirname "$0")/../.ramal/secrets"
mkdir -p "$folder"
chmod 0711 "$folder"
for name in ari_password ami_secret admin_token admin_password; do
    [ -s "$folder/$name" ] && continue
    head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' > "$folder/$name"
    if [ "$(id -u)" = 0 ]; then
        chown 10001:10001 "$folder/$name"
        chmod 0400 "$folder/$name"
    else
        chmod 0444 "$folder/$name"
    fi
done
echo "Secrets are in $folder; the first admin's password: $folder/admin_password"
