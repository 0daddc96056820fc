# The name of a file without its folders and its ending.
stem() {
  local name=${1##*/}
  echo "${name%%.*}"
}

@test "takes the folders away" {
  [ "$(stem /var/log/messages)" = messages ]
}

@test "takes the ending away" {
  [ "$(stem photo.jpeg)" = photo ]
}

@test "takes only the last of two endings away" {
  run stem archive.tar.gz
  echo "got: $output"
  [ "$output" = archive.tar ]
}

@test "of a hidden file" {
  skip "nobody has said what the ending of .profile is"
}
