#!/bin/sh
# Makes the cluster at the first start, then runs the server. POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE; POSTGRES_USER; POSTGRES_DB.
set -eu
if [ "$1" != postgres ]; then exec "$@"; fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=${POSTGRES_USER:-postgres}
  password=${POSTGRES_PASSWORD:-}
  [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || password=$(cat "$POSTGRES_PASSWORD_FILE")
  if [ -z "$password" ]; then
    echo 'POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE) is not set. A database without a password is not started.' >&2
    exit 1
  fi
  secret=$(mktemp)
  trap 'rm -f "$secret"' EXIT
  printf '%s\n' "$password" > "$secret"
  initdb --pgdata="$PGDATA" --username="$user" --pwfile="$secret" --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8
  rm -f "$secret"
  trap - EXIT
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  database=${POSTGRES_DB:-$user}
  if [ "$database" != postgres ]; then
    # On its socket alone: nobody meets a server that has no database yet.
    pg_ctl --pgdata="$PGDATA" --wait --options="-c listen_addresses=''" start
    createdb --username="$user" --maintenance-db=postgres "$database"
    pg_ctl --pgdata="$PGDATA" --wait --mode=fast stop
  fi
fi
shift
exec postgres -c listen_addresses='*' "$@"
