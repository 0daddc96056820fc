# Test mode: runs bats over the files of tests.
#   bash test.sh ENTRY FILE... -- [bats' own arguments]
# Files of tests are *.bats; without one, the entry file.

entry=$1 tests=()
shift
while [ "$1" != -- ]; do
  case $1 in *.bats) tests+=("$1") ;; esac
  shift
done
shift
[ "${#tests[@]}" -gt 0 ] || tests=("$entry")

exec bats --report-formatter junit --output /tmp "$@" "${tests[@]}"
