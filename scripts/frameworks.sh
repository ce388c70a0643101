#!/bin/sh
# Installs what test/frameworks/ builds with as each fixture's package-lock.json pins it: frameworks, the newer Node that
# the current ones ask for (Linux), and earlier versions of Vite with the plugin-legacy that takes no other.
# What is there already is left alone.
#
#   scripts/frameworks.sh       into node_modules/.cache/lading-frameworks, or $LADING_FRAMEWORKS
set -eu

project=$(cd "$(dirname "$0")/.." && pwd)
home=${LADING_FRAMEWORKS:-$project/node_modules/.cache/lading-frameworks}

for fixture in node-24 astro-5 astro-7 nuxt-4 sveltekit-2 sveltekit-3 vite-6-legacy vite-7-legacy; do
  folder=$home/$fixture
  lock=$project/test/frameworks/$fixture/package-lock.json
  # The copy of the lock is made last: a folder that holds the same one is whole.
  if cmp -s "$lock" "$folder/installed.json"; then
    echo "$fixture: there already ($folder)"
    continue
  fi
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$project/test/frameworks/$fixture/package.json" "$lock" "$folder"
  # npm runs on this Node, which the newer ones are not for: it would warn of each of their packages.
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel error)
  cp "$lock" "$folder/installed.json"
  echo "$fixture: installed ($folder)"
done
