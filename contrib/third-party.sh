#!/bin/sh
# Prints the licences of everything that is built into the binary: their authors ask that the texts go with it. Each text is
# printed once, below the names of all crates that have it.
set -eu
cd "$(dirname "$0")/.."
sources="${CARGO_HOME:-$HOME/.cargo}/registry/src"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT INT TERM

cargo tree --locked --features bundled-openssl --edges normal,build --prefix none --no-dedupe --format '{p}|{l}' | sort -u |
    while IFS='|' read -r package licence; do
        name="${package%% *}"
        version="${package#* v}"
        version="${version%% *}"
        # The workspace's own, whose licence stands beside this file.
        folder="$(ls -d "$sources"/*/"$name-$version" 2>/dev/null | head -n 1)" || true
        [ -n "$folder" ] || continue
        echo "$name $version: $licence" >>"$work/names"
        # The C libraries that some crates carry have a licence of their own.
        for text in "$folder"/LICENSE* "$folder"/COPYING* "$folder"/NOTICE* \
            "$folder"/libssh2/COPYING "$folder"/openssl/LICENSE.txt "$folder"/src/zlib/LICENSE; do
            [ -f "$text" ] || continue
            sum="$(sha256sum <"$text" | cut -c 1-16)"
            cp "$text" "$work/$sum.text"
            echo "$name $version, $(basename "$text")" >>"$work/$sum.of"
        done
    done

echo "slaudit is built with these libraries."
echo
cat "$work/names"
for of in "$work"/*.of; do
    printf '\n%s\n' "------------------------------------------------------------------------"
    cat "$of"
    printf '%s\n\n' "------------------------------------------------------------------------"
    cat "${of%.of}.text"
done
