#!/bin/sh
# Make what compose.yaml reads as secrets, where it is not there yet: the database's password, and a
# certificate for localhost that nobody else vouches for (docs/deploy.md says how to replace it).
# Usage: sh deploy/make_secrets.sh [FOLDER]
set -eu
folder=${1:-secrets}
umask 077
mkdir -p "$folder"

if [ ! -e "$folder/postgres_password" ]; then
  openssl rand -hex 24 > "$folder/postgres_password"
  printf 'postgresql://cac:%s@postgresql/cac\n' "$(cat "$folder/postgres_password")" \
    > "$folder/cac_database_url"
fi
if [ ! -e "$folder/tls_key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$folder/tls_key" -out "$folder/tls_certificate" 2> /dev/null
fi
# The folder is its owner's alone; within a container its files are read by another user.
chmod 444 "$folder"/*
