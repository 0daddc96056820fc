#!/bin/sh
# Without a command, or with options alone, starts the engine: on its socket, and on 2376 for whoever has a certificate.
set -eu
if [ "$#" -gt 0 ] && [ "${1#-}" = "$1" ]; then exec "$@"; fi

if [ -z "${DOCKER_TLS_CERTDIR:-}" ]; then
  echo 'DOCKER_TLS_CERTDIR is empty. An engine on a network without TLS is root for everybody there, so this one does not start.' >&2
  exit 1
fi
certificates.sh "$DOCKER_TLS_CERTDIR"
# Of an engine that was killed.
rm -f /var/run/docker.pid /var/run/docker/containerd/containerd.pid

# On cgroup v2 a group that hands out limits may have no processes of its own: ours, and whoever else is in it, go one down.
if [ -w /sys/fs/cgroup/cgroup.subtree_control ]; then
  mkdir -p /sys/fs/cgroup/engine
  while read -r pid; do echo "$pid" > /sys/fs/cgroup/engine/cgroup.procs || true; done < /sys/fs/cgroup/cgroup.procs
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control || true
  done
fi
exec dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2376 --tlsverify \
  --tlscacert="$DOCKER_TLS_CERTDIR/server/ca.pem" \
  --tlscert="$DOCKER_TLS_CERTDIR/server/cert.pem" \
  --tlskey="$DOCKER_TLS_CERTDIR/server/key.pem" "$@"
