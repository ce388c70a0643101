# To be sourced, with $home set: how programs in pinned versions are installed below it.

# Runs an installer $3 that fills the folder $home/$1-$2, which appears only when it is whole.
# Fails where that does, and leaves its talk in $home/$1.log.
install_whole() {
  name=$1 version=$2 installer=$3
  folder=$home/$name-$version
  if [ -d "$folder" ]; then
    echo "$name $version: there already ($folder)"
    return
  fi
  started=$(date +%s)
  rm -rf "$folder.part"
  mkdir "$folder.part"
  "$installer" "$folder.part" > "$home/$name.log" 2>&1 || {
    cat "$home/$name.log" >&2
    rm -rf "$folder.part"
    return 1
  }
  # One version at a time, so that nobody need choose.
  find "$home" -maxdepth 1 -type d -name "$name-*" ! -name '*.part' -exec rm -rf {} +
  mv "$folder.part" "$folder"
  rm -f "$home/$name.log"
  echo "$name $version: installed in $(($(date +%s) - started)) s ($folder)"
}

# Does the rest of the line until it succeeds, three times at most. What a network that stumbles has brought is kept, so
# that a second try goes on.
thrice() {
  for try in 1 2 3; do
    "$@" && return
    echo "try $try of 3 failed" >&2
    sleep 2
  done
  return 1
}
