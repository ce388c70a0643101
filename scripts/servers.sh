#!/bin/sh
# Installs the servers of S3 and SQS that test/servers/ runs against, in pinned versions, and says where they are. What
# is there already is left alone.
#
#   scripts/servers.sh          into node_modules/.cache/lading-servers, or $LADING_SERVERS
#   scripts/servers.sh NAME     only that one of versitygw, minio, gofakes3 and moto
#
# Needs go, python3 (with venv), java (17 or newer), mvn and cc; packages come from the Go module proxy, PyPI and Maven
# Central. With cold caches it takes about four minutes on two cores and 3 GB, nearly all of it compiling Go, which
# keeps both busy: so one after the other.
set -eu

VERSITYGW=v1.8.0
# Its releases are dates, which are no versions to Go: this is the last commit.
MINIO=v0.0.0-20260212201848-7aac2a2c5b7c
GOFAKES3=v1.2.0
MOTO=5.2.5
ELASTICMQ=1.7.1

project=$(cd "$(dirname "$0")/.." && pwd)
home=${LADING_SERVERS:-$project/node_modules/.cache/lading-servers}
mkdir -p "$home"
home=$(cd "$home" && pwd)
. "$project/scripts/install.sh"

fail() {
  echo "servers.sh: $*" >&2
  exit 1
}

need() {
  command -v "$1" > /dev/null || fail "$1 is missing; it is needed to install $2"
}

install() {
  install_whole "$@" || fail "$1 $2 could not be installed"
}

# Into the folder $1 the program $2. Flags that suit somebody's checkout, such as -mod=vendor, would be in the way.
build() {
  thrice env "GOBIN=$1" GOFLAGS=-trimpath go install -ldflags='-s -w' "$2"
}

versitygw() {
  build "$1" "github.com/versity/versitygw/cmd/versitygw@$VERSITYGW"
}

minio() {
  build "$1" "github.com/minio/minio@$MINIO"
}

gofakes3() {
  build "$1" "github.com/johannesboyne/gofakes3/cmd/gofakes3@$GOFAKES3"
}

# The scripts of a virtual environment name the folder that it was made in; its interpreter, started with -m, does not.
moto() {
  python3 -m venv --copies "$1" && "$1/bin/python" -m pip install --quiet "moto[server]==$MOTO"
}

# With a clock to preload, which tests set: not all of it asks its own NowProvider for the time.
elasticmq() {
  mvn -q -B -f "$project/test/servers/elasticmq/pom.xml" "-Delasticmq.version=$ELASTICMQ" \
    dependency:copy-dependencies "-DoutputDirectory=$1/lib" -DincludeScope=runtime &&
    cc -O1 -shared -fPIC -o "$1/clock.so" "$project/test/servers/elasticmq/clock.c"
}

if [ $# -gt 0 ]; then
  case $1 in
    versitygw) version=$VERSITYGW tool=go ;;
    minio) version=$MINIO tool=go ;;
    gofakes3) version=$GOFAKES3 tool=go ;;
    moto) version=$MOTO tool=python3 ;;
    *) fail "no server \"$1\" can be installed alone" ;;
  esac
  need "$tool" "$1"
  install "$1" "$version" "$1"
  exit
fi

need go 'versitygw, MinIO and gofakes3'
need python3 moto
install versitygw "$VERSITYGW" versitygw
install minio "$MINIO" minio
install gofakes3 "$GOFAKES3" gofakes3
install moto "$MOTO" moto
if [ "$(uname -s)" = Linux ]; then
  for tool in java mvn cc; do need "$tool" ElasticMQ; done
  install elasticmq "$ELASTICMQ" elasticmq
else
  echo 'elasticmq: left out, for its clock is preloaded as on Linux'
fi
