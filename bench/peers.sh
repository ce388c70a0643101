#!/bin/sh
# Installs the programs that `npm run bench -- speed` compares Lading with, in pinned versions, a real tree of small
# files, and the servers that all of them are measured against. What is there already is left alone.
#
#   bench/peers.sh              into node_modules/.cache/lading-peers, or $LADING_PEERS
#
# To pin another version, change it here and run this again: a folder carries its version in its name, and the bench
# prints what it found. A peer that cannot be installed does not stop the others; its reason is kept beside them, and
# both this script and the bench end with an error.
#
# Needs go, python3 (with venv) and npm; packages come from the Go module proxy, PyPI and the npm registry. The fast
# server needs gcc, libcrypto's headers and ../shared/bench/s3d.c beside the checkout ($LADING_S3D names another
# place); without it only the real server is used. With cold caches it takes about six minutes on two cores.
set -eu

S5CMD=v2.3.0
RCLONE=v1.76.0
S3DEPLOY=v2.14.0
AWSCLI=1.46.3
S3CMD=2.4.0
S3_SYNC_CLIENT=4.3.1
# What s3-sync-client names as its peers.
AWS_SDK=3.1169.0
ABORT_CONTROLLER=3.374.0
# The real tree: 3,800 files, of which most have 1 to 3 KB.
TWEMOJI=15.0.0

project=$(cd "$(dirname "$0")/.." && pwd)
home=${LADING_PEERS:-$project/node_modules/.cache/lading-peers}
s3d=${LADING_S3D:-$project/../shared/bench/s3d.c}
mkdir -p "$home"
home=$(cd "$home" && pwd)
failed=
. "$project/scripts/install.sh"

# One that fails does not stop the others.
install() {
  if install_whole "$@"; then
    rm -f "$home/$1.missing"
    return
  fi
  echo "$2: $(grep -v '^try ' "$home/$1.log" | tail -n 2 | tr -s '[:space:]' ' ' | sed 's,https*://[^ ]*,,')" > "$home/$1.missing"
  echo "peers.sh: $1 $2 could not be installed" >&2
  failed="$failed $1"
}

# Into the folder $1 the program of the package $2 at the version $3. A module of its own names the one version: `go
# install PACKAGE@VERSION` asks for the list of all versions too, which a proxy may not have.
build() {
  mkdir "$1/module"
  cd "$1/module"
  go mod init peers
  go mod edit -require "$2@$3"
  thrice env GOFLAGS='-trimpath -mod=mod' go build -ldflags='-s -w' -o "$1/" "$2"
}

# In a subshell, for it changes its folder.
s5cmd() { (build "$1" github.com/peak/s5cmd/v2 "$S5CMD"); }
rclone() { (build "$1" github.com/rclone/rclone "$RCLONE"); }
s3deploy() { (build "$1" github.com/bep/s3deploy/v2 "$S3DEPLOY"); }

# The scripts of a virtual environment name the folder that it was made in: they are started by its interpreter.
python_package() {
  python3 -m venv --copies "$1" && "$1/bin/python" -m pip install --quiet "$2"
}
awscli() { python_package "$1" "awscli==$AWSCLI"; }
s3cmd() { python_package "$1" "s3cmd==$S3CMD"; }

npm_packages() {
  into=$1
  shift
  echo '{ "private": true }' > "$into/package.json"
  npm install --prefix "$into" --ignore-scripts --no-audit --no-fund --save-exact "$@"
}
s3_sync_client() {
  npm_packages "$1" "s3-sync-client@$S3_SYNC_CLIENT" "@aws-sdk/client-s3@$AWS_SDK" \
    "@aws-sdk/abort-controller@$ABORT_CONTROLLER"
}
twemoji() { npm_packages "$1" "@twemoji/svg@$TWEMOJI"; }

# With bench/speed/judge.h between its parser and its deeds.
s3d() {
  sed -e 's/handle(c,&r);/if(!judged(c,\&r)) &/' \
    -e 's/if(extra)bs(&c->out,extra);/& bs(\&c->out,also);/' \
    -e 's/^static int ep;/static char also[160]; &/' \
    -e '/^static void flushc(Conn\*c); static void killc/i #include "judge.h"' "$s3d" > "$1/s3d.c"
  [ "$(grep -c -e 'judged(c,&r)' -e 'c->out,also' -e 'also\[160\]' -e 'judge.h' "$1/s3d.c")" = 4 ] &&
    gcc -O2 -w "-I$project/bench/speed" -o "$1/s3d" "$1/s3d.c" -lcrypto
}

for tool in go python3 npm; do
  command -v "$tool" > /dev/null || { echo "peers.sh: $tool is missing" >&2; exit 1; }
done
install s5cmd "$S5CMD" s5cmd
install rclone "$RCLONE" rclone
install s3deploy "$S3DEPLOY" s3deploy
install awscli "$AWSCLI" awscli
install s3cmd "$S3CMD" s3cmd
install s3-sync-client "$S3_SYNC_CLIENT" s3_sync_client
install twemoji "$TWEMOJI" twemoji
if [ -f "$s3d" ]; then
  install s3d "$(cat "$s3d" "$project/bench/speed/judge.h" | cksum | cut -d' ' -f1)" s3d
else
  echo "s3d: left out, for $s3d is not there; only the real server will be used"
fi
# Its version is pinned where the tests that run against it find it.
"$project/scripts/servers.sh" versitygw

[ -z "$failed" ] || { echo "peers.sh: missing:$failed" >&2; exit 1; }
