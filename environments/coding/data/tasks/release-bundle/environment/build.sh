#!/bin/sh
# Packs a folder into a bundle; see docs/bundle.md.

if [ $# -ne 3 ]; then
    echo "usage: build.sh NAME SOURCE OUT" >&2
    exit 2
fi
name=$1
source=$2
out=$3
tools=$(dirname "$0")/tools
stage=/tmp/bundle-$$

mkdir -p $stage/$name $out
for file in $(python3 $tools/manifest.py list $source); do
    mkdir -p "$stage/$name/$(dirname "$file")"
    cp -p "$source/$file" "$stage/$name/$file"
done
python3 $tools/manifest.py write $stage/$name | sort >$stage/$name/MANIFEST
tar -czf $out/$name.tar.gz -C $stage $name
python3 $tools/verify.py $out/$name.tar.gz || echo "the bundle is not right" >&2
rm -rf $stage
