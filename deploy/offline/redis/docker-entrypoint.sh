#!/bin/sh
# Options alone are the server's. As in the official image, whoever is on its network may come in unless rules are given.
set -eu
if [ "$#" -eq 0 ] || [ "${1#-}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ]; then
  shift
  # A settings file has to come first.
  case "${1:-}" in *.conf) settings=$1 && shift && set -- "$settings" --bind '* -::*' --protected-mode no "$@" ;;
  *) set -- --bind '* -::*' --protected-mode no "$@" ;; esac
  set -- redis-server "$@"
fi
exec "$@"
