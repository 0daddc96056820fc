greet() {
  echo "hello"
}
for n in 1 2; greet; done # broken
