#!/bin/sh
# Makes what mutual TLS needs under the folder it is given: ca/, server/, client/. Keys are made once, so that whoever holds a
# client key keeps it; certificates are made anew at every start, for the server's addresses may have changed.
set -eu
folder=$1
days=825
# Made and kept elsewhere, by somebody who keeps the authority's key as well.
if [ -s "$folder/server/key.pem" ] && [ -s "$folder/server/cert.pem" ] && [ ! -e "$folder/ca/key.pem" ]; then
  openssl verify -CAfile "$folder/server/ca.pem" "$folder/server/cert.pem"
  exit
fi
mkdir -p "$folder/ca" "$folder/server" "$folder/client"

key() {
  [ -s "$1" ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# signed NAME EXTENSIONS
signed() {
  key "$folder/$1/key.pem"
  printf '%s\n' "$2" > "$folder/$1/extensions.cnf"
  openssl req -new -key "$folder/$1/key.pem" -subj "/CN=engine $1" -out "$folder/$1/request.pem"
  openssl x509 -req -in "$folder/$1/request.pem" -CA "$folder/ca/cert.pem" -CAkey "$folder/ca/key.pem" -CAcreateserial \
    -days "$days" -extfile "$folder/$1/extensions.cnf" -out "$folder/$1/cert.pem" 2> /dev/null
  cp "$folder/ca/cert.pem" "$folder/$1/ca.pem"
  openssl verify -CAfile "$folder/$1/ca.pem" "$folder/$1/cert.pem" > /dev/null
}

key "$folder/ca/key.pem"
openssl req -new -x509 -key "$folder/ca/key.pem" -days "$days" -subj '/CN=engine CA' -out "$folder/ca/cert.pem"

names="DNS:$(hostname),DNS:docker,DNS:localhost"
for address in $(hostname -I) 127.0.0.1; do names="$names,IP:$address"; done
[ -z "${DOCKER_TLS_SAN:-}" ] || names="$names,$DOCKER_TLS_SAN"
signed server "subjectAltName = $names"
signed client 'extendedKeyUsage = clientAuth'
# The client is another user in another container; who may read the folder is decided by who is given the volume.
chmod 644 "$folder/client/key.pem"
