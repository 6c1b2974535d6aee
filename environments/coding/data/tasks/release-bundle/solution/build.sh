#!/bin/sh
# Packs a folder into a bundle; see docs/bundle.md.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

usage() {
    echo 'usage: build.sh NAME SOURCE OUT' >&2
    exit 2
}

[ $# -eq 3 ] || usage
name=$1 source=$2 out=$3
case $name in
    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) usage ;;
esac
case $source in
    /*) ;;
    *) source=./$source ;;
esac
case $out in
    /*) ;;
    *) out=./$out ;;
esac
if [ ! -d "$source" ]; then
    echo 'build.sh: SOURCE is no folder' >&2
    exit 1
fi
tools=$(cd "$(dirname -- "$0")" && pwd -P)/tools

stage=$(mktemp -d)
part=
trap 'rm -rf -- "$stage" ${part:+"$part"}' EXIT
trap 'exit 130' HUP INT TERM

mkdir "$stage/$name"
python3 "$tools/manifest.py" list "$source" >"$stage/list"
(cd "$source" && xargs -0 -r cp --parents --preserve=mode -t "$stage/$name" --) <"$stage/list"
if [ -e "$stage/$name/MANIFEST" ]; then
    echo 'build.sh: SOURCE has a MANIFEST already' >&2
    exit 1
fi
python3 "$tools/manifest.py" write "$stage/$name" >"$stage/manifest"
mv -- "$stage/manifest" "$stage/$name/MANIFEST"

find "$stage/$name" -type d -exec chmod 755 {} +
find "$stage/$name" -type f -perm -u+x -exec chmod 755 {} +
find "$stage/$name" -type f ! -perm -u+x -exec chmod 644 {} +
tar --format=gnu --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$stage/bundle.tar" -C "$stage" -- "$name"
gzip -n -9 "$stage/bundle.tar"
python3 "$tools/verify.py" "$stage/bundle.tar.gz" >&2

mkdir -p -- "$out"
if [ -d "$out/$name.tar.gz" ]; then
    echo 'build.sh: a folder has the name of the bundle' >&2
    exit 1
fi
part=$(mktemp -- "$out/.bundle.XXXXXX")
cp -- "$stage/bundle.tar.gz" "$part"
chmod 644 "$part"
mv -f -- "$part" "$out/$name.tar.gz"
