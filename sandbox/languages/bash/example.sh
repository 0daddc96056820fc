# Three orders come in. The loop adds them up as it should, so why is the total nothing?

total=0

printf '%s\n' "coffee 450" "tea 300" "cake 520" |
  while read -r item cents; do
    total=$((total + cents))
    echo "$item: $cents cents, $total so far"
  done

echo "total: $total cents"

if [ "$total" -ne 1270 ]; then
  echo "The total should be 1270 cents but is $total" >&2
  exit 1
fi
