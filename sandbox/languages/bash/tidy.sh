#!/bin/bash
greet() {
  local name=$1
  if [ -z "$name" ]; then echo "hello"; else echo "hello, größe $name"; fi
}
case "$1" in
  a) greet ada ;;
  *) for n in 1 2; do greet "$n" | tr a-z A-Z; done ;;
esac
