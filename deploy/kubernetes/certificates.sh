#!/bin/sh
# Makes the certificates the engine and its clients know each other by, and hands them to the cluster as two secrets. The key
# of the authority is thrown away: for new certificates (after 825 days) run this again and restart both sides.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

key() { openssl ecparam -genkey -name prime256v1 -noout -out "$1"; }

# signed NAME EXTENSION
signed() {
  mkdir "$1"
  key "$1/key.pem"
  printf '%s\n' "$2" > extensions.cnf
  openssl req -new -key "$1/key.pem" -subj "/CN=engine $1" -out request.pem
  openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -extfile extensions.cnf -out "$1/cert.pem"
  cp ca.pem "$1/ca.pem"
  openssl verify -CAfile ca.pem "$1/cert.pem"
}

key ca-key.pem
openssl req -new -x509 -key ca-key.pem -days 825 -subj '/CN=engine CA' -out ca.pem
signed server 'subjectAltName = DNS:dind.bugghost-engine.svc, DNS:localhost, IP:127.0.0.1'
signed client 'extendedKeyUsage = clientAuth'

secret() {
  kubectl create secret generic "$2" --namespace "$1" --from-file=ca.pem="$3/ca.pem" --from-file=cert.pem="$3/cert.pem" \
    --from-file=key.pem="$3/key.pem" --dry-run=client --output=yaml | kubectl apply --filename -
}
secret bugghost-engine engine-server server
secret bugghost engine-client client
