set -eu
jq -nr '"jq"'
gawk 'BEGIN { print "gawk" }'
echo '6 * 7' | bc
bats --version
