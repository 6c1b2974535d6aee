#!/bin/sh
# Hands each payment file in a folder to importer.py; see README.md.

if [ $# -ne 3 ]; then
    echo "usage: nightly.sh INBOX BOOK LOG"
    exit 1
fi
inbox=$1
book=$2
log=$3

mkdir -p $inbox/done $inbox/failed
for file in $(ls $inbox | grep csv); do
    what=$(python3 importer.py $book $inbox/$file 2>&1 | tail -n 1)
    if [ $? -eq 0 ]; then
        echo "ok $file: $what" >>$log
        mv $inbox/$file $inbox/done
    else
        echo "failed $file: $what" >>$log
        mv $inbox/$file $inbox/failed
        status=1
    fi
done
exit $status
